/* This file owns time to live: EXPIRE, TTL and their relatives, PERSIST. */
#include "call/handler.h"

enum expire_condition {
    EXPIRE_NX = 1, /* only without a TTL */
    EXPIRE_XX = 2, /* only with one */
    EXPIRE_GT = 4, /* only when later; no TTL is later than any */
    EXPIRE_LT = 8,
};

/* 0..15, or -1 when the error has been written. */
static int parse_conditions(struct rd_call *call) {
    int conditions = 0;
    for (uint32_t i = 3; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        if (rd_slice_is(word, "nx")) conditions |= EXPIRE_NX;
        else if (rd_slice_is(word, "xx")) conditions |= EXPIRE_XX;
        else if (rd_slice_is(word, "gt")) conditions |= EXPIRE_GT;
        else if (rd_slice_is(word, "lt")) conditions |= EXPIRE_LT;
        else {
            int shown = rd_reply_shown(word);
            rd_reply_format_error(call->reply, "ERR Unsupported option %.*s", shown, word.bytes);
            return -1;
        }
    }
    if ((conditions & EXPIRE_NX) && (conditions & ~EXPIRE_NX)) {
        rd_reply_fail(call->reply, "ERR NX and XX, GT or LT options at the same time are not compatible");
        return -1;
    }
    if ((conditions & EXPIRE_GT) && (conditions & EXPIRE_LT)) {
        rd_reply_fail(call->reply, "ERR GT and LT options at the same time are not compatible");
        return -1;
    }
    return conditions;
}

static bool conditions_hold(int conditions, int64_t old, int64_t new) {
    if ((conditions & EXPIRE_NX) && old) return false;
    if ((conditions & EXPIRE_XX) && !old) return false;
    if ((conditions & EXPIRE_GT) && (!old || new <= old)) return false;
    if ((conditions & EXPIRE_LT) && old && new >= old) return false;
    return true;
}

static void expire(struct rd_call *call, enum rd_time_unit unit, bool absolute) {
    int conditions = parse_conditions(call);
    int64_t expiry;
    if (conditions < 0 || !rd_call_expiry(call, call->argv[2], unit, absolute, false, &expiry)) return;
    struct rd_found found = rd_call_write(call);
    if (!found.entry || !conditions_hold(conditions, rd_entry_expiry(found.entry), expiry)) {
        rd_reply_literal(call->reply, ":0\r\n");
        return;
    }
    if (expiry <= call->now) {
        rd_shard_remove(call->shard, found);
    } else if (rd_shard_set_expiry(call->shard, call->hash, &found, expiry) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    rd_reply_literal(call->reply, ":1\r\n");
}

/* https://redis.io/docs/latest/commands/expire/ */
static void cmd_expire(struct rd_call *call) {
    expire(call, RD_SECONDS, false);
}

/* https://redis.io/docs/latest/commands/pexpire/ */
static void cmd_pexpire(struct rd_call *call) {
    expire(call, RD_MILLISECONDS, false);
}

/* https://redis.io/docs/latest/commands/expireat/ */
static void cmd_expireat(struct rd_call *call) {
    expire(call, RD_SECONDS, true);
}

/* https://redis.io/docs/latest/commands/pexpireat/ */
static void cmd_pexpireat(struct rd_call *call) {
    expire(call, RD_MILLISECONDS, true);
}

/* To the nearest, for any time up to the last one; what is below 0 is no time, and stays. */
static int64_t to_seconds(int64_t ms) {
    return ms < 0 ? ms : ms / 1000 + (ms % 1000 >= 500);
}

/* When it expires, in ms: -2 without the key, -1 without a TTL. */
static int64_t expiry_time(struct rd_call *call) {
    struct rd_found found = rd_call_look(call);
    if (!found.entry) return -2;
    int64_t expiry = rd_entry_expiry(found.entry);
    return expiry ? expiry : -1;
}

/* Milliseconds left, or the same two. */
static int64_t time_left(struct rd_call *call) {
    int64_t expiry = expiry_time(call);
    return expiry < 0 ? expiry : expiry - call->now;
}

/* https://redis.io/docs/latest/commands/ttl/ : rounded to the nearest second. */
static void cmd_ttl(struct rd_call *call) {
    rd_reply_integer(call->reply, to_seconds(time_left(call)));
}

/* https://redis.io/docs/latest/commands/pttl/ */
static void cmd_pttl(struct rd_call *call) {
    rd_reply_integer(call->reply, time_left(call));
}

/* https://redis.io/docs/latest/commands/expiretime/ */
static void cmd_expiretime(struct rd_call *call) {
    rd_reply_integer(call->reply, to_seconds(expiry_time(call)));
}

/* https://redis.io/docs/latest/commands/pexpiretime/ */
static void cmd_pexpiretime(struct rd_call *call) {
    rd_reply_integer(call->reply, expiry_time(call));
}

/* https://redis.io/docs/latest/commands/persist/ */
static void cmd_persist(struct rd_call *call) {
    struct rd_found found = rd_call_write(call);
    if (!found.entry || !rd_entry_expiry(found.entry)) {
        rd_reply_literal(call->reply, ":0\r\n");
    } else if (rd_shard_set_expiry(call->shard, call->hash, &found, 0) != RD_OK) {
        rd_reply_oom(call->reply);
    } else {
        rd_reply_literal(call->reply, ":1\r\n");
    }
}

const struct rd_command rd_expire_commands[] = {
    {"expire", -3, RD_CMD_FAST_WRITE | RD_CMD_KEYSPACE, 1, 1, 1, cmd_expire,
     RD_DOCS("Sets the expiration time of a key in seconds.", "1.0.0", "generic", "O(1)", .access = "RW update",
             .syntax = "key seconds:integer [condition(NX|XX|GT|LT)@7.0.0]",
             .history = "7.0.0 Added options: `NX`, `XX`, `GT` and `LT`.")},
    {"expireat", -3, RD_CMD_FAST_WRITE | RD_CMD_KEYSPACE, 1, 1, 1, cmd_expireat,
     RD_DOCS("Sets the expiration time of a key to a Unix timestamp.", "1.2.0", "generic", "O(1)",
             .access = "RW update", .syntax = "key unix-time-seconds:unix-time [condition(NX|XX|GT|LT)@7.0.0]",
             .history = "7.0.0 Added options: `NX`, `XX`, `GT` and `LT`.")},
    {"expiretime", 2, RD_CMD_FAST_READ | RD_CMD_KEYSPACE, 1, 1, 1, cmd_expiretime,
     RD_DOCS("Returns the expiration time of a key as a Unix timestamp.", "7.0.0", "generic", "O(1)",
             .syntax = "key")},
    {"persist", 2, RD_CMD_FAST_WRITE | RD_CMD_KEYSPACE, 1, 1, 1, cmd_persist,
     RD_DOCS("Removes the expiration time of a key.", "2.2.0", "generic", "O(1)", .access = "RW update",
             .syntax = "key")},
    {"pexpire", -3, RD_CMD_FAST_WRITE | RD_CMD_KEYSPACE, 1, 1, 1, cmd_pexpire,
     RD_DOCS("Sets the expiration time of a key in milliseconds.", "2.6.0", "generic", "O(1)",
             .access = "RW update", .syntax = "key milliseconds:integer [condition(NX|XX|GT|LT)@7.0.0]",
             .history = "7.0.0 Added options: `NX`, `XX`, `GT` and `LT`.")},
    {"pexpireat", -3, RD_CMD_FAST_WRITE | RD_CMD_KEYSPACE, 1, 1, 1, cmd_pexpireat,
     RD_DOCS("Sets the expiration time of a key to a Unix milliseconds timestamp.", "2.6.0", "generic", "O(1)",
             .access = "RW update", .syntax = "key unix-time-milliseconds:unix-time [condition(NX|XX|GT|LT)@7.0.0]",
             .history = "7.0.0 Added options: `NX`, `XX`, `GT` and `LT`.")},
    {"pexpiretime", 2, RD_CMD_FAST_READ | RD_CMD_KEYSPACE, 1, 1, 1, cmd_pexpiretime,
     RD_DOCS("Returns the expiration time of a key as a Unix milliseconds timestamp.", "7.0.0", "generic", "O(1)",
             .syntax = "key")},
    {"pttl", 2, RD_CMD_FAST_READ | RD_CMD_KEYSPACE, 1, 1, 1, cmd_pttl,
     RD_DOCS("Returns the expiration time in milliseconds of a key.", "2.6.0", "generic", "O(1)", .syntax = "key",
             .history = "2.8.0 Added the -2 reply.", .tips = "nondeterministic_output")},
    {"ttl", 2, RD_CMD_FAST_READ | RD_CMD_KEYSPACE, 1, 1, 1, cmd_ttl,
     RD_DOCS("Returns the expiration time in seconds of a key.", "1.0.0", "generic", "O(1)", .syntax = "key",
             .history = "2.8.0 Added the -2 reply.", .tips = "nondeterministic_output")},
    RD_END_OF_COMMANDS,
};
