/* This file owns eviction: the policies and the loops that make room. */
#include "evict.h"

#include <string.h>

#include "store.h"

/* Marked entries at the tail that one search gives a second chance, so that a command's time stays bounded. */
#define SECOND_CHANCES 32
/*
 * Entries that one command may evict, beyond as many of the smallest as its own bytes are worth. What is still missing
 * then is refused, and the next command goes on evicting.
 */
#define MOST_EVICTIONS 1024
/* Evictions that may free no memory, only holes, before whole slabs are emptied. */
#define FRUITLESS_EVICTIONS 64

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

/* What is to be made room for. */
struct need {
    const struct rd_shard *shard; /* that asks */
    uint64_t bytes;               /* not counted yet */
    int class;                    /* a free slot of this class of the shard's would do as well; -1: none would */
    uint32_t spare;
    uint64_t evictions;           /* still allowed */
};

static bool is_met(const struct need *need) {
    return has_room(need->shard->store, need->bytes) ||
           (need->class >= 0 && rd_arena_has_room(&need->shard->arena, (unsigned)need->class));
}

static void evict(struct rd_shard *from, uint32_t victim, struct need *need) {
    rd_shard_remove_reference(from, victim);
    rd_counter_add(&from->evicted, 1);
    if (need->evictions) need->evictions--;
}

/* Everything that shares the victim's slab goes with it: stored at about the same time, it is mostly about as old. */
static void evict_slab(struct rd_shard *from, uint32_t victim, uint32_t spare, struct need *need) {
    uint32_t mates[RD_SLAB_SLOTS_MAX];
    uint32_t count = rd_arena_slab_mates(&from->arena, victim, mates);
    for (uint32_t i = 0; i < count; i++) {
        if (mates[i] != spare) evict(from, mates[i], need);
    }
}

static void evict_from(struct rd_shard *from, struct need *need) {
    const struct rd_policy *policy = atomic_load_explicit(&from->store->policy, memory_order_relaxed);
    uint32_t spare = from == need->shard ? need->spare : 0, fruitless = 0;
    while (need->evictions && !is_met(need)) {
        uint32_t victim = policy->victim(from, spare);
        if (!victim) return;
        uint64_t before = rd_store_used(from->store);
        if (fruitless < FRUITLESS_EVICTIONS) evict(from, victim, need);
        else evict_slab(from, victim, spare, need);
        if (rd_store_used(from->store) < before) fruitless = 0;
        else fruitless++;
    }
}

static enum rd_status make_room(struct rd_shard *shard, struct need *need) {
    struct rd_store *store = shard->store;
    evict_from(shard, need);
    /* Others are only tried, not waited for: waiting for a lower number would break the lock order. */
    for (uint32_t i = 1; i < store->shard_count && need->evictions && !is_met(need); i++) {
        struct rd_shard *from = &store->shards[(shard->number + i) & (store->shard_count - 1)];
        if (store->shared && !rd_lock_try(&from->lock)) continue;
        evict_from(from, need);
        rd_shard_unlock(from);
    }
    return is_met(need) ? RD_OK : RD_ERR_NO_MEMORY;
}

static enum rd_status make_room_for(struct rd_shard *shard, uint64_t bytes, uint64_t uncounted, int class,
                                    uint32_t spare) {
    uint64_t limit = atomic_load_explicit(&shard->store->limit, memory_order_relaxed);
    if (limit && bytes > limit) return RD_ERR_NO_MEMORY; /* it would never fit */
    struct need need = {shard, uncounted, class, spare, MOST_EVICTIONS + bytes / RD_ENTRY_MIN};
    return make_room(shard, &need);
}

enum rd_status rd_evict_for_slot(struct rd_shard *shard, unsigned class, uint32_t spare) {
    uint64_t slab = rd_arena_slab_size(&shard->arena, class);
    return make_room_for(shard, slab, slab, (int)class, spare);
}

enum rd_status rd_evict_for_bytes(struct rd_shard *shard, uint64_t bytes, uint32_t spare) {
    return make_room_for(shard, bytes, bytes, -1, spare);
}

enum rd_status rd_evict_for_blob(struct rd_shard *shard, const struct rd_blob *blob, uint32_t spare) {
    return make_room_for(shard, rd_blob_footprint(blob), 0, -1, spare);
}
