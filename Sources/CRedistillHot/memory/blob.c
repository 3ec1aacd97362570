/* This file owns large values. */
#include "memory/blob.h"

#include <string.h>

#include "memory/blobs.h"

uint64_t rd_blob_footprint(const struct rd_blob *blob) {
    return rd_blobs_footprint(blob);
}

struct rd_blob *rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most) {
    if (most < capacity) most = capacity;
    struct rd_blob *blob = rd_blobs_take(blobs, capacity, most);
    /* Addresses are out, not memory: it will have to be copied when it grows. */
    if (!blob && most > 2 * capacity) blob = rd_blobs_take(blobs, capacity, 2 * capacity);
    if (!blob && most > capacity) blob = rd_blobs_take(blobs, capacity, capacity);
    if (!blob) return NULL;
    blob->length = 0;
    blob->blobs = blobs;
    atomic_store_explicit(&blob->hash, 0, memory_order_relaxed);
    atomic_store_explicit(&blob->references, 1, memory_order_release);
    return blob;
}

enum rd_status rd_blob_move(struct rd_blob **place, uint64_t capacity, uint64_t most) {
    struct rd_blob *blob = *place;
    struct rd_blob *moved = rd_blob_new(blob->blobs, capacity, most);
    if (!moved) return RD_ERR_NO_MEMORY;
    rd_blobs_move_bytes(blob->blobs, moved, blob);
    atomic_store_explicit(&moved->hash, atomic_load_explicit(&blob->hash, memory_order_relaxed), memory_order_relaxed);
    if (atomic_load_explicit(&blob->references, memory_order_relaxed) & RD_BLOB_ROOT) rd_blob_mark_root(moved);
    /* It has no other reference, and is no orphan. */
    rd_blobs_give(blob->blobs, blob);
    *place = moved;
    return RD_OK;
}

enum rd_status rd_blob_grow(struct rd_blob **place, uint64_t capacity) {
    struct rd_blob *blob = *place;
    if (capacity <= rd_blob_capacity(blob) || rd_blobs_extend(blob->blobs, blob, capacity)) return RD_OK;
    return rd_blob_move(place, capacity, capacity);
}

void rd_blob_trim(struct rd_blob *blob) {
    rd_blobs_trim(blob->blobs, blob);
}

static void count_orphan(struct rd_blob *blob, int64_t sign) {
    uint64_t bytes = (uint64_t)sign * rd_blob_footprint(blob);
    atomic_fetch_add_explicit(&blob->blobs->orphan_bytes, bytes, memory_order_relaxed);
}

/* Nobody refers to it any more. */
static void end(struct rd_blob *blob, uint64_t references) {
    if (__builtin_expect((references & RD_BLOB_ROOT) != 0, 0)) rd_blobs_bury(blob->blobs, blob);
    else rd_blobs_give(blob->blobs, blob);
}

void rd_blob_release(struct rd_blob *blob) {
    uint64_t left = atomic_fetch_sub_explicit(&blob->references, 1, memory_order_acq_rel) - 1;
    if ((uint32_t)left) return;
    if (left & RD_BLOB_KEYED) count_orphan(blob, -1);
    end(blob, left);
}

void rd_blob_attach(struct rd_blob *blob, uint64_t hash) {
    atomic_store_explicit(&blob->hash, hash, memory_order_relaxed);
    atomic_fetch_or_explicit(&blob->references, RD_BLOB_KEYED, memory_order_relaxed);
    atomic_fetch_add_explicit(&blob->references, RD_BLOB_KEY, memory_order_relaxed);
}

void rd_blob_detach(struct rd_blob *blob) {
    /* Counted before it is let go, for then it may be gone at once; others' keys are looked at with this one's. */
    uint64_t was = atomic_load_explicit(&blob->references, memory_order_relaxed);
    for (;;) {
        bool orphans = (was & RD_BLOB_KEYS) == RD_BLOB_KEY && (uint32_t)was > 1;
        if (orphans) count_orphan(blob, 1);
        if (atomic_compare_exchange_weak_explicit(&blob->references, &was, was - RD_BLOB_KEY - 1, memory_order_acq_rel,
                                                  memory_order_relaxed)) {
            break;
        }
        if (orphans) count_orphan(blob, -1);
    }
    if ((uint32_t)was == 1) end(blob, was);
}
