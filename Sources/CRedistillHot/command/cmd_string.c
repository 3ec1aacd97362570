/* This file owns the commands on one string: GET, SET and their relatives, APPEND, STRLEN, DIGEST. */
#include "call/cmd.h"
#include "base/digest.h"
#include "call/set_options.h"

/* The value of what was found, or null. */
static void reply_found(struct rd_call *call, struct rd_found found) {
    if (found.entry) rd_reply_value(call->reply, found.entry);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/get/ */
void rd_cmd_get(struct rd_call *call) {
    reply_found(call, rd_call_read(call));
}

/* https://redis.io/docs/latest/commands/strlen/ */
void rd_cmd_strlen(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    rd_reply_integer(call->reply, found.entry ? (int64_t)rd_entry_value(found.entry).length : 0);
}

static void set_with_options(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    struct rd_set_options options = {0};
    if (!rd_set_options_parse(call, 3, RD_OPTIONS_OF_SET, &options)) return;
    int64_t expiry = 0;
    if (options.expire.bytes && !rd_call_expiry(call, options.expire, options.unit, options.absolute, true, &expiry)) {
        return;
    }
    struct rd_found found = options.get ? rd_call_read(call) : rd_call_write(call);
    if (found.entry && !rd_condition_accepts(call, options.condition, options.operand)) return;
    size_t length_before = reply->length;
    uint32_t blobs_before = reply->blob_count;
    if (options.get) reply_found(call, found);
    if (!rd_condition_holds(options.condition, options.operand, found.entry)) {
        if (!options.get) rd_reply_null(reply);
        return;
    }
    if (options.keep_ttl && found.entry) expiry = rd_entry_expiry(found.entry);
    if (rd_call_store(call, &found, 2, expiry) != RD_OK) {
        rd_reply_truncate(reply, length_before, blobs_before);
        rd_reply_oom(reply);
        return;
    }
    /* EXAT and PXAT may name a time that is past: the key is then gone at once. */
    if (expiry && expiry <= call->now) (void)rd_call_write(call);
    if (!options.get) rd_reply_ok(reply);
}

/* https://redis.io/docs/latest/commands/set/ */
void rd_cmd_set(struct rd_call *call) {
    if (call->argc > 3) {
        set_with_options(call);
        return;
    }
    struct rd_found found = rd_call_write(call);
    if (rd_call_store(call, &found, 2, 0) != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/setnx/ */
void rd_cmd_setnx(struct rd_call *call) {
    struct rd_found found = rd_call_write(call);
    if (found.entry) rd_reply_literal(call->reply, ":0\r\n");
    else if (rd_call_store(call, &found, 2, 0) != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_literal(call->reply, ":1\r\n");
}

static void set_expiring(struct rd_call *call, enum rd_time_unit unit) {
    int64_t expiry;
    if (!rd_call_expiry(call, call->argv[2], unit, false, true, &expiry)) return;
    struct rd_found found = rd_call_write(call);
    if (rd_call_store(call, &found, 3, expiry) != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/setex/ */
void rd_cmd_setex(struct rd_call *call) {
    set_expiring(call, RD_SECONDS);
}

/* https://redis.io/docs/latest/commands/psetex/ */
void rd_cmd_psetex(struct rd_call *call) {
    set_expiring(call, RD_MILLISECONDS);
}

/* https://redis.io/docs/latest/commands/getset/ */
void rd_cmd_getset(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    size_t length_before = call->reply->length;
    uint32_t blobs_before = call->reply->blob_count;
    reply_found(call, found);
    if (rd_call_store(call, &found, 2, 0) == RD_OK) return;
    rd_reply_truncate(call->reply, length_before, blobs_before);
    rd_reply_oom(call->reply);
}

/* https://redis.io/docs/latest/commands/getdel/ */
void rd_cmd_getdel(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    reply_found(call, found);
    if (found.entry) rd_shard_remove(call->shard, found);
}

/* https://redis.io/docs/latest/commands/getex/ : a time to live is only checked when the key is there. */
void rd_cmd_getex(struct rd_call *call) {
    struct rd_set_options options = {0};
    if (!rd_set_options_parse(call, 2, RD_OPTIONS_OF_GETEX, &options)) return;
    struct rd_found found = rd_call_read(call);
    if (!found.entry || (!options.expire.bytes && !options.persist)) {
        reply_found(call, found);
        return;
    }
    int64_t expiry = 0;
    if (options.expire.bytes && !rd_call_expiry(call, options.expire, options.unit, options.absolute, true, &expiry)) {
        return;
    }
    size_t length_before = call->reply->length;
    uint32_t blobs_before = call->reply->blob_count;
    reply_found(call, found);
    if (expiry && expiry <= call->now) {
        rd_shard_remove(call->shard, found);
    } else if (rd_shard_set_expiry(call->shard, call->hash, &found, expiry) != RD_OK) {
        rd_reply_truncate(call->reply, length_before, blobs_before);
        rd_reply_oom(call->reply);
    }
}

static void delete_if(struct rd_call *call, struct rd_found found, enum rd_condition condition,
                      struct rd_slice operand) {
    if (!found.entry || !rd_condition_holds(condition, operand, found.entry)) {
        rd_reply_literal(call->reply, ":0\r\n");
        return;
    }
    rd_shard_remove(call->shard, found);
    rd_reply_literal(call->reply, ":1\r\n");
}

/* https://valkey.io/commands/delifeq/ */
void rd_cmd_delifeq(struct rd_call *call) {
    delete_if(call, rd_call_write(call), RD_IF_EQUAL, call->argv[2]);
}

/* https://redis.io/docs/latest/commands/delex/ : of a key that is not there, the condition is not read. */
void rd_cmd_delex(struct rd_call *call) {
    if (call->argc == 2) {
        delete_if(call, rd_call_write(call), RD_IF_ALWAYS, call->argv[1]);
        return;
    }
    if (call->argc != 4) {
        rd_reply_fail(call->reply, "ERR wrong number of arguments for 'delex' command");
        return;
    }
    struct rd_found found = rd_call_read(call);
    enum rd_condition condition;
    if (!found.entry) {
        rd_reply_literal(call->reply, ":0\r\n");
    } else if (!rd_condition_named(call->argv[2], &condition)) {
        rd_reply_fail(call->reply, "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
    } else if (rd_condition_accepts(call, condition, call->argv[3])) {
        delete_if(call, found, condition, call->argv[3]);
    }
}

/* https://redis.io/docs/latest/commands/digest/ */
void rd_cmd_digest(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    if (!found.entry) {
        rd_reply_null(call->reply);
        return;
    }
    char text[RD_DIGEST_DIGITS];
    struct rd_blob *held;
    rd_digest_format(rd_call_hold(call, found.entry, &held), text);
    rd_call_let_go(call, held);
    rd_reply_bulk(call->reply, text, sizeof text);
}

/* https://redis.io/docs/latest/commands/append/ */
void rd_cmd_append(struct rd_call *call) {
    struct rd_slice added = call->argv[2];
    struct rd_found found = rd_call_write(call);
    uint64_t length = added.length;
    enum rd_status status;
    if (!found.entry) {
        status = rd_call_store(call, &found, 2, 0);
    } else {
        uint64_t old_length = rd_entry_value(found.entry).length;
        length += old_length;
        if (length > rd_call_value_limit(call)) {
            rd_reply_too_long(call->reply);
            return;
        }
        char *bytes;
        status = rd_call_resize(call, &found, length, &bytes);
        if (status == RD_OK) memcpy(bytes + old_length, added.bytes, added.length);
    }
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, (int64_t)length);
}
