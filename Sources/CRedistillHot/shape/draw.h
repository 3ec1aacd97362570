/*
 * This file owns how items become a reply in one go: so many parts of each as bulk strings. A reply of a large value refers
 * to its leaves, and they are drawn when it is their turn to be sent, so that no command holds its worker for all of them
 * (resp/reply.h). Not for scores, which are no text.
 */
#ifndef RD_DRAW_H
#define RD_DRAW_H

#include "resp/reply.h"
#include "shape/shape.h"

/* A drawing: the parts of an item, and which of the first three are shown. Never 0. */
#define RD_DRAW_FIRST 0x04u
#define RD_DRAW_SECOND 0x08u
#define RD_DRAW_OF(parts, shown) ((uint8_t)((parts) | (shown)))
#define RD_DRAW_PARTS 0x03u

size_t rd_draw_size(struct rd_slice items, uint8_t drawing);
/* Writes exactly so many bytes. */
void rd_draw(struct rd_slice items, uint8_t drawing, char *to);

/*
 * The items from the index on, `count` of them, which are there, as the part of a reply that follows its header. Those of a
 * large value are referred to, unless `at_once`, which who reads the reply here (a script) needs.
 */
void rd_shape_draw(struct rd_shape *shape, struct rd_reply *reply, uint64_t index, uint64_t count, unsigned shown, bool at_once);

#endif
