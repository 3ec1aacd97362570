/* This file owns the indexed form of an opened shape: its trees, and how a packed one becomes indexed. */
#ifndef RD_INDEXED_H
#define RD_INDEXED_H

#include "shape/shape.h"

void rd_indexed_open(struct rd_shape *shape, struct rd_blob *root);
/* Writes what the shape knows into the root. */
void rd_indexed_close(struct rd_shape *shape);
/* Makes an indexed one of a packed one. False: no memory, and it is packed still. Places are not valid after it. */
bool rd_indexed_from_packed(struct rd_shape *shape);

/* Into the leaf of its first part's hash, which does not have it. */
bool rd_indexed_add_by_hash(const struct rd_tree *tree, struct rd_slice item, bool and_nothing);
/* Of a set or hash: adds an item that is not there. */
bool rd_indexed_add(struct rd_shape *shape, struct rd_slice item, bool and_nothing);
/* Of a sorted set, by its index by member, the item with that member; the place is in the index by score. */
bool rd_indexed_find_member(struct rd_shape *shape, const struct rd_word *word, struct rd_place_in *at);
bool rd_indexed_add_scored(struct rd_shape *shape, struct rd_slice item);
/* The item takes the place of the one with its member, and that score. */
bool rd_indexed_rescore(struct rd_shape *shape, double old, struct rd_slice item);
bool rd_indexed_remove_scored(struct rd_shape *shape, const struct rd_word *member, double score);

uint64_t rd_indexed_scan(struct rd_shape *shape, uint64_t cursor, rd_shape_visit_fn *visit, void *context);

#endif
