/*
 * This file owns taking stretches of items out of shapes, and many items at once out of an index by hash, without an edit
 * for each.
 */
#ifndef RD_RANGE_H
#define RD_RANGE_H

#include "shape/keyed.h"
#include "shape/tree.h"

/* Takes out so many items from that index on, which are there. False: no memory, no change. */
RD_MUST_USE bool rd_tree_erase(const struct rd_tree *tree, uint64_t index, uint64_t count);
/* After it that takes no memory, as long as no reply refers to what has come since. False: no memory. */
RD_MUST_USE bool rd_tree_own_ends(const struct rd_tree *tree, uint64_t index, uint64_t count);

/*
 * Of an index by hash whose leaves nobody refers to: takes out the items with the first parts that these have, by their
 * hashes, all of which are there; they are sorted for it. It takes no memory.
 */
void rd_tree_erase_keyed(const struct rd_tree *tree, struct rd_keyed *items, uint64_t count);

#endif
