/*
 * This file owns the policies by last use. The lists are in the order of arrival; a hit only counts in its entry, and
 * the tail's hits are paid for with a second chance (Corbato's CLOCK). Of several lists the tail with the older stamp
 * goes first.
 */
#include "evict/oldest.h"
#include "evict/policies.h"

/* Hit entries at the tail that one search gives a second chance, so that a command's time stays bounded. */
#define SECOND_CHANCES 32

static struct rd_victim least_recent(struct rd_shard *shard, uint32_t space, uint32_t spare, unsigned first) {
    for (int chances = 0; chances < SECOND_CHANCES; chances++) {
        struct rd_victim victim = rd_oldest_by_age(shard, space, spare, first, 1);
        if (!victim.reference) return victim;
        uint8_t flags = rd_shard_entry(shard, victim.reference)->flags;
        if (!(flags & RD_HIT_MASK)) return victim;
        rd_shard_refresh(shard, victim.reference, flags & (uint8_t)~RD_HIT_MASK);
    }
    return rd_oldest_by_age(shard, space, spare, first, 1);
}

static struct rd_victim allkeys(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    return least_recent(shard, space, spare, 0);
}

static struct rd_victim expiring(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    return least_recent(shard, space, spare, 2);
}

const struct rd_policy rd_policy_allkeys_lru = {.name = "allkeys-lru", .by_use = true, .victim = allkeys};
const struct rd_policy rd_policy_volatile_lru = {.name = "volatile-lru", .by_use = true, .victim = expiring};
