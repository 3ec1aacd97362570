/* This file owns eviction: the policies and the loops that make room. */
#include "evict.h"

#include <string.h>

#include "store.h"

/* Marked entries at the tail that one search gives a second chance, so that a command's time stays bounded. */
#define SECOND_CHANCES 32
/* Entries that one command may evict; a larger need is met by refusing, and the next commands go on evicting. */
#define MOST_EVICTIONS 1024

static uint32_t none(struct rd_shard *shard, uint32_t spare) {
    (void)shard;
    (void)spare;
    return 0;
}

static void move_to_front(struct rd_shard *shard, uint32_t reference) {
    rd_list_remove(&shard->lru, &shard->arena, rd_shard_entry(shard, reference));
    rd_list_push(&shard->lru, &shard->arena, reference);
}

/* The oldest entry that was not hit since it was last passed over; after many chances the oldest, hit or not. */
static uint32_t oldest_unvisited(struct rd_shard *shard, uint32_t spare) {
    for (int chances = 0; chances < SECOND_CHANCES; chances++) {
        uint32_t oldest = shard->lru.oldest;
        if (!oldest) return 0;
        struct rd_entry *entry = rd_shard_entry(shard, oldest);
        if (oldest != spare && !(entry->flags & RD_VISITED)) return oldest;
        if (oldest == spare && !entry->newer) return 0; /* the only one */
        entry->flags &= (uint8_t)~RD_VISITED;
        move_to_front(shard, oldest);
    }
    uint32_t oldest = shard->lru.oldest;
    return oldest == spare ? rd_shard_entry(shard, oldest)->newer : oldest;
}

static uint64_t next_random(struct rd_shard *shard) {
    uint64_t x = shard->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return shard->random = x;
}

struct choice {
    uint32_t spare, chosen;
};

static void choose(void *context, uint32_t reference) {
    struct choice *choice = context;
    if (reference != choice->spare) choice->chosen = reference;
}

static uint32_t any(struct rd_shard *shard, uint32_t spare) {
    struct choice choice = {.spare = spare};
    /* A bucket holds 8.5 on average, so a few random ones nearly always have an entry. */
    for (int tries = 0; tries < 8 && !choice.chosen; tries++) {
        rd_table_scan(&shard->table, (uint32_t)next_random(shard), choose, &choice);
    }
    if (choice.chosen) return choice.chosen;
    uint32_t oldest = shard->lru.oldest;
    return oldest && oldest == spare ? rd_shard_entry(shard, oldest)->newer : oldest;
}

static const struct rd_policy policies[] = {
    {"noeviction", none},
    {"allkeys-lru", oldest_unvisited},
    {"allkeys-random", any},
};

#define POLICY_COUNT (sizeof policies / sizeof policies[0])

const struct rd_policy *rd_policy_named(const char *name) {
    for (size_t i = 0; i < POLICY_COUNT; i++) {
        if (strcmp(policies[i].name, name) == 0) return &policies[i];
    }
    return NULL;
}

const char *rd_policy_name(size_t index) {
    return index < POLICY_COUNT ? policies[index].name : NULL;
}

static bool has_room(const struct rd_store *store, uint64_t bytes) {
    uint64_t limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    return limit == 0 || rd_store_used(store) + bytes <= limit;
}

static bool evict_one(struct rd_shard *shard, uint32_t spare) {
    const struct rd_policy *policy = atomic_load_explicit(&shard->store->policy, memory_order_relaxed);
    uint32_t victim = policy->victim(shard, spare);
    if (!victim) return false;
    rd_shard_remove_reference(shard, victim);
    rd_counter_add(&shard->evicted, 1);
    return true;
}

enum rd_status rd_evict_for_slot(struct rd_shard *shard, unsigned class, uint64_t slab_bytes, uint32_t spare) {
    for (int evictions = 0; evictions < MOST_EVICTIONS; evictions++) {
        if (has_room(shard->store, slab_bytes) || rd_arena_has_room(&shard->arena, class)) return RD_OK;
        if (!evict_one(shard, spare)) break;
    }
    return RD_ERR_NO_MEMORY;
}

enum rd_status rd_evict_for_bytes(struct rd_shard *shard, uint64_t bytes, uint32_t spare) {
    struct rd_store *store = shard->store;
    uint64_t limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    if (limit && bytes > limit) return RD_ERR_NO_MEMORY; /* it would never fit */
    int evictions = 0;
    /* Others are only tried, not waited for: waiting for a lower number would break the lock order. */
    for (uint32_t i = 0; i < store->shard_count; i++) {
        struct rd_shard *from = &store->shards[(shard->number + i) & (store->shard_count - 1)];
        if (i && store->shared && !rd_lock_try(&from->lock)) continue;
        while (!has_room(store, bytes) && evictions < MOST_EVICTIONS && evict_one(from, i ? 0 : spare)) evictions++;
        if (i) rd_shard_unlock(from);
        if (has_room(store, bytes)) return RD_OK;
        if (evictions == MOST_EVICTIONS) break;
    }
    return RD_ERR_NO_MEMORY;
}
