/*
 * This file owns an item as it is put together for a shape: its words as parts, one behind the other. Small ones lie in
 * the struct, large ones in a blob of the store's, so that they count.
 */
#ifndef RD_ITEM_H
#define RD_ITEM_H

#include "shape/shape.h"

struct rd_item {
    struct rd_slice bytes;
    struct rd_blob *large; /* owned; NULL: it lies in `few` */
    char few[512];
};

/* Bytes that are parts already, which may lie in a shape that is about to change. False: no memory, which closing the shape says. */
RD_MUST_USE bool rd_item_copy(struct rd_item *item, struct rd_shape *shape, struct rd_slice parts);
/* The same of words. */
RD_MUST_USE bool rd_item_of(struct rd_item *item, struct rd_shape *shape, const struct rd_word *words, uint32_t count);
void rd_item_drop(struct rd_item *item);

#endif
