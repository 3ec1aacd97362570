/* This file owns what the files that change trees share: making nodes, and changing leaves. */
#ifndef RD_EDIT_H
#define RD_EDIT_H

#include "shape/node.h"

/* NULL: no memory; see rd_tree_edit. What `shrinks` takes the place of something larger, and may always be had. */
struct rd_blob *rd_new_leaf_of(const struct rd_tree *tree, size_t length, size_t capacity, bool shrinks);
/* With some room to grow, so that not each item that is added has it copied. */
struct rd_blob *rd_new_leaf(const struct rd_tree *tree, size_t length, bool shrinks);
struct rd_blob *rd_new_inner(const struct rd_tree *tree);

/* Adds to what is counted of the place's leaf, up the way. */
void rd_tree_count(const struct rd_tree *tree, const struct rd_place_in *at, int64_t items, int64_t bytes);
/* The place's leaf lost items, which has been counted: it goes, or is joined with a neighbour, or stays. */
void rd_tree_shrunk(const struct rd_tree *tree, const struct rd_place_in *at);
/* Nobody else refers to the place's leaf after it, so that it may be changed. False: no memory. */
bool rd_tree_own_leaf(const struct rd_tree *tree, const struct rd_place_in *at);
/* At the place, takes out so many items of its leaf, which have so many bytes. False: no memory, no change. */
bool rd_tree_cut(const struct rd_tree *tree, const struct rd_place_in *at, uint64_t items, size_t bytes);

/*
 * Takes the child of the place at that level out of the tree, and of all counts; there are `bytes` in leaves below it. It
 * is the caller's then.
 */
struct rd_blob *rd_tree_take_child(const struct rd_tree *tree, const struct rd_place_in *at, uint32_t level, uint64_t bytes);
/*
 * Puts a leaf with so many items behind all others, none of which is above the key. False: no memory for its place, and
 * the leaf is the caller's still.
 */
bool rd_tree_append(const struct rd_tree *tree, struct rd_blob *leaf, uint64_t items, uint64_t key);

/* Frees a node that is no tree's any more, with what is below it: a leaf with 0 levels. */
void rd_node_free(struct rd_blob *node, uint32_t levels);

#endif
