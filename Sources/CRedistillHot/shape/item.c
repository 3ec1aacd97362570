/* This file owns where commands and shapes put an item together that is too large for the stack. */
#include <stdlib.h>

#include "shape/shape.h"

char *rd_shape_item_room(struct rd_shape *shape, size_t bytes) {
    struct rd_shape_scratch *scratch = shape->scratch;
    if (bytes <= scratch->item_capacity) return scratch->item;
    char *larger = realloc(scratch->item, bytes);
    if (!larger) return NULL;
    scratch->item = larger;
    scratch->item_capacity = bytes;
    return larger;
}

/* What a large value has made them is given back. */
#define KEEP_BYTES (64u << 10)

void rd_shape_scratch_rest(struct rd_shape_scratch *scratch) {
    if (scratch->capacity > KEEP_BYTES) {
        free(scratch->bytes);
        scratch->bytes = NULL;
        scratch->capacity = 0;
    }
    if (scratch->item_capacity > KEEP_BYTES) {
        free(scratch->item);
        scratch->item = NULL;
        scratch->item_capacity = 0;
    }
}

void rd_shape_scratch_free(struct rd_shape_scratch *scratch) {
    free(scratch->bytes);
    free(scratch->item);
    *scratch = (struct rd_shape_scratch){0};
}
