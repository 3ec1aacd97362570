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
 * Each makes room under the limit, with the shard's lock held, by evicting from this shard and, where it has nothing
 * left, from others whose locks are free. Any entry but `spare` may go. RD_ERR_NO_MEMORY when the room can't be had.
 */

/* For one more slot of the class: room for its slab, or a slot that an eviction has freed. */
RD_MUST_USE enum rd_status rd_evict_for_slot(struct rd_shard *shard, unsigned class, uint32_t spare);
/* For `bytes` more. */
RD_MUST_USE enum rd_status rd_evict_for_bytes(struct rd_shard *shard, uint64_t bytes, uint32_t spare);
/* For a blob that was received and is counted already, so that only what is too much has to go. */
RD_MUST_USE enum rd_status rd_evict_for_blob(struct rd_shard *shard, const struct rd_blob *blob, uint32_t spare);

#endif
