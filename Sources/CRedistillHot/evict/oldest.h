/* This file owns the oldest entries of a keyspace's lists, between which policies choose. With the shard's lock held. */
#ifndef RD_OLDEST_H
#define RD_OLDEST_H

#include "store/policy.h"
#include "store/store.h"

/* The oldest entry of a list other than spare, 0 when there is none. */
static inline uint32_t rd_oldest(const struct rd_shard *shard, const struct rd_list *list, uint32_t spare) {
    uint32_t oldest = list->oldest;
    return oldest && oldest == spare ? rd_shard_entry(shard, oldest)->newer : oldest;
}

/* That of the first list from `first` on which has one. */
static inline uint32_t rd_oldest_of_first(const struct rd_shard *shard, uint32_t space, uint32_t spare, unsigned first) {
    const struct rd_list *lists = rd_shard_lists(shard, space);
    uint32_t oldest = 0;
    for (unsigned list = first; list < RD_LISTS && !oldest; list++) oldest = rd_oldest(shard, &lists[list], spare);
    return oldest;
}

/* The one with the oldest stamp among those of the lists first, first + step .. */
static inline struct rd_victim rd_oldest_by_age(const struct rd_shard *shard, uint32_t space, uint32_t spare,
                                                unsigned first, unsigned step) {
    const struct rd_list *lists = rd_shard_lists(shard, space);
    struct rd_victim victim = {0};
    for (unsigned list = first; list < RD_LISTS; list += step) {
        uint32_t reference = rd_oldest(shard, &lists[list], spare);
        if (!reference) continue;
        uint32_t score = rd_entry_age(shard, rd_shard_entry(shard, reference)) + 1;
        if (score > victim.score) victim = (struct rd_victim){reference, score};
    }
    return victim;
}

#endif
