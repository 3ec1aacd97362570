/* This file owns large values. */
#include "blob.h"

#include <string.h>

#include "blobs.h"

uint64_t rd_blob_footprint(const struct rd_blob *blob) {
    return rd_blobs_footprint(blob);
}

struct rd_blob *rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most) {
    if (most < capacity) most = capacity;
    struct rd_blob *blob = rd_blobs_take(blobs, capacity, most);
    /* Addresses are out, not memory: it will have to be copied when it grows. */
    if (!blob && most > capacity) blob = rd_blobs_take(blobs, capacity, capacity);
    if (!blob) return NULL;
    blob->length = 0;
    blob->blobs = blobs;
    atomic_store_explicit(&blob->hash, 0, memory_order_relaxed);
    atomic_store_explicit(&blob->references, 1, memory_order_release);
    return blob;
}

enum rd_status rd_blob_grow(struct rd_blob **place, uint64_t capacity) {
    struct rd_blob *blob = *place;
    if (capacity <= blob->capacity || rd_blobs_extend(blob->blobs, blob, capacity)) return RD_OK;
    struct rd_blob *copy = rd_blob_new(blob->blobs, capacity, capacity);
    if (!copy) return RD_ERR_NO_MEMORY;
    memcpy(copy->bytes, blob->bytes, blob->length);
    copy->length = blob->length;
    atomic_store_explicit(&copy->hash, atomic_load_explicit(&blob->hash, memory_order_relaxed), memory_order_relaxed);
    rd_blob_release(blob);
    *place = copy;
    return RD_OK;
}

void rd_blob_trim(struct rd_blob *blob) {
    rd_blobs_trim(blob->blobs, blob);
}

void rd_blob_release(struct rd_blob *blob) {
    if (atomic_fetch_sub_explicit(&blob->references, 1, memory_order_acq_rel) != 1) return;
    rd_blobs_give(blob->blobs, blob);
}
