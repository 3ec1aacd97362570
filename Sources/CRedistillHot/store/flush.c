/* This file owns giving back what was flushed. */
#include "store/flush.h"

#include "memory/kept.h"
#include "store/store.h"

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

/* False when nothing is left of it. */
static bool step(struct rd_flushed *flushed) {
    return release_some_blobs(flushed) || rd_arena_clear_some(&flushed->arena, &flushed->slab, STEP) ||
           rd_table_clear_some(&flushed->table, STEP);
}

/* With the lock held: frees some nodes of what is buried; false when nothing is. */
static bool take_apart(struct rd_store *store) {
    struct rd_flush *flush = &store->flush;
    uint32_t left = STEP;
    while (left > 0) {
        if (!flush->root && !(flush->root = rd_blobs_unbury(&store->blobs))) return left < STEP;
        if (store->shapes && !store->shapes->take_apart(flush->root, &left)) continue;
        rd_blobs_give(&store->blobs, flush->root);
        flush->root = NULL;
        left -= left > 0;
    }
    return true;
}

/* With the lock held: gives back some of what was flushed; false when nothing is left of it. */
static bool give_back(struct rd_flush *flush, struct rd_region *region) {
    struct rd_flushed *flushed = flush->first;
    if (!flushed) return false;
    if (step(flushed)) return true;
    flush->first = flushed->next;
    rd_arena_destroy(&flushed->arena);
    rd_table_destroy(&flushed->table);
    rd_kept_free(region, flushed);
    return true;
}

static bool is_pending(const struct rd_store *store) {
    return atomic_load_explicit(&store->flush.pending, memory_order_relaxed) || rd_blobs_has_buried(&store->blobs);
}

bool rd_flush_step(struct rd_store *store) {
    struct rd_flush *flush = &store->flush;
    if (__builtin_expect(!is_pending(store), 1)) return false;
    rd_lock_acquire(&flush->lock);
    bool worked = take_apart(store) || give_back(flush, store->pool.region);
    atomic_store_explicit(&flush->pending, flush->first || flush->root, memory_order_relaxed);
    rd_lock_release(&flush->lock);
    return worked;
}

void rd_flush_finish(struct rd_store *store) {
    while (rd_flush_step(store)) {
    }
}
