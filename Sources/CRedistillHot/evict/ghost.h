/*
 * This file owns the ghosts of a shard: which keys were evicted from the small queue of S3-FIFO lately, as 16 bits of
 * their hash and 16 bits of time each. Four places share a set; the oldest ghost of a set gives way.
 *
 * Time is what the callers say, in steps of their choice, modulo 2^16. All is guarded by the shard's lock.
 */
#ifndef RD_GHOST_H
#define RD_GHOST_H

#include <stdbool.h>
#include <stdint.h>

struct rd_ghosts {
    uint32_t *at;      /* NULL until the first is added */
    uint32_t capacity; /* power of two */
};

/* Remembers a key; `keys` is how many the shard holds, for which the ghosts are made to fit. Failing is harmless. */
void rd_ghosts_add(struct rd_ghosts *ghosts, uint64_t hash, uint16_t now, uint64_t keys);
/* True, and forgotten, when the key was added at most `life` ago. */
bool rd_ghosts_take(struct rd_ghosts *ghosts, uint64_t hash, uint16_t now, uint16_t life);
void rd_ghosts_free(struct rd_ghosts *ghosts);

#endif
