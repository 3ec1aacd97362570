/* This file owns the removal of dying keyspaces. */
#include "store/bury.h"

#include "store/store.h"

/* Entries removed under one hold of a shard's lock: some 20 us. */
#define STEP 64
/* More than a bucket has, with all that hangs on it. */
#define BUCKET_MOST 128

struct bucket {
    const struct rd_shard *shard;
    uint32_t count;
    uint32_t references[BUCKET_MOST];
};

static void collect(void *context, uint32_t reference) {
    struct bucket *bucket = context;
    if (bucket->count == BUCKET_MOST) return; /* the next round comes by again */
    bucket->references[bucket->count++] = reference;
    __builtin_prefetch(rd_shard_entry(bucket->shard, reference));
}

void rd_shard_drop_some(struct rd_shard *shard, uint32_t space, uint32_t most) {
    while (most > 0 && rd_shard_keys_in(shard, space)) {
        struct bucket bucket = {.shard = shard};
        shard->drop_cursor = rd_table_scan(rd_shard_table(shard, space), shard->drop_cursor, collect, &bucket);
        if (bucket.count > most) bucket.count = most;
        for (uint32_t i = 0; i < bucket.count; i++) {
            rd_shard_remove_reference(shard, bucket.references[i], RD_CHANGE_CLEARED);
        }
        most -= bucket.count;
    }
}

bool rd_shard_bury_some(struct rd_shard *shard) {
    const struct rd_databases *databases = &shard->store->databases;
    if (__builtin_expect(!rd_databases_any_dies(databases), 1)) return false;
    for (uint32_t space = 0; space < RD_SPACES; space++) {
        if (!rd_databases_dies(databases, space) || !rd_shard_keys_in(shard, space)) continue;
        rd_shard_drop_some(shard, space, STEP);
        return true;
    }
    return false;
}
