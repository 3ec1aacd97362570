/*
 * This file owns the look at a store that a crash has left (recover.h): which of its shards are sound. A shard is not whose
 * lock is held, since a command was changing it; and one of which anything does not agree with the rest. Processes of their
 * own look, so that what leads them astray ends them alone.
 */
#ifndef RD_INSPECT_H
#define RD_INSPECT_H

#include "store/store.h"

struct rd_inspection;

/* NULL: no process or no memory could be had for it. The store is as before. */
struct rd_inspection *rd_inspect(struct rd_store *left);
bool rd_inspection_is_sound(const struct rd_inspection *inspection, uint32_t shard);
void rd_inspection_free(struct rd_inspection *inspection);

#endif
