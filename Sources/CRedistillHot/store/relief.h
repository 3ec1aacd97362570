/*
 * This file owns the work that keeps resident memory within the limit and that no command should wait for: emptying
 * sparse slabs, giving free pages back, evicting after the limit was lowered, freeing what was flushed. It is done in
 * slices between commands, by any worker.
 */
#ifndef RD_RELIEF_H
#define RD_RELIEF_H

#include "store/store.h"

/*
 * Works for about `microseconds`, no lock being held; true when there is more to do. `shard` is where the caller's
 * eviction goes on. store->relief says whether it is worth calling.
 */
bool rd_store_relieve(struct rd_store *store, uint32_t *shard, int64_t microseconds);

/*
 * Tells the store what the process has resident, 0 where nobody knows, and how much of that the heap holds free; all
 * that is neither free, nor the store's own, nor was there before the first key counts against the limit as other
 * bytes. Asks for relief where it is due. True when what is free should go back at once, since together it is more
 * than the limit. One thread at a time.
 */
bool rd_store_measure(struct rd_store *store, uint64_t resident, uint64_t heap_free);

/* Moves entries of one shard out of sparse slabs, and so on with the next call; with the shard's lock held. */
bool rd_shard_tidy(struct rd_shard *shard);

/*
 * Resident bytes of this process, as the kernel counts them; 0 when it doesn't tell. With a region (keep.h) all of that,
 * of which this process may have looked at little yet, and of the rest what is no file's.
 */
uint64_t rd_process_resident(const struct rd_region *region);

#endif
