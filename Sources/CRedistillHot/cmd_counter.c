/* This file owns the integer counters: INCR, DECR, INCRBY, DECRBY. */
#include "cmd.h"

static void add(struct rd_call *call, int64_t amount) {
    struct rd_found found = rd_call_write(call);
    int64_t value = 0, expiry = 0;
    struct rd_slice old = {NULL, 0};
    if (found.entry) {
        old = rd_entry_value(found.entry);
        expiry = rd_entry_expiry(found.entry);
        if (!rd_parse_i64(old.bytes, old.length, &value)) {
            rd_reply_not_an_integer(call->reply);
            return;
        }
    }
    if (__builtin_add_overflow(value, amount, &value)) {
        rd_reply_fail(call->reply, "ERR increment or decrement would overflow");
        return;
    }
    char text[RD_I64_DIGITS];
    struct rd_new_value new = {.value = {text, (size_t)(rd_format_i64(text, value) - text)}, .expiry = expiry};
    if (found.entry && new.value.length == old.length && !(found.entry->flags & RD_VALUE_BLOB)) {
        memcpy(rd_entry_value_place(found.entry), text, old.length); /* the usual case: as many digits as before */
    } else if (rd_shard_put(call->shard, call->hash, rd_call_key(call), &found, &new) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    rd_reply_integer(call->reply, value);
}

/* https://redis.io/docs/latest/commands/incr/ */
void rd_cmd_incr(struct rd_call *call) {
    add(call, 1);
}

/* https://redis.io/docs/latest/commands/decr/ */
void rd_cmd_decr(struct rd_call *call) {
    add(call, -1);
}

/* https://redis.io/docs/latest/commands/incrby/ */
void rd_cmd_incrby(struct rd_call *call) {
    int64_t amount;
    if (rd_parse_i64(call->argv[2].bytes, call->argv[2].length, &amount)) add(call, amount);
    else rd_reply_not_an_integer(call->reply);
}

/* https://redis.io/docs/latest/commands/decrby/ */
void rd_cmd_decrby(struct rd_call *call) {
    int64_t amount;
    if (!rd_parse_i64(call->argv[2].bytes, call->argv[2].length, &amount)) {
        rd_reply_not_an_integer(call->reply);
    } else if (amount == INT64_MIN) {
        rd_reply_fail(call->reply, "ERR decrement would overflow");
    } else {
        add(call, -amount);
    }
}
