/*
 * This file owns the store that outlives its process: made in a region (memory/region.h), parked by the process that
 * ends, and adopted by the next one, which gets every key as it was. What is not as it should be is not adopted: the
 * store starts empty, and it is said why.
 *
 * A parked store holds references of keys alone: whoever held others, connections and their replies, has ended.
 */
#ifndef RD_KEEP_H
#define RD_KEEP_H

#include "store/store.h"

/*
 * Of all that lies in the region. Another number means that a process of one must not adopt from one of the other: it
 * changes with what bytes mean. Layouts alone are told apart by their fingerprint.
 */
#define RD_KEPT_FORMAT 1u

struct rd_keep {
    int fd;               /* of what a process before has parked; taken over. -1: there is none */
    uint64_t fingerprint; /* of the layouts of all structs that lie in the region */
    bool any_shards;      /* nobody has named a number of shards: a parked store has the one that it has */
    const char *why_cold; /* set: why what was parked is not used, or nothing can be; NULL: all is well */
    bool adopted;         /* set */
};

/*
 * A store as the options say, on the heap; with `keep` in a region, and with what was parked in it. Where no region can be
 * had, *out is a private store, and keep->why_cold is set.
 */
RD_MUST_USE enum rd_status rd_store_open(const struct rd_store_options *options, struct rd_keep *keep, struct rd_store **out);
/* Ends it, and what it holds with it. NULL is fine. */
void rd_store_close(struct rd_store *store);
/*
 * No other thread uses it any more: leaves it to the next process. Returns the descriptor, which the caller owns; -1: it
 * has no region, or clients' references are left in it, and it has been closed.
 */
int rd_store_park(struct rd_store *store);

#endif
