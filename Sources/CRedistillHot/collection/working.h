/*
 * This file owns the memory that a command works in: the store's own, so that it counts as what it is. Nothing is evicted
 * for it, since what the command reads must stay where it is.
 */
#ifndef RD_WORKING_H
#define RD_WORKING_H

#include "store/room.h"

/* One reference, which the caller gives back. NULL: the store has none to spare, and never will have. */
static inline struct rd_blob *rd_working_memory(struct rd_store *store, uint64_t bytes) {
    if (rd_room_never_fits(store, bytes) || rd_room_may_receive(store, bytes) == RD_RECEIVE_NEVER) return NULL;
    return rd_blob_new(&store->blobs, bytes, 0);
}

#endif
