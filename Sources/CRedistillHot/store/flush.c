/* This file owns giving back what was flushed. */
#include "store/flush.h"

#include <stdlib.h>

/* Blobs released, or blocks given back, in one piece: some 10 us, and 100 more for each 2 MiB that fall free. */
#define STEP 64

void rd_flush_add(struct rd_flush *flush, struct rd_flushed *flushed) {
    rd_lock_acquire(&flush->lock);
    flushed->next = flush->first;
    flush->first = flushed;
    atomic_store_explicit(&flush->pending, true, memory_order_relaxed);
    rd_lock_release(&flush->lock);
}

/* False when no entry is left that may own a blob. */
static bool release_some_blobs(struct rd_flushed *flushed) {
    unsigned list = 0;
    for (uint32_t left = STEP; left > 0; left--) {
        while (list < 4 && !flushed->newest[list]) list++;
        if (list == 4) return false;
        const struct rd_entry *entry = rd_arena_at(&flushed->arena, flushed->newest[list]);
        flushed->newest[list] = entry->older;
        rd_entry_release_blobs(entry);
    }
    return true;
}

/* With the lock held: works on the first; false when nothing is left of it. */
static bool step(struct rd_flushed *flushed) {
    return release_some_blobs(flushed) || rd_arena_clear_some(&flushed->arena, &flushed->slab, STEP) ||
           rd_table_clear_some(&flushed->table, STEP);
}

bool rd_flush_step(struct rd_flush *flush) {
    if (__builtin_expect(!atomic_load_explicit(&flush->pending, memory_order_relaxed), 1)) return false;
    rd_lock_acquire(&flush->lock);
    struct rd_flushed *flushed = flush->first;
    if (flushed && !step(flushed)) {
        flush->first = flushed->next;
        rd_arena_destroy(&flushed->arena);
        rd_table_destroy(&flushed->table);
        free(flushed);
    }
    bool pending = flush->first != NULL;
    atomic_store_explicit(&flush->pending, pending, memory_order_relaxed);
    rd_lock_release(&flush->lock);
    return flushed != NULL;
}

void rd_flush_finish(struct rd_flush *flush) {
    while (rd_flush_step(flush)) {
    }
}
