/* This file owns the commands on one string: GET, SET and their relatives, APPEND, STRLEN, DIGEST. */
#include "call/handler.h"
#include "base/digest.h"
#include "call/set_options.h"

/* The value of what was found, or null where nothing was. */
static void reply_found(struct rd_call *call, const struct rd_entry *entry) {
    if (entry) rd_reply_value(call->reply, entry);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/get/ */
static void cmd_get(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    if (!rd_call_refuses(call, found.entry)) reply_found(call, found.entry);
}

/* https://redis.io/docs/latest/commands/strlen/ */
static void cmd_strlen(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
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
    if ((options.get || rd_condition_reads(options.condition)) && rd_call_refuses(call, found.entry)) return;
    if (found.entry && !rd_condition_accepts(call, options.condition, options.operand)) return;
    size_t length_before = reply->length;
    uint32_t blobs_before = reply->blob_count;
    if (options.get) reply_found(call, found.entry);
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
static void cmd_set(struct rd_call *call) {
    if (call->argc > 3) {
        set_with_options(call);
        return;
    }
    struct rd_found found = rd_call_write(call);
    if (rd_call_store(call, &found, 2, 0) != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/setnx/ */
static void cmd_setnx(struct rd_call *call) {
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
static void cmd_setex(struct rd_call *call) {
    set_expiring(call, RD_SECONDS);
}

/* https://redis.io/docs/latest/commands/psetex/ */
static void cmd_psetex(struct rd_call *call) {
    set_expiring(call, RD_MILLISECONDS);
}

/* https://redis.io/docs/latest/commands/getset/ */
static void cmd_getset(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
    size_t length_before = call->reply->length;
    uint32_t blobs_before = call->reply->blob_count;
    reply_found(call, found.entry);
    if (rd_call_store(call, &found, 2, 0) == RD_OK) return;
    rd_reply_truncate(call->reply, length_before, blobs_before);
    rd_reply_oom(call->reply);
}

/* https://redis.io/docs/latest/commands/getdel/ */
static void cmd_getdel(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
    reply_found(call, found.entry);
    if (found.entry) rd_shard_remove(call->shard, found);
}

/* https://redis.io/docs/latest/commands/getex/ : a time to live is only checked when the key is there. */
static void cmd_getex(struct rd_call *call) {
    struct rd_set_options options = {0};
    if (!rd_set_options_parse(call, 2, RD_OPTIONS_OF_GETEX, &options)) return;
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
    if (!found.entry || (!options.expire.bytes && !options.persist)) {
        reply_found(call, found.entry);
        return;
    }
    int64_t expiry = 0;
    if (options.expire.bytes && !rd_call_expiry(call, options.expire, options.unit, options.absolute, true, &expiry)) {
        return;
    }
    size_t length_before = call->reply->length;
    uint32_t blobs_before = call->reply->blob_count;
    reply_found(call, found.entry);
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
static void cmd_delifeq(struct rd_call *call) {
    struct rd_found found = rd_call_write(call);
    if (!rd_call_refuses(call, found.entry)) delete_if(call, found, RD_IF_EQUAL, call->argv[2]);
}

/* https://redis.io/docs/latest/commands/delex/ : of a key that is not there, the condition is not read. */
static void cmd_delex(struct rd_call *call) {
    if (call->argc == 2) {
        delete_if(call, rd_call_write(call), RD_IF_ALWAYS, call->argv[1]);
        return;
    }
    if (call->argc != 4) {
        rd_reply_wrong_arity(call->reply, call->command);
        return;
    }
    struct rd_found found = rd_call_read(call);
    enum rd_condition condition;
    if (!found.entry) {
        rd_reply_literal(call->reply, ":0\r\n");
    } else if (rd_entry_is_shaped(found.entry)) {
        rd_reply_fail(call->reply, "ERR Key should be of string type if conditions are specified");
    } else if (!rd_condition_named(call->argv[2], &condition)) {
        rd_reply_fail(call->reply, "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
    } else if (rd_condition_accepts(call, condition, call->argv[3])) {
        delete_if(call, found, condition, call->argv[3]);
    }
}

/* https://redis.io/docs/latest/commands/digest/ */
static void cmd_digest(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
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
static void cmd_append(struct rd_call *call) {
    struct rd_slice added = call->argv[2];
    struct rd_found found = rd_call_write(call);
    if (rd_call_refuses(call, found.entry)) return;
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

/* Without GET it reads nothing. */
static const char *set_access(const struct rd_slice *argv, uint32_t argc) {
    for (uint32_t i = 3; i < argc; i++) {
        if (rd_slice_is(argv[i], "get")) return "RW access update";
    }
    return "OW update";
}

const struct rd_command rd_string_commands[] = {
    {"append", 3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_append,
     RD_DOCS("Appends a string to the value of a key. Creates the key if it doesn't exist.", "2.0.0", "string",
             "O(1)", .access = "RW insert", .syntax = "key value")},
    {"delex", -2, RD_CMD_FAST_WRITE | RD_CMD_STRING, 1, 1, 1, cmd_delex,
     RD_DOCS("Deletes a key if its value meets a condition.", "8.4.0", "string",
             "O(1) for IFEQ and IFNE, O(N) for IFDEQ and IFDNE where N is the length of the value.",
             .access = "RM delete",
             .syntax = "key [condition(IFEQ ifeq-value|IFNE ifne-value|IFDEQ ifdeq-digest|IFDNE ifdne-digest)]")},
    {"delifeq", 3, RD_CMD_FAST_WRITE | RD_CMD_STRING, 1, 1, 1, cmd_delifeq,
     RD_DOCS("Deletes a key if its value equals the given one.", "9.0.0", "string", "O(1)", .access = "RM delete",
             .syntax = "key value", .origin = "Valkey")},
    {"digest", 2, RD_CMD_FAST_READ | RD_CMD_STRING, 1, 1, 1, cmd_digest,
     RD_DOCS("Returns the hash digest of a string value as a hexadecimal string.", "8.4.0", "string",
             "O(N) where N is the length of the value.", .syntax = "key")},
    {"get", 2, RD_CMD_FAST_READ | RD_CMD_STRING, 1, 1, 1, cmd_get,
     RD_DOCS("Returns the string value of a key.", "1.0.0", "string", "O(1)", .syntax = "key")},
    {"getdel", 2, RD_CMD_FAST_WRITE | RD_CMD_STRING, 1, 1, 1, cmd_getdel,
     RD_DOCS("Returns the string value of a key after deleting the key.", "6.2.0", "string", "O(1)",
             .access = "RW access delete", .syntax = "key")},
    {"getex", -2, RD_CMD_FAST_WRITE | RD_CMD_STRING, 1, 1, 1, cmd_getex,
     RD_DOCS("Returns the string value of a key after setting its expiration time.", "6.2.0", "string", "O(1)",
             .syntax = "key [expiration(EX seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|"
             "PXAT unix-time-milliseconds:unix-time|PERSIST)]")},
    {"getset", 3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_getset,
     RD_DOCS("Returns the previous string value of a key after setting it to a new value.", "1.0.0", "string",
             "O(1)", .syntax = "key value", .deprecated = "6.2.0 `SET` with the `!GET` argument")},
    {"psetex", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_psetex,
     RD_DOCS("Sets both string value and expiration time in milliseconds of a key. The key is created if it "
             "doesn't exist.", "2.6.0", "string", "O(1)", .access = "OW update",
             .syntax = "key milliseconds:integer value", .deprecated = "2.6.12 `SET` with the `PX` argument")},
    {"set", -3, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_set,
     RD_DOCS("Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.", "1.0.0",
             "string", "O(1)", .access = "RW access update variable_flags", .access_of = set_access,
             .syntax = "key value [condition(NX|XX|IFEQ ifeq-value@8.4.0|IFNE ifne-value@8.4.0|"
             "IFDEQ ifdeq-digest@8.4.0|IFDNE ifdne-digest@8.4.0)@2.6.12] [GET@6.2.0] "
             "[expiration(EX seconds:integer@2.6.12|PX milliseconds:integer@2.6.12|"
             "EXAT unix-time-seconds:unix-time@6.2.0|PXAT unix-time-milliseconds:unix-time@6.2.0|KEEPTTL@6.0.0)]",
             .history = "2.6.12 Added the `EX`, `PX`, `NX` and `XX` options.\n"
             "6.0.0 Added the `KEEPTTL` option.\n"
             "6.2.0 Added the `GET`, `EXAT` and `PXAT` option.\n"
             "7.0.0 Allowed the `NX` and `GET` options to be used together.\n"
             "8.4.0 Added the `IFEQ`, `IFNE`, `IFDEQ` and `IFDNE` options.")},
    {"setex", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_setex,
     RD_DOCS("Sets the string value and expiration time of a key. Creates the key if it doesn't exist.", "2.0.0",
             "string", "O(1)", .access = "OW update", .syntax = "key seconds:integer value",
             .deprecated = "2.6.12 `SET` with the `EX` argument")},
    {"setnx", 3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_setnx,
     RD_DOCS("Set the string value of a key only when the key doesn't exist.", "1.0.0", "string", "O(1)",
             .access = "OW insert", .syntax = "key value", .deprecated = "2.6.12 `SET` with the `NX` argument")},
    {"strlen", 2, RD_CMD_FAST_READ | RD_CMD_STRING, 1, 1, 1, cmd_strlen,
     RD_DOCS("Returns the length of a string value.", "2.2.0", "string", "O(1)", .access = "RO", .syntax = "key")},
    RD_END_OF_COMMANDS,
};
