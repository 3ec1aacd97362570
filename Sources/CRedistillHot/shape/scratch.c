/* This file owns the memory in which packed values are changed. */
#include <stdlib.h>

#include "shape/shape.h"

/* What a large value has made it is given back. */
#define KEEP_BYTES (64u << 10)

void rd_shape_scratch_rest(struct rd_shape_scratch *scratch) {
    if (scratch->capacity > KEEP_BYTES) rd_shape_scratch_free(scratch);
}

void rd_shape_scratch_free(struct rd_shape_scratch *scratch) {
    free(scratch->bytes);
    *scratch = (struct rd_shape_scratch){0};
}
