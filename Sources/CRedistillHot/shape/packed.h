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

/* Where an integer belongs among ascending ones. */
size_t rd_packed_place_of(const struct rd_shape *shape, int64_t integer);

#endif
