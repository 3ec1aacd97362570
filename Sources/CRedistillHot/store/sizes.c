/* This file owns the sample of sizes. */
#include "store/sizes.h"

/* Of one shard. */
struct sample {
    const struct rd_shard *shard;
    int64_t now;
    uint64_t looked_at;
    struct rd_sizes sizes;
};

static uint32_t bin_of(size_t bytes) {
    uint32_t bin = bytes ? 64 - (uint32_t)__builtin_clzll(bytes) : 0;
    return bin < RD_SIZE_BINS ? bin : RD_SIZE_BINS - 1;
}

static uint64_t *bins_of(struct rd_sizes *sizes, enum rd_type_of_value type) {
    switch (type) {
    case RD_VALUE_HASH: return sizes->hashes;
    case RD_VALUE_SET: return sizes->sets;
    case RD_VALUE_LIST: return sizes->lists;
    case RD_VALUE_ZSET: return sizes->zsets;
    case RD_VALUE_STRING: break;
    }
    return sizes->strings;
}

static void look(void *context, uint32_t reference) {
    struct sample *sample = context;
    const struct rd_entry *entry = rd_shard_entry(sample->shard, reference);
    sample->looked_at++;
    if (rd_entry_has_expired(entry, sample->now)) return;
    sample->sizes.keys[bin_of(rd_entry_key(entry).length)]++;
    uint64_t size = rd_entry_is_shaped(entry) ? rd_entry_items(entry) : rd_entry_value(entry).length;
    bins_of(&sample->sizes, rd_entry_type(entry))[bin_of(size)]++;
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

static void add(struct rd_sizes *sizes, struct sample *sample, uint64_t keys) {
    if (sample->looked_at == 0) return;
    for (uint32_t i = 0; i < RD_SIZE_BINS; i++) {
        sizes->keys[i] += sample->sizes.keys[i] * keys / sample->looked_at;
        for (enum rd_type_of_value type = RD_VALUE_STRING; type <= RD_VALUE_ZSET; type++) {
            bins_of(sizes, type)[i] += bins_of(&sample->sizes, type)[i] * keys / sample->looked_at;
        }
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
