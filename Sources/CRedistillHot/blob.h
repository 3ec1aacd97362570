/*
 * This file owns large values (and large keys): a block of bytes outside the arena, counted by references, so that a
 * reply that is still being sent outlives the key. Bytes never change while anyone else holds a reference.
 *
 * Where the bytes lie is blobs.h.
 */
#ifndef RD_BLOB_H
#define RD_BLOB_H

#include <stdatomic.h>

#include "redistill_hot.h"

struct rd_blobs;

struct rd_blob {
    _Atomic uint32_t references; /* 0: a free slot */
    uint32_t place;           /* of its slab or span: see blobs.c; of a free slot the next one */
    uint64_t length;          /* bytes in use */
    uint64_t capacity;        /* bytes of room */
    struct rd_blobs *blobs;   /* borrowed; outlives every blob */
    _Atomic uint64_t hash;    /* of the key that it belongs to, so that its entry can be found when it is to move */
    char *bytes;              /* behind this header in a slab; a span is all bytes, since 64 KiB are a usual size */
};

/*
 * One reference, owned by the caller; length 0. It can grow to `most` bytes without being copied, where addresses
 * allow. NULL when memory is out.
 */
struct rd_blob *rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most);
/* Makes room for capacity bytes. Only for a blob that nobody else refers to; the blob may move. */
RD_MUST_USE enum rd_status rd_blob_grow(struct rd_blob **blob, uint64_t capacity);

/* Gives back room behind the length, where that is whole pages. Nobody else may refer to the blob. */
void rd_blob_trim(struct rd_blob *blob);

static inline struct rd_blob *rd_blob_retain(struct rd_blob *blob) {
    atomic_fetch_add_explicit(&blob->references, 1, memory_order_relaxed);
    return blob;
}

void rd_blob_release(struct rd_blob *blob);

/* True when the caller's reference is the only one, so that the bytes may change. */
static inline bool rd_blob_is_sole(const struct rd_blob *blob) {
    return atomic_load_explicit(&blob->references, memory_order_acquire) == 1;
}

/* What a blob costs in memory. */
uint64_t rd_blob_footprint(const struct rd_blob *blob);

#endif
