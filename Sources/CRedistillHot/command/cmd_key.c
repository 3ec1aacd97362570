/* This file owns commands on keys as such: DEL, UNLINK, EXISTS, TOUCH, TYPE, DBSIZE, RANDOMKEY, FLUSHALL, WAIT. */
#include "call/cmd.h"
#include "observe/observer.h"
#include "command/multi.h"

/* https://redis.io/docs/latest/commands/del/ and unlink */
static void cmd_del(struct rd_call *call) {
    struct rd_multi multi;
    if (rd_multi_begin(&multi, call) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    int64_t removed = 0;
    for (uint32_t i = 0; i < multi.count; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], call->argv[1 + i], call->now);
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
    if (rd_multi_begin(&multi, call) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    uint64_t present = 0;
    for (uint32_t i = 0; i < multi.count; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], call->argv[1 + i], call->now);
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
    if (rd_call_look(call).entry) rd_reply_literal(call->reply, "+string\r\n");
    else rd_reply_literal(call->reply, "+none\r\n");
}

/* https://redis.io/docs/latest/commands/dbsize/ */
static void cmd_dbsize(struct rd_call *call) {
    rd_reply_integer(call->reply, (int64_t)rd_store_keys(call->store));
}

/* https://redis.io/docs/latest/commands/flushall/ and flushdb: there is one database. */
static void cmd_flush(struct rd_call *call) {
    bool known = call->argc == 1 || (call->argc == 2 && (rd_slice_is(call->argv[1], "async") ||
                                                         rd_slice_is(call->argv[1], "sync")));
    if (!known) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    struct rd_shard_set all;
    rd_shard_set_fill(call->store, &all);
    if (!call->in_exec) rd_store_lock_set(call->store, &all);
    rd_store_clear(call->store);
    if (!call->in_exec) rd_store_unlock_set(call->store, &all);
    rd_trackers_flush(&call->loop->observer->all->trackers);
    rd_reply_ok(call->reply);
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
    if ((entry->flags & RD_HAS_EXPIRY) && rd_entry_expiry(entry) <= draw->now) return;
    draw->random = draw->random * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
    if ((draw->random >> 32) % ++draw->seen == 0) draw->chosen = entry;
}

/* Tries a few random buckets, then all from a random one on, so that the last live key is found too. */
static const struct rd_entry *draw_key(struct rd_shard *shard, int64_t now, uint64_t random) {
    struct draw draw = {.shard = shard, .now = now, .random = random};
    for (int tries = 0; tries < 16 && !draw.chosen; tries++) {
        draw.random = draw.random * 6364136223846793005u + 1442695040888963407u;
        rd_table_scan(&shard->table, (uint32_t)(draw.random >> 32), consider, &draw);
    }
    uint32_t cursor = 0;
    while (!draw.chosen) {
        cursor = rd_table_scan(&shard->table, cursor, consider, &draw);
        if (cursor == 0) break;
    }
    return draw.chosen;
}

/* https://redis.io/docs/latest/commands/randomkey/ : a shard is as likely as it has keys. */
static void cmd_randomkey(struct rd_call *call) {
    const struct rd_store *store = call->store;
    /* Keyed by the store's secret, so nobody can foretell it; the reply's length tells commands of one EXEC apart. */
    uint64_t unique[4] = {(uint64_t)rd_monotonic_ms(), call->conn->id, call->reply->length,
                          atomic_load_explicit(&call->conn->commands, memory_order_relaxed)};
    uint64_t random = rd_hash(&store->seed, (const char *)unique, sizeof unique);
    uint64_t keys = rd_store_keys(store), rank = keys ? random % keys : 0;
    uint32_t first = 0;
    for (; first < store->shard_count - 1; first++) {
        uint64_t own = rd_counter_get(&store->shards[first].table.keys);
        if (rank < own) break;
        rank -= own;
    }
    /* Where a shard has only dead keys, the next one is asked. */
    for (uint32_t i = 0; i < store->shard_count; i++) {
        struct rd_shard *shard = &store->shards[(first + i) & (store->shard_count - 1)];
        rd_call_lock(call, shard);
        const struct rd_entry *entry = draw_key(shard, call->now, random);
        if (entry) rd_reply_slice(call->reply, rd_entry_key(entry));
        rd_call_unlock(call, shard);
        if (entry) return;
    }
    rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/wait/ : there are no replicas to wait for. */
static void cmd_wait(struct rd_call *call) {
    int64_t replicas, timeout;
    if (!rd_call_integer(call, call->argv[1], &replicas)) return;
    if (!rd_parse_i64(call->argv[2].bytes, call->argv[2].length, &timeout)) {
        rd_reply_fail(call->reply, "ERR timeout is not an integer or out of range");
    } else if (timeout < 0) {
        rd_reply_fail(call->reply, "ERR timeout is negative");
    } else if (timeout > INT64_MAX - call->now) {
        rd_reply_fail(call->reply, "ERR timeout is out of range");
    } else {
        rd_reply_literal(call->reply, ":0\r\n");
    }
}

const struct rd_command rd_key_commands[] = {
    {"dbsize", 1, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 0, 0, 0, cmd_dbsize,
     RD_DOCS("Returns the number of keys in the database.", "1.0.0", "server", "O(1)")},
    {"del", -2, RD_CMD_WRITE | RD_CMD_KEYSPACE, 1, -1, 1, cmd_del,
     RD_DOCS("Deletes one or more keys.", "1.0.0", "generic",
             "O(N) where N is the number of keys that will be removed.", .access = "RM delete")},
    {"exists", -2, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, cmd_exists,
     RD_DOCS("Determines whether one or more keys exist.", "1.0.0", "generic",
             "O(N) where N is the number of keys to check.", .access = "RO")},
    {"flushall", -1, RD_CMD_WRITE | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, cmd_flush,
     RD_DOCS("Removes all keys from all databases.", "1.0.0", "server",
             "O(N) where N is the total number of keys in all databases")},
    {"flushdb", -1, RD_CMD_WRITE | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, cmd_flush,
     RD_DOCS("Remove all keys from the current database.", "1.0.0", "server",
             "O(N) where N is the number of keys in the selected database")},
    {"randomkey", 1, RD_CMD_READONLY | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS, 0, 0, 0, cmd_randomkey,
     RD_DOCS("Returns a random key name from the database.", "1.0.0", "generic", "O(1)")},
    {"touch", -2, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, cmd_touch,
     RD_DOCS("Returns the number of existing keys out of those specified after updating the time they were last "
             "accessed.", "3.2.1", "generic", "O(N) where N is the number of keys that will be touched.",
             .access = "RO")},
    {"type", 2, RD_CMD_FAST_READ | RD_CMD_KEYSPACE, 1, 1, 1, cmd_type,
     RD_DOCS("Determines the type of value stored at a key.", "1.0.0", "generic", "O(1)", .access = "RO")},
    {"unlink", -2, RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, cmd_del,
     RD_DOCS("Asynchronously deletes one or more keys.", "4.0.0", "generic",
             "O(1) for each key removed regardless of its size.", .access = "RM delete")},
    {"wait", 3, RD_CMD_CONNECTION, 0, 0, 0, cmd_wait,
     RD_DOCS("Blocks until the asynchronous replication of all preceding write commands sent by the connection is "
             "completed.", "3.0.0", "generic", "O(1)")},
    RD_END_OF_COMMANDS,
};
