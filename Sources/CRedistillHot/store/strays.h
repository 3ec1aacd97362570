/*
 * This file owns the removal of strays: keys in slots of a cluster that are another's now. A slot that comes back must not
 * bring its old values with it, so they go piece by piece between commands, and a slot that comes back before they are gone
 * has to wait for it (connection/cluster.h).
 *
 * Only the first database has keys where there is a cluster.
 */
#ifndef RD_STRAYS_H
#define RD_STRAYS_H

#include "base/counter.h"
#include "base/lock.h"
#include "base/slot.h"

struct rd_store;

/*
 * The lock comes before the shards': whoever walks holds it, and only tries theirs, so that it may also be taken by who
 * has some of them.
 */
struct rd_strays {
    struct rd_lock lock;
    /* Guarded by lock. */
    struct rd_slot_set slots; /* no key of these is to stay */
    uint32_t shard, cursor;   /* where the walk goes on */
    /* Written with the lock held; any thread reads. */
    _Atomic bool pending;     /* there may be some */
    _Atomic bool due;         /* so, and nobody writes keys of those slots any more: the walk may go on */
    _Atomic uint32_t slot_count;
    rd_counter removed;
};

/* Keys of these slots are strays from now on, too; the walk begins anew, once rd_strays_go says so. */
void rd_strays_add(struct rd_store *store, const struct rd_slot_set *slots);
/* All threads know that, and none of them writes such a key any more. */
void rd_strays_go(struct rd_store *store);
/* Of these slots, those that are to be found empty before they are served; false where none is. */
bool rd_strays_among(struct rd_store *store, const struct rd_slot_set *slots, struct rd_slot_set *strays);
/* Is this one of them, too? */
bool rd_strays_have(struct rd_store *store, uint32_t slot);
/* Removes some; false when there is nothing to do now. No shard's lock is held. */
bool rd_strays_step(struct rd_store *store);
/*
 * In a store that another process has left (keep.h), before anybody uses it: what was still to go then goes now, since nobody
 * would hold its slots where there is no cluster any more.
 */
void rd_strays_adopt(struct rd_store *store);

/* Ordered with the store's `relief`, which rd_strays_go sets behind it. */
static inline bool rd_strays_are_due(const struct rd_strays *strays) {
    return atomic_load(&strays->due);
}

static inline bool rd_strays_are_pending(const struct rd_strays *strays) {
    return __builtin_expect(atomic_load_explicit(&strays->pending, memory_order_acquire), 0);
}

#endif
