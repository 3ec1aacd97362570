/*
 * This file owns building a tree from items in its order, leaf by leaf, which costs a fraction of adding each. Leaves are
 * left with room for what will be added between, but for those of lists.
 */
#ifndef RD_BUILD_H
#define RD_BUILD_H

#include "shape/keyed.h"
#include "shape/tree.h"

struct rd_builder {
    const struct rd_tree *tree; /* borrowed */
    uint64_t items;             /* of the leaf that is being filled */
    uint64_t key, last;         /* of its first item, and of its last */
    size_t length, most;
    uint64_t most_items;
    char bytes[RD_LEAF_BYTES];
};

/* Of a tree that has no item above those that are added; they ascend. */
void rd_builder_begin(struct rd_builder *builder, const struct rd_tree *tree);
/* The key is the item's hash, or rd_score_key of its score, or 0. False: no memory, as with the end; the tree has a part. */
RD_MUST_USE bool rd_builder_add(struct rd_builder *builder, struct rd_slice item, uint64_t key);
RD_MUST_USE bool rd_builder_end(struct rd_builder *builder);

/*
 * Memory for so many items to be sorted, of the tree's store, for which nothing goes; NULL: there is none. Given back by
 * rd_blob_detach.
 */
struct rd_blob *rd_build_memory(const struct rd_tree *tree, uint64_t items);
/* An index by hash of items of the tree's parts, which are sorted for it. False: no memory; the tree has a part of them. */
RD_MUST_USE bool rd_build_by_hash(const struct rd_tree *tree, struct rd_keyed *items, uint64_t count);

#endif
