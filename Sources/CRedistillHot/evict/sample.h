/* This file owns drawing entries of a shard at random, for the policies that sample. */
#ifndef RD_SAMPLE_H
#define RD_SAMPLE_H

#include "store/shard.h"

#define RD_SAMPLES_MOST 64

struct rd_samples {
    struct rd_shard *shard;
    uint32_t wanted, count;
    uint32_t spare;
    uint32_t references[RD_SAMPLES_MOST];
};

/*
 * Looks at random buckets until there are samples enough, within bounds; their lines are asked for. `expiring`: only
 * those with an expiry. Of a keyspace's lists (rd_shard_lists). With the shard's lock held.
 */
void rd_samples_draw(struct rd_samples *samples, struct rd_shard *shard, uint32_t space, uint32_t spare, bool expiring);

#endif
