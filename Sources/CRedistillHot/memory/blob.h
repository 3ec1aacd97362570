/*
 * This file owns large values (and large keys): a block of bytes outside the arena, counted by references, so that a
 * reply that is still being sent outlives the key. Bytes never change while anyone else holds a reference.
 *
 * Of the references those of keys are known. A blob that lost its last key and is still held is an orphan: memory that
 * clients hold, and counted as such (rd_blobs.orphan_bytes).
 *
 * A blob from which others hang is marked as a root. When nobody refers to it any more it is not given back, but put
 * aside (rd_blobs.buried) for whoever takes it apart piece by piece.
 *
 * Where the bytes lie is blobs.h.
 */
#ifndef RD_BLOB_H
#define RD_BLOB_H

#include <stdatomic.h>

#include "redistill_hot.h"

struct rd_blobs;

struct rd_blob {
    _Atomic uint64_t references; /* 0: a free slot; else see below */
    uint64_t length;          /* bytes in use */
    uint32_t place;           /* of its slab or span: see blobs.c; of a free slot the next one */
    uint32_t steps;           /* bytes of room, in steps of 16 */
    struct rd_blobs *blobs;   /* borrowed; outlives every blob */
    _Atomic uint64_t hash;    /* of the key that it belongs to, so that its entry can be found when it is to move; of a
                                 buried root the next one's address */
    char *bytes;              /* behind this header in a slab; a span is all bytes, since 64 KiB are a usual size */
};

/*
 *      63      62        61..32        31..0
 *   +-------+------+----------------+------------+
 *   | keyed | root | keys' of these | references |
 *   +-------+------+----------------+------------+
 *
 * keyed: a key had it once, so that without one it is an orphan, not a value on its way.
 */
#define RD_BLOB_KEYED (1ull << 63)
#define RD_BLOB_KEY (1ull << 32)
#define RD_BLOB_ROOT (1ull << 62)
#define RD_BLOB_KEYS (RD_BLOB_ROOT - RD_BLOB_KEY)
#define RD_BLOB_STEP 16u

/*
 * One reference, owned by the caller; length 0. It can grow to `most` bytes without being copied, where addresses
 * allow. NULL when memory is out.
 */
struct rd_blob *rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most);
/* Makes room for capacity bytes. Only for a blob that nobody else refers to; the blob may move. */
RD_MUST_USE enum rd_status rd_blob_grow(struct rd_blob **blob, uint64_t capacity);
/* Moves it to where it can grow to `most` bytes, and its mark as a root with it. Nobody else may refer to it. */
RD_MUST_USE enum rd_status rd_blob_move(struct rd_blob **blob, uint64_t capacity, uint64_t most);

/* Gives back room behind the length, where that is whole pages. Nobody else may refer to the blob. */
void rd_blob_trim(struct rd_blob *blob);

static inline struct rd_blob *rd_blob_retain(struct rd_blob *blob) {
    atomic_fetch_add_explicit(&blob->references, 1, memory_order_relaxed);
    return blob;
}

void rd_blob_release(struct rd_blob *blob);

/* The caller's reference becomes a key's, whose hash this is: it may be moved from now on. With its shard's lock held. */
void rd_blob_attach(struct rd_blob *blob, uint64_t hash);
/* Ends a key's reference. With its shard's lock held. */
void rd_blob_detach(struct rd_blob *blob);

/* Others hang from it: from now on it is buried, not given back, when nobody refers to it any more. */
static inline void rd_blob_mark_root(struct rd_blob *blob) {
    atomic_fetch_or_explicit(&blob->references, RD_BLOB_ROOT, memory_order_relaxed);
}

/* Nothing hangs from it, or no longer. */
static inline void rd_blob_unmark_root(struct rd_blob *blob) {
    atomic_fetch_and_explicit(&blob->references, ~RD_BLOB_ROOT, memory_order_relaxed);
}

/* True when the caller's reference is the only one, so that the bytes may change. */
static inline bool rd_blob_is_sole(const struct rd_blob *blob) {
    return (uint32_t)atomic_load_explicit(&blob->references, memory_order_acquire) == 1;
}

static inline uint64_t rd_blob_capacity(const struct rd_blob *blob) {
    return (uint64_t)blob->steps * RD_BLOB_STEP;
}

/* What a blob costs in memory. */
uint64_t rd_blob_footprint(const struct rd_blob *blob);

#endif
