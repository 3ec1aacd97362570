/* This file owns the draw. */
#include "evict/sample.h"

#include "store/store.h"

/* Random buckets looked at for samples; where few entries qualify, the caller falls back to the lists. */
#define BUCKETS_SAMPLED 16

static void sample(void *context, uint32_t reference) {
    struct rd_samples *samples = context;
    if (samples->count == RD_SAMPLES_MOST || reference == samples->spare) return;
    samples->references[samples->count++] = reference;
    __builtin_prefetch(rd_shard_entry(samples->shard, reference));
}

/* A keyspace is as likely as it has keys. */
static struct rd_table *draw_table(struct rd_shard *shard, uint32_t of) {
    if (shard->partitioned) return rd_shard_table(shard, of);
    uint64_t own = rd_shard_keys_in(shard, 0), keys = rd_shard_keys(shard);
    if (__builtin_expect(own == keys, 1)) return &shard->table;
    uint64_t rank = (rd_shard_random(shard) >> 16) % keys;
    uint32_t space = 0;
    while (rank >= own && (space = rd_shard_space_after(shard, space))) {
        rank -= own;
        own = rd_shard_keys_in(shard, space);
    }
    return rd_shard_table(shard, space);
}

void rd_samples_draw(struct rd_samples *samples, struct rd_shard *shard, uint32_t space, uint32_t spare, bool expiring) {
    *samples = (struct rd_samples){.shard = shard, .spare = spare};
    samples->wanted = atomic_load_explicit(&shard->store->samples, memory_order_relaxed);
    uint32_t kept = 0;
    for (int bucket = 0; bucket < BUCKETS_SAMPLED && kept < samples->wanted; bucket++) {
        rd_table_scan(draw_table(shard, space), (uint32_t)rd_shard_random(shard), sample, samples);
        if (!expiring) {
            kept = samples->count;
            continue;
        }
        uint32_t count = samples->count;
        for (samples->count = kept; kept < count; kept++) {
            uint32_t reference = samples->references[kept];
            if (rd_shard_entry(shard, reference)->flags & RD_HAS_EXPIRY) samples->references[samples->count++] = reference;
        }
        kept = samples->count;
    }
    samples->count = kept;
}
