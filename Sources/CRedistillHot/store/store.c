/* This file owns the life of the store and what concerns all shards. */
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

#include "memory/kept.h"

/*
 * So many that threads hardly ever meet at a lock, and no more: the heads of few shards stay in the first-level cache
 * (256 cost 3 to 4 % of CPU time per operation), and a shard's own oldest entry is among the oldest of all.
 */
#define SHARDS_A_THREAD 16u
#define LEAST_SHARDS 16u
#define MOST_USUAL_SHARDS 1024u
/* A shard of less than this holds too few entries of each size to fill its slabs; then half as many have to do. */
#define LEAST_SHARD (4u << 20)
/* A shard's references reach 16 GiB of slabs. */
#define LARGEST_SHARD (4ull << 30)

static uint64_t machine_bytes(void) {
    long pages = sysconf(_SC_PHYS_PAGES);
    return pages > 0 ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) : (uint64_t)1 << 36;
}

uint32_t rd_store_usual_shards(uint64_t limit, uint32_t threads) {
    uint64_t memory = limit ? limit : machine_bytes();
    uint32_t shards = LEAST_SHARDS;
    while (shards < MOST_USUAL_SHARDS && (shards < SHARDS_A_THREAD * threads || memory / shards > LARGEST_SHARD)) {
        shards *= 2;
    }
    return memory / shards < LEAST_SHARD && shards > LEAST_SHARDS ? shards / 2 : shards;
}

/* In a region they stay as long as that does. */
static struct rd_shard *new_shards(struct rd_region *region, uint32_t count) {
    size_t bytes = count * sizeof(struct rd_shard);
    if (region) return rd_region_take(region, bytes, _Alignof(struct rd_shard));
    return aligned_alloc(_Alignof(struct rd_shard), bytes);
}

static void free_shards(struct rd_store *store) {
    if (!store->pool.region) free(store->shards);
    store->shards = NULL;
}

enum rd_status rd_store_init(struct rd_store *store, const struct rd_store_options *options) {
    *store = (struct rd_store){.shard_count = options->shards, .shared = options->shared, .shapes = options->shapes};
    uint32_t bits = (uint32_t)__builtin_ctz(options->shards);
    store->shard_shift = 64 - bits;
    atomic_init(&store->samples, 5);
    atomic_init(&store->lfu_decay_minutes, 1);
    atomic_init(&store->idle_ceiling, UINT64_MAX);
    atomic_init(&store->policy, options->policy ? options->policy : &rd_policy_noeviction);
    if (options->seed) store->seed = *options->seed;
    else rd_hash_seed_random(&store->seed);
    rd_databases_init(&store->databases, options->databases);
    rd_size_classes_init(&store->classes);
    /* Addresses cost nothing: several times the memory leaves room for holes between blocks of different sizes. */
    uint64_t reserve = options->reserve ? options->reserve : machine_bytes() * 8;
    enum rd_status status = rd_pool_init(&store->pool, reserve, options->region);
    if (status != RD_OK) return status;
    status = rd_blobs_init(&store->blobs, &store->pool, reserve * 4);
    if (status != RD_OK) {
        rd_pool_destroy(&store->pool);
        return status;
    }
    store->blobs.told_of_buried = &store->relief;
    rd_store_set_limit(store, options->limit);
    store->shards = new_shards(options->region, options->shards);
    if (store->shards && options->shares) store->shares = rd_shares_new(options->region, options->shares, store->databases.count);
    if (!store->shards || (options->shares && !store->shares)) {
        free_shards(store);
        rd_blobs_destroy(&store->blobs);
        rd_pool_destroy(&store->pool);
        return RD_ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < options->shards; i++) store->shards[i].store = NULL;
    for (uint32_t i = 0; i < options->shards && status == RD_OK; i++) status = rd_shard_init(&store->shards[i], store, i);
    if (status != RD_OK) rd_store_destroy(store);
    return status;
}

void rd_store_set_limit(struct rd_store *store, uint64_t limit) {
    atomic_store_explicit(&store->limit, limit, memory_order_relaxed);
    rd_spans_fit(&store->blobs.spans, limit);
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
}

void rd_store_destroy(struct rd_store *store) {
    if (!store->shards) return;
    for (uint32_t i = 0; i < store->shard_count; i++) rd_shard_destroy(&store->shards[i]);
    rd_flush_finish(store);
    rd_kept_free(store->pool.region, store->shares);
    free_shards(store);
    rd_blobs_destroy(&store->blobs);
    rd_pool_destroy(&store->pool);
}

/* Unlocks those of the set before shard `end`. */
static void unlock_before(struct rd_store *store, const struct rd_shard_set *set, uint32_t end) {
    for (uint32_t word = 0; word * 64 < end; word++) {
        for (uint64_t left = set->words[word]; left; left &= left - 1) {
            uint32_t number = word * 64 + (uint32_t)__builtin_ctzll(left);
            if (number < end) rd_lock_release(&store->shards[number].lock);
        }
    }
}

bool rd_store_lock_set(struct rd_store *store, const struct rd_shard_set *set) {
    if (!store->shared) return true;
    for (uint32_t word = 0; word < (store->shard_count + 63) / 64; word++) {
        for (uint64_t left = set->words[word]; left; left &= left - 1) {
            uint32_t number = word * 64 + (uint32_t)__builtin_ctzll(left);
            if (rd_lock_acquire_unless(&store->shards[number].lock, &store->busy)) continue;
            unlock_before(store, set, number);
            return false;
        }
    }
    return true;
}

void rd_store_unlock_set(struct rd_store *store, const struct rd_shard_set *set) {
    if (store->shared) unlock_before(store, set, store->shard_count);
}

uint64_t rd_store_clear(struct rd_store *store) {
    uint64_t removed = 0;
    for (uint32_t i = 0; i < store->shard_count; i++) removed += rd_shard_clear(&store->shards[i]);
    if (store->shares) rd_shares_forget(store->shares);
    for (uint32_t i = 0; i < RD_SPACES / 64; i++) atomic_store_explicit(&store->databases.dying[i], 0, memory_order_relaxed);
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
    return removed;
}

static uint64_t table_bytes(const struct rd_shard *shard) {
    uint64_t bytes = 0;
    uint32_t space = 0;
    do bytes += rd_table_bytes(rd_shard_table(shard, space));
    while ((space = rd_shard_space_after(shard, space)));
    return bytes;
}

void rd_store_statistics(const struct rd_store *store, int64_t now, struct rd_statistics *statistics) {
    struct rd_database_statistics all;
    rd_store_all_statistics(store, now, &all);
    statistics->keys = all.keys;
    statistics->keys_with_ttl = all.keys_with_ttl;
    statistics->ttl_sum_ms = all.ttl_sum_ms;
    for (uint32_t i = 0; i < store->shard_count; i++) {
        const struct rd_shard *shard = &store->shards[i];
        statistics->expired += rd_counter_get(&shard->expired);
        statistics->expired_fields += rd_counter_get(&shard->expired_fields);
        statistics->evicted += rd_counter_get(&shard->evicted);
        statistics->memory_payload += rd_counter_get(&shard->payload_bytes);
        statistics->memory_dataset += rd_counter_get(&shard->entry_bytes);
        statistics->memory_table += table_bytes(shard);
        statistics->memory_arena += rd_counter_get(&shard->arena.slab_bytes);
    }
    statistics->strays_removed = rd_counter_get(&store->strays.removed);
    statistics->stray_slots = atomic_load_explicit(&store->strays.slot_count, memory_order_relaxed);
    statistics->memory_values = rd_blobs_bytes(&store->blobs);
    statistics->memory_dataset += statistics->memory_values;
    statistics->memory_orphans = atomic_load_explicit(&store->blobs.orphan_bytes, memory_order_relaxed);
    statistics->memory_store_resident = rd_store_resident(store);
    statistics->memory_used = rd_store_used(store);
    statistics->memory_limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    statistics->memory_startup = atomic_load_explicit(&store->startup_bytes, memory_order_relaxed);
    statistics->memory_other = rd_store_other(store);
}

/* Not while a script keeps a shard: whoever waits for it must hold no other. */
static bool check_shares(struct rd_store *store) {
    struct rd_shard_set all;
    rd_shard_set_clear(store, &all);
    rd_shard_set_fill(store, &all);
    if (!rd_store_lock_set(store, &all)) return true;
    bool sound = rd_shares_check(store);
    rd_store_unlock_set(store, &all);
    return sound;
}

bool rd_store_check(struct rd_store *store) {
    for (uint32_t i = 0; i < store->shard_count; i++) {
        rd_shard_lock(&store->shards[i]);
        bool sound = rd_shard_check(&store->shards[i]);
        rd_shard_unlock(&store->shards[i]);
        if (!sound) return false;
    }
    if (store->shares && !check_shares(store)) return false;
    return rd_blobs_check(&store->blobs) && rd_pool_check(&store->pool);
}
