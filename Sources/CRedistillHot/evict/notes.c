/* This file owns the making of notes; the shard frees them. */
#include "evict/notes.h"

#include "memory/kept.h"
#include "store/store.h"

struct rd_notes *rd_notes_of(struct rd_shard *shard) {
    if (!shard->notes) shard->notes = rd_kept_new_zeroed(shard->store->pool.region, sizeof *shard->notes);
    return shard->notes;
}

struct rd_notes *rd_notes_resize(struct rd_shard *shard, uint32_t ghosts) {
    struct rd_notes *notes = rd_kept_new_zeroed(shard->store->pool.region, sizeof *notes + ghosts * sizeof notes->ghosts[0]);
    if (!notes) return shard->notes;
    if (shard->notes) notes->fading = shard->notes->fading;
    notes->ghost_capacity = ghosts;
    rd_kept_free(shard->store->pool.region, shard->notes);
    return shard->notes = notes;
}
