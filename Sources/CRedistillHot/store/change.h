/*
 * This file owns how the store tells of changes, and what kinds there are: through one slot, which whoever owns the
 * store sets. The store knows nothing of who listens, and looks at one field of a shard where nobody does.
 */
#ifndef RD_CHANGE_H
#define RD_CHANGE_H

#include "memory/entry.h"

struct rd_shard;

/* What happened to a key. */
enum rd_change {
    RD_CHANGE_VALUE,   /* it was stored, or written in place */
    RD_CHANGE_EXPIRY,  /* it got another time to live, or lost it */
    RD_CHANGE_REMOVED, /* by whoever uses the store */
    RD_CHANGE_EXPIRED,
    RD_CHANGE_EVICTED,
    RD_CHANGE_CLEARED, /* every key of the shard is about to go at once; of these no other change is told */
};

/* The slot. Whoever listens has one in front of its own state. */
struct rd_change_slot {
    /*
     * With the shard's lock held: the key has changed, or is about to, which may yet fail for want of memory; what is to
     * be removed is there still. For RD_CHANGE_CLEARED there is no key. May look at the shard, but not change it, and
     * says itself whether it listens on (rd_shard.listened).
     */
    void (*changed)(struct rd_change_slot *slot, struct rd_shard *shard, uint64_t hash, struct rd_key key,
                    enum rd_change change);
};

#endif
