/*
 * This file owns the memory of all blobs of a store: up to 32 KiB in slabs of one size class, taken from the pool;
 * larger ones in spans of their own.
 *
 * Slabs are shared by all shards, or each of 256 would hold half-filled ones of every class. Their blobs can move:
 * the sparsest slab of a class is closed for new blobs (rd_blobs_begin_drain), its blobs are moved into the holes of
 * others by whoever finds their entries (compact.c), and its memory goes back.
 *
 * Locks: a shard's lock may be held; the pool's and the spans' are taken inside.
 */
#ifndef RD_BLOBS_H
#define RD_BLOBS_H

#include "memory/blob.h"
#include "memory/pool.h"
#include "memory/span.h"

#define RD_BLOB_SLOT_LEAST 256u
#define RD_BLOB_SLOT_MOST (32u << 10)
#define RD_BLOB_CLASSES 128
#define RD_NO_CLASS UINT32_MAX

struct rd_blob_slab {
    uint32_t page;           /* of the pool; 0 slots: an unused index, and the next one */
    uint32_t next, previous; /* slabs of this class with room, 0 for none */
    uint32_t free_slot;      /* first freed slot + 1, 0 for none; the links lie in the slots */
    uint16_t fresh, live, slots;
    uint8_t class;
    bool draining;           /* takes no new blobs */
};

struct rd_blobs {
    struct rd_pool *pool;
    struct rd_spans spans;
    /* Immutable after init. */
    uint32_t class_count;
    uint32_t size[RD_BLOB_CLASSES];
    uint8_t order[RD_BLOB_CLASSES];
    uint8_t class_of[RD_BLOB_SLOT_MOST / RD_BLOB_STEP + 1];

    struct rd_lock lock;
    /* Guarded by lock. */
    struct rd_blob_slab *slabs; /* index 0 is not used */
    uint32_t slab_count, slab_capacity, unused;
    uint32_t partial[RD_BLOB_CLASSES];
    /* Written under lock, read by anyone. */
    _Atomic uint32_t holes[RD_BLOB_CLASSES]; /* free slots of slabs that are not draining */
    _Atomic uint64_t slab_bytes;  /* slabs at their full size */
    _Atomic uint64_t slot_bytes;  /* slots in use */
    /* Any thread writes. */
    _Atomic uint64_t span_bytes;   /* of spans, what is in use */
    _Atomic uint64_t orphan_bytes; /* of all these, what no key has and somebody holds: see blob.h */
    _Atomic(struct rd_blob *) buried; /* roots that nobody refers to, the newest first; they are still counted */
    _Atomic bool *told_of_buried;     /* borrowed; set to true with each one. NULL: nobody asks */
};

/* In the region of the pool, if it has one. */
RD_MUST_USE enum rd_status rd_blobs_init(struct rd_blobs *blobs, struct rd_pool *pool, uint64_t reserve_bytes);
void rd_blobs_destroy(struct rd_blobs *blobs); /* every blob is gone */
/* Another process has left it in its region. The slot for what is buried is the owner's to set again. */
void rd_blobs_adopt(struct rd_blobs *blobs);

/* Room for `capacity` bytes that can grow to `most`: place, bytes and capacity are set. NULL when memory is out. */
struct rd_blob *rd_blobs_take(struct rd_blobs *blobs, uint64_t capacity, uint64_t most);
/* Makes the room of a blob `capacity` large without moving it; false when it can't. */
bool rd_blobs_extend(struct rd_blobs *blobs, struct rd_blob *blob, uint64_t capacity);
void rd_blobs_trim(struct rd_blobs *blobs, struct rd_blob *blob);
/* How long it can become without moving. */
uint64_t rd_blobs_room(const struct rd_blob *blob);
/* A blob that is received: bytes up to there are about to be written, and once they are, those of its length count. */
void rd_blobs_expect(struct rd_blobs *blobs, struct rd_blob *blob, uint64_t bytes);
void rd_blobs_came(struct rd_blobs *blobs, struct rd_blob *blob);
/* Copies the bytes; of a span, the memory that they lay in goes back meanwhile. */
void rd_blobs_move_bytes(struct rd_blobs *blobs, struct rd_blob *to, struct rd_blob *from);
uint64_t rd_blobs_footprint(const struct rd_blob *blob);
void rd_blobs_give(struct rd_blobs *blobs, struct rd_blob *blob);

/* Puts aside a root that nobody refers to. Any thread. */
void rd_blobs_bury(struct rd_blobs *blobs, struct rd_blob *root);
/*
 * Takes one of these, which the caller gives back once nothing hangs from it any more; NULL: there is none. By one
 * thread at a time.
 */
struct rd_blob *rd_blobs_unbury(struct rd_blobs *blobs);

static inline bool rd_blobs_has_buried(const struct rd_blobs *blobs) {
    return atomic_load_explicit(&blobs->buried, memory_order_relaxed) != NULL;
}

/* What rd_blobs_take would add to the bytes handed out: 0 where a hole of a slab serves, 1 where a warm span does. */
uint64_t rd_blobs_cost(struct rd_blobs *blobs, uint64_t capacity);

/* Bytes in use, holes of slabs included, so that with the pool's slabs for entries and tables it adds up. */
static inline uint64_t rd_blobs_bytes(const struct rd_blobs *blobs) {
    return atomic_load_explicit(&blobs->slot_bytes, memory_order_relaxed) +
           atomic_load_explicit(&blobs->span_bytes, memory_order_relaxed);
}

/* Bytes of slabs that no blob uses. */
static inline uint64_t rd_blobs_holes(const struct rd_blobs *blobs) {
    uint64_t slabs = atomic_load_explicit(&blobs->slab_bytes, memory_order_relaxed);
    uint64_t slots = atomic_load_explicit(&blobs->slot_bytes, memory_order_relaxed);
    return slabs > slots ? slabs - slots : 0;
}

/* A slab that is being emptied. */
struct rd_blob_drain {
    uint32_t slab; /* 0: there is nothing worth it */
    uint32_t slot; /* where to go on */
};

/* Closes the sparsest slab of a class whose holes could take in its blobs. */
struct rd_blob_drain rd_blobs_begin_drain(struct rd_blobs *blobs);
/* The next blob of the slab, and the hash of its key; NULL at the end. It may be freed, or never attached: look. */
struct rd_blob *rd_blobs_next(struct rd_blobs *blobs, struct rd_blob_drain *drain, uint64_t *hash);
/*
 * A copy of a blob in another slab of its class, with one reference, a key's; NULL when there is no hole. What hangs from
 * a root hangs from the copy alone. Nobody else may refer to the blob, which is about to go.
 */
struct rd_blob *rd_blobs_copy(struct rd_blobs *blobs, struct rd_blob *blob);
/* Opens the slab again unless it has become empty, and so has gone. */
void rd_blobs_end_drain(struct rd_blobs *blobs, struct rd_blob_drain *drain);

/*
 * May the blob be one of these that somebody holds? Looks at what its owner alone changes, and in a region at nothing that
 * does not lie in it, so that it may be asked of any pointer.
 */
bool rd_blobs_could_have(const struct rd_blobs *blobs, const struct rd_blob *blob);
/* Lists, slots and counters agree? For tests and debug builds. */
bool rd_blobs_check(struct rd_blobs *blobs);

#endif
