/* This file owns the commands that carry a value to another key: COPY, RENAME, RENAMENX. */
#include "call/cmd.h"
#include "command/multi.h"
#include "store/value.h"

/* The two keys of the call and what was found under them. */
struct pair {
    struct rd_multi multi;
    struct rd_shard *from_shard, *to_shard;
    struct rd_found from, to;
};

static struct rd_found find(struct rd_call *call, const struct pair *pair, uint32_t i) {
    return rd_shard_find(rd_multi_shard(&pair->multi, i), pair->multi.hashes[i], call->argv[1 + i], call->now);
}

static bool begin(struct rd_call *call, struct pair *pair) {
    if (rd_multi_begin(&pair->multi, call) != RD_OK) {
        rd_reply_oom(call->reply);
        return false;
    }
    pair->from_shard = rd_multi_shard(&pair->multi, 0);
    pair->to_shard = rd_multi_shard(&pair->multi, 1);
    /* Removing what has expired may move others, so that only a second look is sure. */
    pair->from = find(call, pair, 0);
    pair->to = find(call, pair, 1);
    pair->from = find(call, pair, 0);
    return true;
}

/* Stores the value under the second key. A large one is shared until either key is written to. */
static enum rd_status store(struct rd_call *call, struct pair *pair, const struct rd_value *value, bool is_moved) {
    struct rd_new_value new = {.value = rd_value_slice(value), .expiry = value->expiry, .is_moved = is_moved};
    if (value->blob) new.blob = rd_blob_retain(value->blob);
    enum rd_status status =
        rd_shard_put(pair->to_shard, pair->multi.hashes[1], call->argv[2], &pair->to, &new);
    if (status != RD_OK && new.blob) rd_blob_release(new.blob);
    if (status == RD_OK && value->raw) pair->to.entry->flags |= RD_RAW;
    return status;
}

static bool is_same_key(const struct rd_call *call) {
    struct rd_slice a = call->argv[1], b = call->argv[2];
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

static void move(struct rd_call *call, bool only_if_absent) {
    struct pair pair;
    if (!begin(call, &pair)) return;
    enum rd_status status = RD_OK;
    bool found = pair.from.entry != NULL;
    bool moves = found && !is_same_key(call) && !(only_if_absent && pair.to.entry);
    if (moves) {
        struct rd_value value;
        rd_value_take(&value, pair.from.entry);
        status = store(call, &pair, &value, true);
        /* Making room may have moved the source, or evicted it. */
        if (status == RD_OK) pair.from = find(call, &pair, 0);
        if (status == RD_OK && pair.from.entry) rd_shard_remove(pair.from_shard, pair.from);
        rd_value_drop(&value);
    }
    rd_multi_end(&pair.multi);
    if (!found) rd_reply_fail(call->reply, "ERR no such key");
    else if (status != RD_OK) rd_reply_oom(call->reply);
    else if (only_if_absent) rd_reply_integer(call->reply, moves);
    else rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/rename/ */
static void cmd_rename(struct rd_call *call) {
    move(call, false);
}

/* https://redis.io/docs/latest/commands/renamenx/ */
static void cmd_renamenx(struct rd_call *call) {
    move(call, true);
}

static bool parse_copy_options(struct rd_call *call, bool *replace) {
    for (uint32_t i = 3; i < call->argc; i++) {
        if (rd_slice_is(call->argv[i], "replace")) {
            *replace = true;
        } else if (rd_slice_is(call->argv[i], "db") && i + 1 < call->argc) {
            struct rd_slice database = call->argv[++i];
            int64_t number;
            if (!rd_parse_i64(database.bytes, database.length, &number) || number != (int32_t)number) {
                rd_reply_not_an_integer(call->reply);
                return false;
            }
            if (number != 0) { /* there is one database */
                rd_reply_fail(call->reply, "ERR DB index is out of range");
                return false;
            }
        } else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    return true;
}

/* https://redis.io/docs/latest/commands/copy/ */
static void cmd_copy(struct rd_call *call) {
    bool replace = false;
    if (!parse_copy_options(call, &replace)) return;
    if (is_same_key(call)) {
        rd_reply_fail(call->reply, "ERR source and destination objects are the same");
        return;
    }
    struct pair pair;
    if (!begin(call, &pair)) return;
    enum rd_status status = RD_OK;
    bool copies = pair.from.entry && (replace || !pair.to.entry);
    if (copies) {
        struct rd_value value;
        rd_value_take(&value, pair.from.entry);
        rd_call_use(call, pair.from.entry);
        status = store(call, &pair, &value, false);
        rd_value_drop(&value);
    }
    rd_multi_end(&pair.multi);
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, copies);
}

const struct rd_command rd_copy_commands[] = {
    {"copy", -3, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_KEYSPACE, 1, 2, 1, cmd_copy,
     RD_DOCS("Copies the value of a key to a new key.", "6.2.0", "generic",
             "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
             .access = "RO access", .access_after_first = "OW update")},
    {"rename", 3, RD_CMD_WRITE | RD_CMD_KEYSPACE, 1, 2, 1, cmd_rename,
     RD_DOCS("Renames a key and overwrites the destination.", "1.0.0", "generic", "O(1)",
             .access = "RW access delete", .access_after_first = "OW update")},
    {"renamenx", 3, RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, 2, 1, cmd_renamenx,
     RD_DOCS("Renames a key only when the target key name doesn't exist.", "1.0.0", "generic", "O(1)",
             .access = "RW access delete", .access_after_first = "OW insert")},
    RD_END_OF_COMMANDS,
};
