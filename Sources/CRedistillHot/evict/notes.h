/*
 * This file owns what policies remember of a shard: one block (memory/kept.h), which hangs at the shard and goes with it.
 * Guarded by the shard's lock.
 */
#ifndef RD_NOTES_H
#define RD_NOTES_H

#include "store/shard.h"

/* What the policies by frequency have to take off unused entries; see lfu.c. */
struct rd_fading {
    uint32_t minute;  /* of the store, that is counted */
    uint32_t sampled; /* entries, in it */
    uint32_t fade;    /* of a frequency with each sample, in 256ths; from the minute before */
};

struct rd_notes {
    struct rd_fading fading;
    uint32_t ghost_capacity; /* a power of two, 0 until the first ghost is added; see ghost.h */
    uint32_t ghosts[];
};

/* Made when there are none; NULL when memory is out. */
struct rd_notes *rd_notes_of(struct rd_shard *shard);
/* The same with room for so many ghosts, all forgotten; as it was when memory is out, which may be NULL. */
struct rd_notes *rd_notes_resize(struct rd_shard *shard, uint32_t ghosts);

#endif
