/* This file owns commands on keys as such: DEL, UNLINK, EXISTS, TOUCH, TYPE, DBSIZE, RANDOMKEY, FLUSHALL, FLUSHDB, SWAPDB, WAIT. */
#include "call/handler.h"
#include "observe/followers.h"
#include "observe/observer.h"
#include "command/multi.h"

/* https://redis.io/docs/latest/commands/del/ and unlink */
static void cmd_del(struct rd_call *call) {
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    int64_t removed = 0;
    for (uint32_t i = 0; i < multi.count; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], rd_call_key_at(call, 1 + i), call->now);
        if (!found.entry) continue;
        rd_shard_remove(shard, found);
        removed++;
    }
    rd_multi_end(&multi);
    rd_reply_integer(call->reply, removed);
}

/* How many keys are there, one named twice counted twice. */
static void count_present(struct rd_call *call, bool use) {
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    uint64_t present = 0;
    for (uint32_t i = 0; i < multi.count; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], rd_call_key_at(call, 1 + i), call->now);
        if (!found.entry) continue;
        if (use) rd_entry_touch(found.entry);
        present++;
    }
    rd_multi_end(&multi);
    rd_counter_add(&call->loop->counters.hits, present);
    rd_counter_add(&call->loop->counters.misses, multi.count - present);
    rd_reply_integer(call->reply, (int64_t)present);
}

/* https://redis.io/docs/latest/commands/exists/ */
static void cmd_exists(struct rd_call *call) {
    count_present(call, false);
}

/* https://redis.io/docs/latest/commands/touch/ */
static void cmd_touch(struct rd_call *call) {
    count_present(call, true);
}

/* https://redis.io/docs/latest/commands/type/ */
static void cmd_type(struct rd_call *call) {
    const struct rd_entry *entry = rd_call_look(call).entry;
    const char *name = entry ? rd_type_name(rd_entry_type(entry)) : "none";
    rd_reply_simple(call->reply, name, strlen(name));
}

/* https://redis.io/docs/latest/commands/dbsize/ */
static void cmd_dbsize(struct rd_call *call) {
    rd_reply_integer(call->reply, (int64_t)rd_store_keys(call->store, call->conn->database));
}

/* Has no other database any key, nor what is left of a flushed one? Then it is emptied as the whole store is, which is faster. */
static bool is_alone(const struct rd_store *store, uint32_t database) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < store->shard_count; i++) all += rd_shard_keys(&store->shards[i]);
    return all == rd_store_keys(store, database);
}

/* With all shards locked. */
static void flush_one(struct rd_call *call) {
    struct rd_store *store = call->store;
    uint32_t database = call->conn->database, old = rd_call_space(call);
    if (is_alone(store, database)) {
        rd_store_clear(store);
        return;
    }
    if (rd_store_keys(store, database) == 0) return;
    uint32_t new = rd_store_next_space(store, database);
    rd_following_swap(store, old, new, call->now);
    rd_store_flush_database(store, database, new);
}

/* False: the refusal has been written. */
static bool lock_all(const struct rd_call *call, struct rd_shard_set *all) {
    rd_shard_set_fill(call->store, all);
    if (call->in_exec || rd_store_lock_set(call->store, all)) return true;
    rd_reply_busy(call->reply);
    return false;
}

static void unlock_all(const struct rd_call *call, const struct rd_shard_set *all) {
    if (!call->in_exec) rd_store_unlock_set(call->store, all);
}

static void flush(struct rd_call *call, bool one) {
    if (!rd_call_flush_fits(call, 1)) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    struct rd_shard_set all;
    if (!lock_all(call, &all)) return;
    if (one) flush_one(call);
    else rd_store_clear(call->store);
    unlock_all(call, &all);
    rd_trackers_flush(&call->loop->observer->all->trackers);
    rd_call_tell(call, RD_EVENT_FLUSHED);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/flushall/ */
static void cmd_flushall(struct rd_call *call) {
    flush(call, false);
}

/* https://redis.io/docs/latest/commands/flushdb/ */
static void cmd_flushdb(struct rd_call *call) {
    flush(call, true);
}

/* One live key out of a bucket, each as likely as the others. */
struct draw {
    const struct rd_shard *shard;
    int64_t now;
    uint64_t random;
    uint32_t seen;
    const struct rd_entry *chosen;
};

static void consider(void *context, uint32_t reference) {
    struct draw *draw = context;
    const struct rd_entry *entry = rd_shard_entry(draw->shard, reference);
    if (rd_entry_has_expired(entry, draw->now)) return;
    draw->random = draw->random * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
    if ((draw->random >> 32) % ++draw->seen == 0) draw->chosen = entry;
}

/* Tries a few random buckets, then all from a random one on, so that the last live key is found too. */
static const struct rd_entry *draw_key(struct rd_shard *shard, struct rd_table *table, int64_t now, uint64_t random) {
    struct draw draw = {.shard = shard, .now = now, .random = random};
    for (int tries = 0; tries < 16 && !draw.chosen; tries++) {
        draw.random = draw.random * 6364136223846793005u + 1442695040888963407u;
        rd_table_scan(table, (uint32_t)(draw.random >> 32), consider, &draw);
    }
    uint32_t cursor = 0;
    while (!draw.chosen) {
        cursor = rd_table_scan(table, cursor, consider, &draw);
        if (cursor == 0) break;
    }
    return draw.chosen;
}

/* https://redis.io/docs/latest/commands/randomkey/ : a shard is as likely as it has keys. */
static void cmd_randomkey(struct rd_call *call) {
    struct rd_store *store = call->store;
    /* Keyed by the store's secret, so nobody can foretell it; the reply's length tells commands of one EXEC apart. */
    uint64_t unique[4] = {(uint64_t)rd_monotonic_ms(), call->conn->id, call->reply->length,
                          atomic_load_explicit(&call->conn->commands, memory_order_relaxed)};
    uint64_t random = rd_hash(&store->seed, (const char *)unique, sizeof unique);
    uint64_t keys = rd_store_keys(store, call->conn->database), rank = keys ? random % keys : 0;
    uint32_t first = 0;
    for (; first < store->shard_count - 1; first++) {
        uint64_t own = rd_shard_keys_in(&store->shards[first], rd_call_space(call));
        if (rank < own) break;
        rank -= own;
    }
    /* Where a shard has only dead keys, the next one is asked. */
    for (uint32_t i = 0; i < store->shard_count; i++) {
        struct rd_shard *shard = &store->shards[(first + i) & (store->shard_count - 1)];
        if (!rd_call_lock(call, shard)) {
            rd_reply_busy(call->reply);
            return;
        }
        struct rd_table *table = rd_shard_table(shard, rd_call_space(call));
        const struct rd_entry *entry = table ? draw_key(shard, table, call->now, random) : NULL;
        if (entry) rd_reply_slice(call->reply, rd_entry_key(entry));
        rd_call_unlock(call, shard);
        if (entry) return;
    }
    rd_reply_null(call->reply);
}

static bool parse_swapped(struct rd_call *call, uint32_t i, const char *error, int64_t *database) {
    struct rd_slice text = call->argv[i];
    if (rd_parse_i64(text.bytes, text.length, database) && *database == (int32_t)*database) return true;
    rd_reply_error(call->reply, error, strlen(error));
    return false;
}

/* https://redis.io/docs/latest/commands/swapdb/ */
static void cmd_swapdb(struct rd_call *call) {
    struct rd_store *store = call->store;
    int64_t a, b, count = store->databases.count;
    if (call->loop->cluster) {
        rd_reply_fail(call->reply, "ERR SWAPDB is not allowed in cluster mode");
        return;
    }
    if (!parse_swapped(call, 1, "ERR invalid first DB index", &a)) return;
    if (!parse_swapped(call, 2, "ERR invalid second DB index", &b)) return;
    if (a < 0 || a >= count || b < 0 || b >= count) {
        rd_reply_fail(call->reply, "ERR DB index is out of range");
        return;
    }
    if (a == b) {
        rd_reply_ok(call->reply);
        return;
    }
    struct rd_shard_set all;
    if (!lock_all(call, &all)) return;
    rd_following_swap(store, rd_databases_space(&store->databases, (uint32_t)a),
                      rd_databases_space(&store->databases, (uint32_t)b), call->now);
    rd_store_swap_databases(store, (uint32_t)a, (uint32_t)b);
    unlock_all(call, &all);
    rd_trackers_flush(&call->loop->observer->all->trackers);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/wait/ : there are no replicas to wait for. */
static void cmd_wait(struct rd_call *call) {
    int64_t replicas, timeout;
    if (!rd_call_integer(call, call->argv[1], &replicas)) return;
    if (rd_call_timeout(call, call->argv[2], &timeout)) rd_reply_literal(call->reply, ":0\r\n");
}

const struct rd_command rd_key_commands[] = {
    {"dbsize", 1, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 0, 0, 0, cmd_dbsize,
     RD_DOCS("Returns the number of keys in the database.", "1.0.0", "server", "O(1)", .syntax = "",
             .tips = "request_policy:all_shards response_policy:agg_sum")},
    {"del", -2, RD_CMD_WRITE | RD_CMD_KEYSPACE, 1, -1, 1, cmd_del,
     RD_DOCS("Deletes one or more keys.", "1.0.0", "generic",
             "O(N) where N is the number of keys that will be removed.", .access = "RM delete", .syntax = "key ...",
             .tips = "request_policy:multi_shard response_policy:agg_sum")},
    {"exists", -2, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, cmd_exists,
     RD_DOCS("Determines whether one or more keys exist.", "1.0.0", "generic",
             "O(N) where N is the number of keys to check.", .access = "RO", .syntax = "key ...",
             .history = "3.0.3 Accepts multiple `key` arguments.",
             .tips = "request_policy:multi_shard response_policy:agg_sum")},
    {"flushall", -1, RD_CMD_WRITE | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, cmd_flushall,
     RD_DOCS("Removes all keys from all databases.", "1.0.0", "server",
             "O(N) where N is the total number of keys in all databases", .all_databases = true,
             .syntax = "[flush-type(ASYNC@4.0.0|SYNC@6.2.0)]",
             .history = "4.0.0 Added the `ASYNC` flushing mode modifier.\n"
             "6.2.0 Added the `SYNC` flushing mode modifier.",
             .tips = "request_policy:all_shards response_policy:all_succeeded")},
    {"flushdb", -1, RD_CMD_WRITE | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, cmd_flushdb,
     RD_DOCS("Remove all keys from the current database.", "1.0.0", "server",
             "O(N) where N is the number of keys in the selected database", .grants = RD_GRANT_EVERY_ROLE,
             .syntax = "[flush-type(ASYNC@4.0.0|SYNC@6.2.0)]",
             .history = "4.0.0 Added the `ASYNC` flushing mode modifier.\n"
             "6.2.0 Added the `SYNC` flushing mode modifier.",
             .tips = "request_policy:all_shards response_policy:all_succeeded")},
    {"randomkey", 1, RD_CMD_READONLY | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS, 0, 0, 0, cmd_randomkey,
     RD_DOCS("Returns a random key name from the database.", "1.0.0", "generic", "O(1)", .syntax = "",
             .tips = "request_policy:all_shards response_policy:special nondeterministic_output")},
    {"swapdb", 3, RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, cmd_swapdb,
     RD_DOCS("Swaps two Redis databases.", "4.0.0", "server", "O(N) where N is the count of clients watching or blocking on "
             "keys from both databases.", .databases_at = 1, .databases = 2, .syntax = "index1:integer index2:integer")},
    {"touch", -2, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, cmd_touch,
     RD_DOCS("Returns the number of existing keys out of those specified after updating the time they were last "
             "accessed.", "3.2.1", "generic", "O(N) where N is the number of keys that will be touched.",
             .access = "RO", .syntax = "key ...", .tips = "request_policy:multi_shard response_policy:agg_sum")},
    {"type", 2, RD_CMD_FAST_READ | RD_CMD_KEYSPACE, 1, 1, 1, cmd_type,
     RD_DOCS("Determines the type of value stored at a key.", "1.0.0", "generic", "O(1)", .access = "RO",
             .syntax = "key")},
    {"unlink", -2, RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, cmd_del,
     RD_DOCS("Asynchronously deletes one or more keys.", "4.0.0", "generic",
             "O(1) for each key removed regardless of its size.", .access = "RM delete", .syntax = "key ...",
             .tips = "request_policy:multi_shard response_policy:agg_sum")},
    {"wait", 3, RD_CMD_CONNECTION, 0, 0, 0, cmd_wait,
     RD_DOCS("Blocks until the asynchronous replication of all preceding write commands sent by the connection is "
             "completed.", "3.0.0", "generic", "O(1)", .syntax = "numreplicas:integer timeout:integer",
             .tips = "request_policy:all_shards response_policy:agg_min", .also = "blocking @blocking")},
    RD_END_OF_COMMANDS,
};
