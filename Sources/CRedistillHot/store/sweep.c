/* This file owns the sweep: in batches, so that what each removal touches has been asked for. */
#include "store/sweep.h"

#include "store/store.h"

#define SWEEP_BATCH 512
/* More than a bucket has, with all that hangs on it: the batch takes one more bucket while so much room is left. */
#define BUCKET_MOST 128

/* References, of everything in some buckets and then of what is dead among it. */
struct sweep {
    struct rd_shard *shard;
    uint32_t count;
    uint32_t references[SWEEP_BATCH];
};

static void collect(void *context, uint32_t reference) {
    struct sweep *sweep = context;
    if (sweep->count == SWEEP_BATCH) return; /* a bucket beyond all bounds: the next round comes by again */
    sweep->references[sweep->count++] = reference;
    __builtin_prefetch(rd_shard_entry(sweep->shard, reference));
}

/* Nothing else moves when fields, or with them their hash, go. */
static void sweep_fields(const struct sweep *sweep, uint32_t reference, int64_t now) {
    struct rd_shard *shard = sweep->shard;
    const struct rd_entry *entry = rd_shard_entry(shard, reference);
    if (rd_entry_next_field_expiry(entry) > now) return;
    rd_shard_expire_fields(shard, rd_store_hash(shard->store, rd_entry_key(entry)), reference, now);
}

/* Leaves only the dead, and asks for what their removal touches. */
static void keep_dead(struct sweep *sweep, int64_t now) {
    uint32_t dead = 0;
    for (uint32_t i = 0; i < sweep->count; i++) {
        const struct rd_entry *entry = rd_shard_entry(sweep->shard, sweep->references[i]);
        if (!rd_entry_has_expired(entry, now)) {
            if (rd_entry_is_shaped(entry)) sweep_fields(sweep, sweep->references[i], now);
            continue;
        }
        if (entry->newer) __builtin_prefetch(rd_shard_entry(sweep->shard, entry->newer));
        if (entry->older) __builtin_prefetch(rd_shard_entry(sweep->shard, entry->older));
        sweep->references[dead++] = sweep->references[i];
    }
    sweep->count = dead;
}

struct rd_swept rd_shard_sweep(struct rd_shard *shard, uint32_t buckets, int64_t now) {
    struct sweep sweep = {.shard = shard};
    struct rd_swept swept = {0};
    while (swept.buckets < buckets && !swept.wrapped && sweep.count <= SWEEP_BATCH - BUCKET_MOST) {
        shard->sweep_cursor = rd_table_scan(rd_shard_table(shard, shard->sweep_space), shard->sweep_cursor, collect, &sweep);
        swept.buckets++;
        if (shard->sweep_cursor) continue;
        shard->sweep_space = rd_shard_space_after(shard, shard->sweep_space);
        swept.wrapped = shard->sweep_space == 0;
    }
    keep_dead(&sweep, now);
    for (uint32_t i = 0; i < sweep.count; i++) rd_shard_remove_reference(shard, sweep.references[i], RD_CHANGE_EXPIRED);
    rd_counter_add(&shard->expired, sweep.count);
    swept.removed = sweep.count;
    return swept;
}

uint64_t rd_shard_buckets(const struct rd_shard *shard) {
    uint64_t buckets = 0;
    uint32_t space = 0;
    do buckets += atomic_load_explicit(&rd_shard_table(shard, space)->buckets, memory_order_relaxed);
    while ((space = rd_shard_space_after(shard, space)));
    return buckets;
}
