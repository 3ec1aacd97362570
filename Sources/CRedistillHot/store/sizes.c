/* This file owns the sample of sizes. */
#include "store/sizes.h"

/* Of one shard. */
struct sample {
    const struct rd_shard *shard;
    int64_t now;
    uint64_t looked_at;
    uint64_t keys[RD_SIZE_BINS], values[RD_SIZE_BINS];
};

static uint32_t bin_of(size_t bytes) {
    return bytes ? 64 - (uint32_t)__builtin_clzll(bytes) : 0;
}

static void look(void *context, uint32_t reference) {
    struct sample *sample = context;
    const struct rd_entry *entry = rd_shard_entry(sample->shard, reference);
    sample->looked_at++;
    if (rd_entry_has_expired(entry, sample->now)) return;
    sample->keys[bin_of(rd_entry_key(entry).length)]++;
    sample->values[bin_of(rd_entry_value(entry).length)]++;
}

/* All of a shard with no more keys than are wanted; else random buckets until so many were looked at. */
static void look_at_some(struct rd_shard *shard, struct rd_table *table, uint64_t keys, uint64_t wanted,
                         struct sample *sample) {
    uint32_t cursor = 0;
    if (keys <= wanted) {
        do cursor = rd_table_scan(table, cursor, look, sample);
        while (cursor != 0);
        return;
    }
    for (uint64_t tries = 0; tries < wanted && sample->looked_at < wanted; tries++) {
        rd_table_scan(table, (uint32_t)rd_shard_random(shard), look, sample);
    }
}

static void add(struct rd_sizes *sizes, const struct sample *sample, uint64_t keys) {
    if (sample->looked_at == 0) return;
    for (uint32_t i = 0; i < RD_SIZE_BINS; i++) {
        sizes->keys[i] += sample->keys[i] * keys / sample->looked_at;
        sizes->values[i] += sample->values[i] * keys / sample->looked_at;
    }
}

void rd_store_sizes(struct rd_store *store, uint32_t database, int64_t now, struct rd_sizes *sizes) {
    *sizes = (struct rd_sizes){0};
    uint64_t wanted = RD_SIZES_SAMPLE / store->shard_count > 8 ? RD_SIZES_SAMPLE / store->shard_count : 8;
    for (uint32_t i = 0; i < store->shard_count; i++) {
        struct rd_shard *shard = &store->shards[i];
        if (rd_shard_keys_in(shard, rd_databases_space(&store->databases, database)) == 0) continue;
        if (!rd_shard_try_lock(shard)) continue;
        struct sample sample = {.shard = shard, .now = now};
        uint32_t space = rd_databases_space(&store->databases, database); /* with a lock held it stays */
        struct rd_table *table = rd_shard_table(shard, space);
        uint64_t keys = rd_shard_keys_in(shard, space);
        if (table) look_at_some(shard, table, keys, wanted, &sample);
        rd_shard_unlock(shard);
        add(sizes, &sample, keys);
    }
}
