/*
 * This file owns the store that outlives its process: made in a region (memory/region.h), parked by the process that
 * ends, and adopted by the next one, which gets every key as it was. What is not as it should be is not adopted: the
 * store starts empty, and it is said why.
 *
 * A parked store holds references of keys alone: whoever held others, connections and their replies, has ended.
 *
 * Where asked, what a process has left that did not end in order is recovered (recover.h), if somebody else has kept its
 * descriptor. A crash soon after that may come of what was recovered, so that the next start is cold.
 */
#ifndef RD_KEEP_H
#define RD_KEEP_H

#include "store/recover.h"

/*
 * Of all that lies in the region. Another number means that a process of one must not adopt from one of the other: it
 * changes with what bytes mean. Layouts alone are told apart by their fingerprint.
 */
#define RD_KEPT_FORMAT 2u

/* A crash so soon after a recovery is not followed by another one, in milliseconds. */
#define RD_RECOVERY_TRIAL 60000

struct rd_keep {
    int fd;               /* of what a process before has parked; taken over. -1: there is none */
    uint64_t fingerprint; /* of the layouts of all structs that lie in the region */
    bool any_shards;      /* nobody has named a number of shards: a parked store has the one that it has */
    bool after_crash;     /* what was not parked, but guarded, is recovered; and this store is to be guarded */
    uint64_t most_resident; /* bytes meanwhile, of both stores; 0: any number */
    const char *why_cold; /* set: why what was parked is not used, or nothing can be; NULL: all is well */
    bool adopted;         /* set; also where it was recovered */
    struct rd_recovery recovery; /* set; of no shards: nothing was recovered */
};

/*
 * A store as the options say, on the heap; with `keep` in a region, and with what was parked in it. Where no region can be
 * had, *out is a private store, and keep->why_cold is set.
 */
RD_MUST_USE enum rd_status rd_store_open(const struct rd_store_options *options, struct rd_keep *keep, struct rd_store **out);
/*
 * From now on what a crash leaves may be recovered: all that was to be put into it is, and every change from now on is made
 * with the lock of its shard. Without a region, or where nobody has asked for it, nothing happens.
 */
void rd_store_guard(struct rd_store *store, const struct rd_keep *keep);
/* The descriptor of its region, which stays the store's; -1: it has none. */
int rd_store_descriptor(const struct rd_store *store);
/* Ends it, and what it holds with it. NULL is fine. */
void rd_store_close(struct rd_store *store);
/*
 * No other thread uses it any more: leaves it to the next process. Returns the descriptor, which the caller owns; -1: it
 * has no region, or clients' references are left in it, and it has been closed.
 */
int rd_store_park(struct rd_store *store);

#endif
