/* This file owns the commands that carry a value to another key, or database: COPY, RENAME, RENAMENX, MOVE. */
#include "call/handler.h"
#include "command/multi.h"
#include "store/room.h"
#include "store/value.h"

/* The two keys of the call and what was found under them. */
struct pair {
    struct rd_multi multi;
    struct rd_key from_key, to_key;
    struct rd_shard *from_shard, *to_shard;
    struct rd_found from, to;
};

static struct rd_found find(struct rd_call *call, const struct pair *pair, uint32_t i) {
    struct rd_key key = i == 0 ? pair->from_key : pair->to_key;
    return rd_shard_find(rd_multi_shard(&pair->multi, i), pair->multi.hashes[i], key, call->now);
}

/*
 * Removes what was carried from where it was found, if it is still there: making room may have moved it, or evicted it. No
 * time is looked at: a field that is removed now would be gone from both keys, which have the nodes together, and be
 * counted off one.
 */
static void remove_source(struct rd_shard *shard, uint64_t hash, struct rd_key key) {
    struct rd_found found = rd_shard_find(shard, hash, key, 0);
    if (found.entry) rd_shard_remove(shard, found);
}

/* The second key is in another database, unless that is -1. */
static bool begin(struct rd_call *call, struct pair *pair, int64_t database) {
    if (!rd_multi_begin(&pair->multi, call)) return false;
    pair->from_key = rd_call_key_at(call, 1);
    pair->to_key = rd_call_key_at(call, 2);
    if (database >= 0) pair->to_key.space = rd_databases_space(&call->store->databases, (uint32_t)database);
    pair->from_shard = rd_multi_shard(&pair->multi, 0);
    pair->to_shard = rd_multi_shard(&pair->multi, 1);
    /* Removing what has expired may move others, so that only a second look is sure. */
    pair->from = find(call, pair, 0);
    pair->to = find(call, pair, 1);
    pair->from = find(call, pair, 0);
    return true;
}

/* Stores the value under a key. A large one is shared until either key is written to. */
static enum rd_status store(struct rd_shard *shard, uint64_t hash, struct rd_key key, struct rd_found *found,
                            const struct rd_value *value, bool is_moved) {
    struct rd_new_value new = {.value = rd_value_slice(value), .expiry = value->expiry, .shaped = value->shaped,
                               .is_moved = is_moved};
    if (value->blob) new.blob = rd_blob_retain(value->blob);
    enum rd_status status = rd_shard_put(shard, hash, key, found, &new);
    if (status != RD_OK && new.blob) rd_blob_release(new.blob);
    if (status == RD_OK && value->raw) found->entry->flags |= RD_RAW;
    return status;
}

static enum rd_status store_second(struct pair *pair, const struct rd_value *value, bool is_moved) {
    return store(pair->to_shard, pair->multi.hashes[1], pair->to_key, &pair->to, value, is_moved);
}

/* An indexed value becomes one with nodes of its own, which belong to the second key. */
static enum rd_status copy_nodes(struct rd_call *call, struct pair *pair, struct rd_value *value) {
    const struct rd_root *root = rd_value_root(value);
    if (!root) return RD_OK;
    uint64_t bytes = value->blob->length + rd_root_below(root);
    if (rd_room_for_blob(pair->to_shard, bytes, pair->to.entry ? &pair->to : NULL) != RD_OK) return RD_ERR_NO_MEMORY;
    struct rd_blob *copy = call->store->shapes->copy(&call->store->blobs, value->blob, pair->multi.hashes[1]);
    if (!copy) return RD_ERR_NO_MEMORY;
    rd_blob_release(value->blob);
    value->blob = copy;
    return RD_OK;
}

static void give_node(void *hash, struct rd_blob *node) {
    atomic_store_explicit(&node->hash, *(const uint64_t *)hash, memory_order_relaxed);
}

/* Its nodes belong to the second key now. */
static void give_nodes(struct rd_call *call, struct pair *pair, const struct rd_value *value) {
    if (rd_value_root(value)) call->store->shapes->each_node(value->blob, give_node, &pair->multi.hashes[1]);
}

static void move(struct rd_call *call, bool only_if_absent) {
    struct pair pair;
    if (!begin(call, &pair, -1)) return;
    enum rd_status status = RD_OK;
    bool found = pair.from.entry != NULL;
    bool moves = found && !rd_call_repeats_key(call) && !(only_if_absent && pair.to.entry);
    if (moves) {
        struct rd_value value;
        rd_value_take(&value, pair.from.entry);
        status = store_second(&pair, &value, true);
        if (status == RD_OK) remove_source(pair.from_shard, pair.multi.hashes[0], pair.from_key);
        if (status == RD_OK) give_nodes(call, &pair, &value);
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

/* In a cluster there is one database, and who names another is told of that rather than of a range. */
static bool read_database(struct rd_call *call, struct rd_slice number, int64_t *database) {
    return call->loop->cluster ? rd_call_integer(call, number, database) : rd_call_database(call, number, database);
}

static bool parse_copy_options(struct rd_call *call, bool *replace, int64_t *database) {
    for (uint32_t i = 3; i < call->argc; i++) {
        if (rd_slice_is(call->argv[i], "replace")) {
            *replace = true;
        } else if (rd_slice_is(call->argv[i], "db") && i + 1 < call->argc) {
            if (!read_database(call, call->argv[++i], database)) return false;
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
    int64_t database = call->conn->database;
    if (!parse_copy_options(call, &replace, &database)) return;
    if (call->loop->cluster && database != 0) {
        rd_reply_fail(call->reply, "ERR Copying to another database is not allowed in cluster mode");
        return;
    }
    if (rd_call_repeats_key(call) && database == call->conn->database) {
        rd_reply_fail(call->reply, "ERR source and destination objects are the same");
        return;
    }
    struct pair pair;
    if (!begin(call, &pair, database)) return;
    enum rd_status status = RD_OK;
    bool copies = pair.from.entry && (replace || !pair.to.entry);
    if (copies) {
        struct rd_value value;
        rd_value_take(&value, pair.from.entry);
        rd_call_use(call, pair.from.entry);
        status = copy_nodes(call, &pair, &value);
        if (status == RD_OK) status = store_second(&pair, &value, false);
        rd_value_drop(&value);
    }
    rd_multi_end(&pair.multi);
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, copies);
}

/* https://redis.io/docs/latest/commands/move/ : the key keeps its shard. */
static void cmd_move(struct rd_call *call) {
    int64_t database;
    if (call->loop->cluster) {
        rd_reply_fail(call->reply, "ERR MOVE is not allowed in cluster mode");
        return;
    }
    if (!rd_call_database(call, call->argv[2], &database)) return;
    if (database == call->conn->database) {
        rd_reply_fail(call->reply, "ERR source and destination objects are the same");
        return;
    }
    struct rd_key to_key = rd_key_of(call->argv[1], rd_databases_space(&call->store->databases, (uint32_t)database));
    struct rd_found to = rd_shard_find(call->shard, call->hash, to_key, call->now), from = rd_call_write(call);
    if (!from.entry || to.entry) {
        rd_reply_integer(call->reply, 0);
        return;
    }
    struct rd_value value;
    rd_value_take(&value, from.entry);
    enum rd_status status = store(call->shard, call->hash, to_key, &to, &value, true);
    if (status == RD_OK) remove_source(call->shard, call->hash, rd_call_key(call));
    rd_value_drop(&value);
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, 1);
}

const struct rd_command rd_copy_commands[] = {
    {"copy", -3, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_KEYSPACE, 1, 2, 1, cmd_copy,
     RD_DOCS("Copies the value of a key to a new key.", "6.2.0", "generic",
             "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
             .access = "RO access", .access_after_first = "OW update", .database_after = "db",
             .syntax = "source#0 destination#1 [DB destination-db:integer] [REPLACE]")},
    {"move", 3, RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_KEYSPACE | RD_CMD_ONE_KEY, 1, 1, 1, cmd_move,
     RD_DOCS("Moves a key to another database.", "1.0.0", "generic", "O(1)", .databases_at = 2, .databases = 1,
             .syntax = "key db:integer")},
    {"rename", 3, RD_CMD_WRITE | RD_CMD_KEYSPACE, 1, 2, 1, cmd_rename,
     RD_DOCS("Renames a key and overwrites the destination.", "1.0.0", "generic", "O(1)",
             .access = "RW access delete", .access_after_first = "OW update", .syntax = "key newkey#1")},
    {"renamenx", 3, RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, 2, 1, cmd_renamenx,
     RD_DOCS("Renames a key only when the target key name doesn't exist.", "1.0.0", "generic", "O(1)",
             .access = "RW access delete", .access_after_first = "OW insert", .syntax = "key newkey#1",
             .history = "3.2.0 The command no longer returns an error when source and destination names are the "
             "same.")},
    RD_END_OF_COMMANDS,
};
