/*
 * This file owns looking at a value with a shape as it is, packed or indexed, without opening it: nothing is removed,
 * though its time may be over. With the shard's lock held.
 */
#ifndef RD_SHAPE_LOOK_H
#define RD_SHAPE_LOOK_H

#include "shape/part.h"
#include "store/shaped.h"

/* `item` is its parts, so many; they lie in the value. */
typedef void rd_item_look_fn(void *context, const char *item, uint8_t parts);

/* Every item, in the value's order. */
void rd_shape_look(const struct rd_entry *entry, rd_item_look_fn *look, void *context);

/* The same for the same items, packed or indexed, and for those that have no order in whichever they lie. */
uint64_t rd_shape_digest(const struct rd_entry *entry);

/* What the blobs below an indexed value's root cost in memory; 0 of a packed one. */
uint64_t rd_shape_footprint(const struct rd_entry *entry);

#endif
