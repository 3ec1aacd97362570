/*
 * This file owns moving entries and blobs out of sparse slabs. An entry is named by its place in the table and its two
 * neighbours in a list; a blob by its entry alone, or by a place below the root that its entry has, and is left where it
 * is while a reply refers to it.
 *
 * Moving entries of one shard is declared in shard.h.
 */
#ifndef RD_COMPACT_H
#define RD_COMPACT_H

#include "store/store.h"

/* Empties one sparse slab of blobs; false when there is none. No lock may be held, and no entry be in hand. */
bool rd_store_compact_blobs(struct rd_store *store);

#endif
