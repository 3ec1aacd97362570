/* This file owns the counters: INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT. */
#include <math.h>

#include "call/handler.h"
#include "base/float_text.h"

static void add(struct rd_call *call, int64_t amount) {
    struct rd_found found = rd_call_write(call);
    if (rd_call_refuses(call, found.entry)) return;
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
        found.entry->flags &= (uint8_t)~RD_RAW;
        rd_shard_changed(call->shard, call->hash, found.entry, RD_CHANGE_VALUE);
    } else if (rd_shard_put(call->shard, call->hash, rd_call_key(call), &found, &new) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    rd_reply_integer(call->reply, value);
}

/* https://redis.io/docs/latest/commands/incr/ */
static void cmd_incr(struct rd_call *call) {
    add(call, 1);
}

/* https://redis.io/docs/latest/commands/decr/ */
static void cmd_decr(struct rd_call *call) {
    add(call, -1);
}

/* https://redis.io/docs/latest/commands/incrby/ */
static void cmd_incrby(struct rd_call *call) {
    int64_t amount;
    if (rd_call_integer(call, call->argv[2], &amount)) add(call, amount);
}

/* https://redis.io/docs/latest/commands/decrby/ */
static void cmd_decrby(struct rd_call *call) {
    int64_t amount;
    if (!rd_parse_i64(call->argv[2].bytes, call->argv[2].length, &amount)) {
        rd_reply_not_an_integer(call->reply);
    } else if (amount == INT64_MIN) {
        rd_reply_fail(call->reply, "ERR decrement would overflow");
    } else {
        add(call, -amount);
    }
}

/* https://redis.io/docs/latest/commands/incrbyfloat/ */
static void cmd_incrbyfloat(struct rd_call *call) {
    struct rd_found found = rd_call_write(call);
    if (rd_call_refuses(call, found.entry)) return;
    long double value = 0, amount;
    if ((found.entry && !rd_float_parse(rd_entry_value(found.entry), &value)) || !rd_float_parse(call->argv[2], &amount)) {
        rd_reply_fail(call->reply, "ERR value is not a valid float");
        return;
    }
    value += amount;
    if (isnan(value) || isinf(value)) {
        rd_reply_fail(call->reply, "ERR increment would produce NaN or Infinity");
        return;
    }
    char text[RD_FLOAT_TEXT];
    struct rd_new_value new = {.value = {text, rd_float_format(text, value)}};
    if (found.entry) new.expiry = rd_entry_expiry(found.entry);
    if (rd_shard_put(call->shard, call->hash, rd_call_key(call), &found, &new) != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_bulk(call->reply, text, new.value.length);
}

const struct rd_command rd_counter_commands[] = {
    {"decr", 2, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_decr,
     RD_DOCS("Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
             "1.0.0", "string", "O(1)", .syntax = "key")},
    {"decrby", 3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_decrby,
     RD_DOCS("Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't "
             "exist.", "1.0.0", "string", "O(1)", .syntax = "key decrement:integer")},
    {"incr", 2, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_incr,
     RD_DOCS("Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
             "1.0.0", "string", "O(1)", .syntax = "key")},
    {"incrby", 3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_incrby,
     RD_DOCS("Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
             "1.0.0", "string", "O(1)", .syntax = "key increment:integer")},
    {"incrbyfloat", 3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_incrbyfloat,
     RD_DOCS("Increment the floating point value of a key by a number. Uses 0 as initial value if the key doesn't "
             "exist.", "2.6.0", "string", "O(1)", .syntax = "key increment:double")},
    RD_END_OF_COMMANDS,
};
