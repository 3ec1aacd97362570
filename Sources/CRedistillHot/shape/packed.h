/* This file owns the packed form of an opened shape: how its run lies in the value, and how it is changed in the scratch. */
#ifndef RD_PACKED_H
#define RD_PACKED_H

#include "shape/shape.h"

/* Reads the value that the entry has. */
void rd_packed_open(struct rd_shape *shape, struct rd_slice value);

/*
 * Over `cut` bytes at the offset come those of `add`, which lie elsewhere, and a part of nothing with `and_nothing`. False:
 * the heap is out, nothing is changed.
 */
bool rd_packed_edit(struct rd_shape *shape, size_t offset, size_t cut, struct rd_slice add, bool and_nothing);
/* Every item gets a part of nothing behind it, in one pass. False: the heap is out, nothing is changed. */
bool rd_packed_widen(struct rd_shape *shape);
/* Has the run in the scratch, where it stays while others are moved or evicted. */
bool rd_packed_lift(struct rd_shape *shape);
/* The value as it is to be stored, with its head, of a run that is in the scratch. */
struct rd_slice rd_packed_value(struct rd_shape *shape);

/* At the place's offset of the run as it is now; false behind the last item. */
static inline bool rd_packed_settle(const struct rd_shape *shape, struct rd_place_in *at) {
    at->run = shape->run;
    at->length = shape->length;
    at->item = at->offset < at->length ? at->run + at->offset : NULL;
    return at->item != NULL;
}

/* Is it beyond what is packed, with so many items more, and bytes, of which `item` is one? In change.c. */
bool rd_packed_is_outgrown(const struct rd_shape *shape, struct rd_slice item, uint64_t more, size_t bytes);

/* Notes that a change was not made; false. */
static inline bool rd_shape_refuse(struct rd_shape *shape) {
    shape->out_of_memory = true;
    return false;
}

/* Where an integer belongs among ascending ones. */
size_t rd_packed_place_of(const struct rd_shape *shape, int64_t integer);

#endif
