/*
 * This file owns the ghosts of a shard: which keys were evicted from the small queue of S3-FIFO lately, as 16 bits of
 * their hash and 16 bits of time each. Four places share a set; the oldest ghost of a set gives way. They lie in the
 * shard's notes.
 *
 * Time is what the callers say, in steps of their choice, modulo 2^16. All is guarded by the shard's lock.
 */
#ifndef RD_GHOST_H
#define RD_GHOST_H

#include "store/shard.h"

/* Remembers a key. There is room for twice as many as the shard has keys, where memory allows. */
void rd_ghosts_add(struct rd_shard *shard, uint64_t hash, uint16_t now);
/* True, and forgotten, when the key was added at most `life` ago. */
bool rd_ghosts_take(struct rd_shard *shard, uint64_t hash, uint16_t now, uint16_t life);

#endif
