/* This file owns the large arguments of a request. */
#include "connection/received.h"

#include <stdlib.h>

/* NULL: it lies in a buffer. */
static struct rd_received_blob *find(const struct rd_received *received, uint32_t argument) {
    uint32_t first = 0, end = received->count;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        struct rd_received_blob *found = &received->blobs[middle];
        if (found->argument == argument) return found;
        if (found->argument < argument) first = middle + 1;
        else end = middle;
    }
    return NULL;
}

enum rd_argument_place rd_received_place(const struct rd_received *received, uint32_t argument) {
    const struct rd_received_blob *found = received ? find(received, argument) : NULL;
    if (!found) return RD_IN_BUFFER;
    return found->blob ? RD_IN_BLOB : RD_TAKEN;
}

enum rd_status rd_received_add(struct rd_received *received, struct rd_blob *blob, uint32_t argument) {
    struct rd_received_blob *grown = realloc(received->blobs, (received->count + 1) * sizeof *grown);
    if (!grown) return RD_ERR_NO_MEMORY;
    received->blobs = grown;
    grown[received->count++] = (struct rd_received_blob){blob, argument};
    received->bytes += rd_blob_footprint(blob);
    return RD_OK;
}

struct rd_blob *rd_received_take(struct rd_received *received, uint32_t argument) {
    struct rd_received_blob *found = find(received, argument);
    struct rd_blob *blob = found ? found->blob : NULL;
    if (!blob) return NULL;
    found->blob = NULL;
    received->bytes -= rd_blob_footprint(blob);
    return blob;
}

void rd_received_give(struct rd_received *from, struct rd_received *to) {
    *to = *from;
    *from = (struct rd_received){0};
}

void rd_received_end(struct rd_received *received) {
    for (uint32_t i = 0; i < received->count; i++) {
        if (received->blobs[i].blob) rd_blob_release(received->blobs[i].blob);
    }
    free(received->blobs);
    *received = (struct rd_received){0};
}
