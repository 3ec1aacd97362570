/* This file owns the walk that finds strays. */
#include "store/strays.h"

#include "store/store.h"

/* Entries looked at under one hold of a shard's lock: some 20 us, and as much again where most of them go. */
#define STEP 64
/* Strays that are removed of a bucket before it is looked at again: more than one has. */
#define BUCKET_MOST 128

struct bucket {
    const struct rd_shard *shard;
    const struct rd_slot_set *slots;
    uint32_t seen, count;
    uint32_t references[BUCKET_MOST]; /* of strays */
};

static void ask_for(void *context, uint32_t reference) {
    struct bucket *bucket = context;
    bucket->seen++;
    __builtin_prefetch(rd_shard_entry(bucket->shard, reference));
}

static void collect(void *context, uint32_t reference) {
    struct bucket *bucket = context;
    uint32_t slot = rd_slot_of(rd_entry_key(rd_shard_entry(bucket->shard, reference)));
    if (bucket->count == BUCKET_MOST || !rd_slot_set_has(bucket->slots, slot)) return;
    bucket->references[bucket->count++] = reference;
}

/* With both locks held. True when nothing of the shard is left to look at. */
static bool look_at_some(struct rd_strays *strays, struct rd_shard *shard) {
    struct rd_table *table = rd_shard_table(shard, rd_databases_space(&shard->store->databases, 0));
    for (uint32_t seen = 0; table && seen < STEP;) {
        struct bucket bucket = {.shard = shard, .slots = &strays->slots};
        (void)rd_table_scan(table, strays->cursor, ask_for, &bucket);
        uint32_t next = rd_table_scan(table, strays->cursor, collect, &bucket);
        for (uint32_t i = 0; i < bucket.count; i++) {
            rd_shard_remove_reference(shard, bucket.references[i], RD_CHANGE_REMOVED);
        }
        rd_counter_add(&strays->removed, bucket.count);
        seen += bucket.seen + 1;
        if (bucket.count == BUCKET_MOST) continue; /* there may be more */
        strays->cursor = next;
        if (next == 0) return true;
    }
    return !table;
}

static void end(struct rd_strays *strays) {
    strays->slots = (struct rd_slot_set){0};
    atomic_store(&strays->due, false);
    atomic_store_explicit(&strays->slot_count, 0, memory_order_relaxed);
    atomic_store_explicit(&strays->pending, false, memory_order_release);
}

/* With the lock held. False when there is nothing to do, or not yet. */
static bool walk(struct rd_store *store) {
    struct rd_strays *strays = &store->strays;
    if (!rd_strays_are_due(strays)) return false;
    if (strays->shard == store->shard_count) {
        end(strays);
        return false;
    }
    struct rd_shard *shard = &store->shards[strays->shard];
    if (!rd_shard_try_lock(shard)) return true; /* the next step comes by again */
    bool is_done = look_at_some(strays, shard);
    rd_shard_unlock(shard);
    if (!is_done) return true;
    strays->shard++;
    strays->cursor = 0;
    return true;
}

bool rd_strays_step(struct rd_store *store) {
    struct rd_strays *strays = &store->strays;
    if (!rd_strays_are_due(strays)) return false;
    rd_lock_acquire(&strays->lock);
    bool worked = walk(store);
    rd_lock_release(&strays->lock);
    return worked;
}

static uint32_t count(const struct rd_slot_set *set) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < RD_SLOTS / 64; i++) count += (uint32_t)__builtin_popcountll(set->words[i]);
    return count;
}

void rd_strays_add(struct rd_store *store, const struct rd_slot_set *slots) {
    struct rd_strays *strays = &store->strays;
    rd_lock_acquire(&strays->lock);
    for (uint32_t i = 0; i < RD_SLOTS / 64; i++) strays->slots.words[i] |= slots->words[i];
    uint32_t slot_count = count(&strays->slots);
    atomic_store(&strays->due, false);
    strays->shard = strays->cursor = 0;
    atomic_store_explicit(&strays->slot_count, slot_count, memory_order_relaxed);
    atomic_store_explicit(&strays->pending, slot_count > 0, memory_order_release);
    rd_lock_release(&strays->lock);
}

void rd_strays_go(struct rd_store *store) {
    struct rd_strays *strays = &store->strays;
    rd_lock_acquire(&strays->lock);
    bool is_due = rd_strays_are_pending(strays);
    atomic_store(&strays->due, is_due);
    rd_lock_release(&strays->lock);
    if (is_due) atomic_store(&store->relief, true);
}

void rd_strays_adopt(struct rd_store *store) {
    struct rd_strays *strays = &store->strays;
    rd_lock_reset(&strays->lock);
    rd_counter_set(&strays->removed, 0);
    strays->shard = strays->cursor = 0;
    atomic_store(&strays->due, rd_strays_are_pending(strays));
    while (rd_strays_step(store)) {
    }
}

bool rd_strays_have(struct rd_store *store, uint32_t slot) {
    struct rd_strays *strays = &store->strays;
    if (!rd_strays_are_pending(strays)) return false;
    rd_lock_acquire(&strays->lock);
    bool has = rd_slot_set_has(&strays->slots, slot);
    rd_lock_release(&strays->lock);
    return has;
}

bool rd_strays_among(struct rd_store *store, const struct rd_slot_set *slots, struct rd_slot_set *among) {
    struct rd_strays *strays = &store->strays;
    uint64_t any = 0;
    rd_lock_acquire(&strays->lock);
    for (uint32_t i = 0; i < RD_SLOTS / 64; i++) any |= among->words[i] = slots->words[i] & strays->slots.words[i];
    rd_lock_release(&strays->lock);
    return any != 0;
}
