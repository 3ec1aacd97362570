/* This file owns flushing, swapping and counting databases. */
#include "store/databases.h"

#include "store/bury.h"
#include "store/store.h"

void rd_databases_init(struct rd_databases *databases, uint32_t count) {
    databases->count = count ? count : 1;
    for (uint32_t i = 0; i < RD_SPACES; i++) atomic_init(&databases->space[i], (uint8_t)i);
}

void rd_store_swap_databases(struct rd_store *store, uint32_t a, uint32_t b) {
    _Atomic uint8_t *spaces = store->databases.space;
    uint8_t first = atomic_load_explicit(&spaces[a], memory_order_relaxed);
    atomic_store_explicit(&spaces[a], atomic_load_explicit(&spaces[b], memory_order_relaxed), memory_order_relaxed);
    atomic_store_explicit(&spaces[b], first, memory_order_relaxed);
    if (!store->shares) return;
    rd_shares_assign(store->shares, rd_databases_space(&store->databases, a), a);
    rd_shares_assign(store->shares, first, b);
    atomic_store_explicit(&store->relief, true, memory_order_relaxed); /* one may hold more than its share now */
}

uint32_t rd_store_next_space(const struct rd_store *store, uint32_t database) {
    const struct rd_databases *databases = &store->databases;
    bool used[RD_SPACES] = {false};
    for (uint32_t i = 0; i < databases->count; i++) used[rd_databases_space(databases, i)] = true;
    for (uint32_t space = 0; space < RD_SPACES; space++) {
        if (!used[space] && !rd_databases_dies(databases, space)) return space;
    }
    return rd_databases_space(databases, database);
}

static uint64_t keys_of_space(const struct rd_store *store, uint32_t space) {
    uint64_t keys = 0;
    for (uint32_t i = 0; i < store->shard_count; i++) keys += rd_shard_keys_in(&store->shards[i], space);
    return keys;
}

void rd_store_flush_database(struct rd_store *store, uint32_t database, uint32_t space) {
    struct rd_databases *databases = &store->databases;
    uint32_t old = rd_databases_space(databases, database);
    if (space == old) {
        for (uint32_t i = 0; i < store->shard_count; i++) rd_shard_drop_some(&store->shards[i], old, UINT32_MAX);
        return;
    }
    atomic_store_explicit(&databases->space[database], (uint8_t)space, memory_order_relaxed);
    atomic_fetch_add_explicit(&databases->left[old], 1, memory_order_relaxed);
    atomic_fetch_or_explicit(&databases->dying[old / 64], 1ull << (old % 64), memory_order_relaxed);
    if (store->shares) {
        rd_shares_assign(store->shares, space, database);
        rd_shares_abandon(store->shares, old);
    }
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
}

/* The keyspaces of which nothing is left may be used again. */
static void end_dying(struct rd_store *store) {
    for (uint32_t space = 0; space < RD_SPACES; space++) {
        if (!rd_databases_dies(&store->databases, space) || keys_of_space(store, space)) continue;
        atomic_fetch_and_explicit(&store->databases.dying[space / 64], ~(1ull << (space % 64)), memory_order_relaxed);
    }
}

bool rd_databases_check(const struct rd_databases *databases) {
    bool used[RD_SPACES] = {false};
    if (databases->count == 0 || databases->count > RD_SPACES) return false;
    for (uint32_t i = 0; i < databases->count; i++) {
        uint32_t space = rd_databases_space(databases, i);
        if (used[space] || rd_databases_dies(databases, space)) return false;
        used[space] = true;
    }
    return true;
}

bool rd_databases_may_have(const struct rd_databases *databases, uint32_t space) {
    if (rd_databases_dies(databases, space)) return true;
    for (uint32_t i = 0; i < databases->count; i++) {
        if (rd_databases_space(databases, i) == space) return true;
    }
    return false;
}

bool rd_store_bury_some(struct rd_store *store, uint32_t *at) {
    if (!rd_databases_any_dies(&store->databases)) return false;
    bool left_out = false; /* a script may hold a shard for long */
    for (uint32_t tried = 0; tried < store->shard_count; tried++, ++*at) {
        struct rd_shard *shard = &store->shards[*at & (store->shard_count - 1)];
        if (!rd_shard_try_lock(shard)) {
            left_out = true;
            continue;
        }
        bool buried = rd_shard_bury_some(shard);
        rd_shard_unlock(shard);
        if (buried) return true;
    }
    if (left_out || !rd_shard_try_lock(&store->shards[0])) return true; /* who flushes a database has them all */
    end_dying(store);
    rd_shard_unlock(&store->shards[0]);
    return false;
}

uint64_t rd_store_keys(const struct rd_store *store, uint32_t database) {
    return keys_of_space(store, rd_databases_space(&store->databases, database));
}

static struct rd_database_statistics statistics_of(const struct rd_store *store, uint32_t space, uint64_t *sum) {
    struct rd_database_statistics statistics = {.keys = keys_of_space(store, space)};
    for (uint32_t i = 0; i < store->shard_count; i++) {
        struct rd_expiring expiring = rd_shard_expiring_in(&store->shards[i], space);
        statistics.keys_with_ttl += expiring.entries;
        statistics.hashes_with_ttl += expiring.timed;
        *sum += expiring.sum;
    }
    return statistics;
}

/* Counters of many writers are not of one moment: never below zero. */
static uint64_t less(uint64_t from, uint64_t what) {
    return what < from ? from - what : 0;
}

static uint64_t time_left(uint64_t sum, uint64_t entries, int64_t now) {
    int64_t left = (int64_t)(sum - entries * (uint64_t)now);
    return left > 0 ? (uint64_t)left : 0;
}

void rd_store_database_statistics(const struct rd_store *store, uint32_t database, int64_t now,
                                  struct rd_database_statistics *statistics) {
    uint64_t sum = 0;
    *statistics = statistics_of(store, rd_databases_space(&store->databases, database), &sum);
    statistics->ttl_sum_ms = time_left(sum, statistics->keys_with_ttl, now);
    if (store->shares) rd_shares_statistics(store, database, statistics);
}

void rd_store_all_statistics(const struct rd_store *store, int64_t now, struct rd_database_statistics *statistics) {
    uint64_t sum = 0;
    *statistics = (struct rd_database_statistics){0};
    for (uint32_t i = 0; i < store->shard_count; i++) {
        statistics->keys += rd_shard_keys(&store->shards[i]);
        statistics->keys_with_ttl += rd_counter_get(&store->shards[i].expiring);
        sum += rd_counter_get(&store->shards[i].expiry_sum);
    }
    for (uint32_t space = 0; space < RD_SPACES; space++) {
        if (!rd_databases_dies(&store->databases, space)) continue;
        uint64_t dying_sum = 0;
        struct rd_database_statistics dying = statistics_of(store, space, &dying_sum);
        statistics->keys = less(statistics->keys, dying.keys);
        statistics->keys_with_ttl = less(statistics->keys_with_ttl, dying.keys_with_ttl);
        sum -= dying_sum;
    }
    statistics->ttl_sum_ms = time_left(sum, statistics->keys_with_ttl, now);
}
