/* This file owns the making of notes; the shard frees them. */
#include "evict/notes.h"

#include <stdlib.h>

struct rd_notes *rd_notes_of(struct rd_shard *shard) {
    if (!shard->notes) shard->notes = calloc(1, sizeof *shard->notes);
    return shard->notes;
}

struct rd_notes *rd_notes_resize(struct rd_shard *shard, uint32_t ghosts) {
    struct rd_notes *notes = calloc(1, sizeof *notes + ghosts * sizeof notes->ghosts[0]);
    if (!notes) return shard->notes;
    if (shard->notes) notes->fading = shard->notes->fading;
    notes->ghost_capacity = ghosts;
    free(shard->notes);
    return shard->notes = notes;
}
