/* This file owns the sweep through a shard for what has expired, whether anybody asks for it or not. */
#ifndef RD_SWEEP_H
#define RD_SWEEP_H

#include "store/shard.h"

/* What a sweep did. */
struct rd_swept {
    uint32_t buckets; /* looked at */
    uint32_t removed;
    bool wrapped;     /* the end of the table was reached */
};

/* Looks at up to `buckets` buckets from sweep_cursor on, and removes what has expired in them. With the shard's lock. */
struct rd_swept rd_shard_sweep(struct rd_shard *shard, uint32_t buckets, int64_t now);

/* Buckets of all keyspaces. Any thread. */
uint64_t rd_shard_buckets(const struct rd_shard *shard);

#endif
