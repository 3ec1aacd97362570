/*
 * This file owns distinct random items of a shape: every choice of so many is as likely as any other. They come in the
 * shape's order, and one bit for each item is all the memory that it takes.
 */
#ifndef RD_PICKS_H
#define RD_PICKS_H

#include "call/handler.h"
#include "shape/shape.h"

struct rd_sample {
    struct rd_shape *shape;
    uint64_t *marks;        /* a bit for each item */
    bool marks_are_left_out; /* those that are marked, or those that are not, are chosen */
    struct rd_blob *memory; /* owned; NULL: the marks are in `few` */
    struct rd_place_in at;
    uint64_t index;         /* of `at` */
    bool has_begun;
    uint64_t few[32];
};

/* Chooses `count` of the shape's items, which has more. False: OOM has been replied. */
RD_MUST_USE bool rd_sample_begin(struct rd_call *call, struct rd_sample *sample, struct rd_shape *shape, uint64_t count);
/* The next one that was chosen, NULL after the last. The shape must not have been changed. */
const char *rd_sample_next(struct rd_sample *sample);
void rd_sample_end(struct rd_sample *sample);

#endif
