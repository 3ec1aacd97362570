/*
 * This file owns making room under the memory limit: in which shard something is evicted, how much, and what may go
 * beyond the limit for a while. Which entry goes is the policy's choice (policy.h).
 */
#ifndef RD_ROOM_H
#define RD_ROOM_H

#include "store/shard.h"

/*
 * Makes a slot of `class` available in the shard: finds room under the limit for a slab, or evicts until there is
 * room, or a slot. RD_ERR_NO_MEMORY when neither can be had. With the shard's lock held; every entry but `spare` (NULL:
 * none) may go, in this shard and others, and all may move; spare->entry and spare->reference follow, its place does not.
 */
RD_MUST_USE enum rd_status rd_room_for_slot(struct rd_shard *shard, unsigned class, struct rd_found *spare);
/* The same for a blob of that capacity. */
RD_MUST_USE enum rd_status rd_room_for_blob(struct rd_shard *shard, uint64_t capacity, struct rd_found *spare);
/* The same for a blob that was received and is counted already, so that only what is too much has to go. */
RD_MUST_USE enum rd_status rd_room_for_received(struct rd_shard *shard, const struct rd_blob *blob,
                                                 struct rd_found *spare);

/*
 * Makes room in the share of a keyspace's database, by evicting of its holder's own (share.h), for an entry that has
 * `held` bytes of it, 0 when it is new, and is to have `wanted`; where there are shares. The store itself may still be
 * full. Locks and spare as above.
 */
RD_MUST_USE enum rd_status rd_room_in_share(struct rd_shard *shard, uint32_t space, uint64_t held, uint64_t wanted,
                                            struct rd_found *spare);

/*
 * May the store go beyond its limit for `bytes` that an entry which is there already needs, after everything that can
 * go has gone? Commands that Redis does not call DENYOOM must not be refused, or a cache that is full of keys without a
 * time to live could not be mended by giving them one. What is as small as an entry always may: an expiry, a name within
 * an entry, and there are never more of them than entries. A longer name may within what the store may owe for a while.
 */
bool rd_room_may_exceed(struct rd_store *store, uint64_t bytes);

/* Whether a value that is being received may take `bytes` more. No lock is needed. */
enum rd_reception {
    RD_RECEIVE,
    RD_RECEIVE_LATER,  /* room is being made by relief */
    RD_RECEIVE_NEVER,
};
enum rd_reception rd_room_may_receive(struct rd_store *store, uint64_t bytes);
/* Releases a blob that was received and did not fit: its memory is not kept for the next one. */
void rd_room_refused(struct rd_store *store, struct rd_blob *blob);
/* True for what would not fit an empty store, for which nothing is to be driven out. */
bool rd_room_never_fits(const struct rd_store *store, uint64_t bytes);

/* Is the store above its limit, or a database above its share? */
bool rd_room_is_wanted(const struct rd_store *store);
/*
 * Evicts up to `most` entries while that is so, of what this shard and some others have; returns how many. With the
 * shard's lock held, no other, and no entry in hand.
 */
uint32_t rd_room_evict(struct rd_shard *shard, uint32_t most);

#endif
