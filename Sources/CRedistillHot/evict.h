/*
 * This file owns eviction: the table of policies, and making room under the memory limit. A policy only chooses
 * victims; removing them, and deciding when, is the same for all.
 */
#ifndef RD_EVICT_H
#define RD_EVICT_H

#include "shard.h"

struct rd_policy {
    const char *name; /* as in Redis's maxmemory-policy */
    /*
     * With the shard's lock held: the reference of the entry to evict next, never `spare`; 0 when the policy offers
     * none. May reorder the list, must not change the table.
     */
    uint32_t (*victim)(struct rd_shard *shard, uint32_t spare);
};

/* NULL when there is no policy of that name. */
const struct rd_policy *rd_policy_named(const char *name);

/*
 * Makes a slot of `class` available: finds room under the limit for one more slab of slab_bytes, or evicts entries of
 * this shard until a slot of the class is free or the room is there. RD_ERR_NO_MEMORY when neither can be had.
 * With the shard's lock held; entries but `spare` may go.
 */
RD_MUST_USE enum rd_status rd_evict_for_slot(struct rd_shard *shard, unsigned class, uint64_t slab_bytes,
                                             uint32_t spare);

/* Makes room for `bytes` more under the limit, from this shard and, where it has nothing left, from others. */
RD_MUST_USE enum rd_status rd_evict_for_bytes(struct rd_shard *shard, uint64_t bytes, uint32_t spare);

#endif
