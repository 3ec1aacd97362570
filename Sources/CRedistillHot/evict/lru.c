/*
 * This file owns the policies by last use. The lists are in the order of arrival; a hit only counts in its entry, and
 * the tail's hits are paid for with a second chance (Corbato's CLOCK). Of several lists the tail with the older stamp
 * goes first.
 */
#include "evict/policies.h"
#include "store/store.h"

/* Hit entries at the tail that one search gives a second chance, so that a command's time stays bounded. */
#define SECOND_CHANCES 32

/* The oldest entry of a list other than spare, 0 when there is none. */
static uint32_t tail(const struct rd_shard *shard, const struct rd_list *list, uint32_t spare) {
    uint32_t oldest = list->oldest;
    return oldest && oldest == spare ? rd_shard_entry(shard, oldest)->newer : oldest;
}

/* The oldest among the tails of the lists from `first` on. */
static struct rd_victim oldest_of(struct rd_shard *shard, uint32_t space, uint32_t spare, unsigned first) {
    const struct rd_list *lists = rd_shard_lists(shard, space);
    struct rd_victim victim = {0};
    for (unsigned list = first; list < RD_LISTS; list++) {
        uint32_t reference = tail(shard, &lists[list], spare);
        if (!reference) continue;
        uint32_t score = rd_entry_age(shard, rd_shard_entry(shard, reference)) + 1;
        if (score > victim.score) victim = (struct rd_victim){reference, score};
    }
    return victim;
}

static struct rd_victim least_recent(struct rd_shard *shard, uint32_t space, uint32_t spare, unsigned first) {
    for (int chances = 0; chances < SECOND_CHANCES; chances++) {
        struct rd_victim victim = oldest_of(shard, space, spare, first);
        if (!victim.reference) return victim;
        uint8_t flags = rd_shard_entry(shard, victim.reference)->flags;
        if (!(flags & RD_HIT_MASK)) return victim;
        rd_shard_refresh(shard, victim.reference, flags & (uint8_t)~RD_HIT_MASK);
    }
    return oldest_of(shard, space, spare, first);
}

static struct rd_victim allkeys(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    return least_recent(shard, space, spare, 0);
}

static struct rd_victim expiring(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    return least_recent(shard, space, spare, 2);
}

const struct rd_policy rd_policy_allkeys_lru = {.name = "allkeys-lru", .by_use = true, .victim = allkeys};
const struct rd_policy rd_policy_volatile_lru = {.name = "volatile-lru", .by_use = true, .victim = expiring};
