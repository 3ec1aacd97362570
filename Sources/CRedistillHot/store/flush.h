/*
 * This file owns what was flushed: tables and arenas of which nothing is to be found any more, given back piece by
 * piece between commands, so that FLUSHALL is over at once whatever there was. So are values with a shape that are large
 * (shaped.h) and have gone: their roots lie in rd_blobs.buried.
 *
 * The lock is a leaf but for the pool's, the blobs' and the spans', which are taken inside.
 */
#ifndef RD_FLUSH_H
#define RD_FLUSH_H

#include "memory/arena.h"
#include "memory/list.h"
#include "base/lock.h"
#include "store/table.h"

/* What one shard held. */
struct rd_flushed {
    struct rd_flushed *next;
    struct rd_table table;
    struct rd_arena arena;
    uint32_t newest[4];     /* of the lists whose entries may own blobs, as far as they still do; 0: none */
    uint32_t slab;          /* where giving slabs back goes on */
};

struct rd_store;

struct rd_flush {
    struct rd_lock lock;
    /* Guarded by lock. */
    struct rd_flushed *first;
    struct rd_blob *root;   /* owned; being taken apart. NULL: none is */
    /* Any thread reads. */
    _Atomic bool pending;
};

/* Takes over what the shard held; ownership of `flushed` too, which is a block of the store's (memory/kept.h). */
void rd_flush_add(struct rd_flush *flush, struct rd_flushed *flushed);
/* Gives a piece back; false when nothing is left. */
bool rd_flush_step(struct rd_store *store);
/* Gives everything back. */
void rd_flush_finish(struct rd_store *store);

#endif
