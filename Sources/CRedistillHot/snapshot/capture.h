/*
 * This file owns what a snapshot takes out of a shard while it has the lock: some entries as they are at that moment. What
 * is small is copied; a blob is referred to, and so are the leaves of an indexed value, which whoever changes them copies
 * before (shaped.h). All that takes time, encoding and writing, is done when the lock is given back.
 *
 * A walk goes in the order of rd_table_cursor, whatever the table does meanwhile, so that a key that stays is taken exactly
 * once, and so it is where databases are exchanged, since a walk keeps to its keyspace. Of one that is flushed no more is
 * taken. Between two slices a bucket may have been merged with one that was visited, and what is before the cursor there is
 * left out.
 */
#ifndef RD_CAPTURE_H
#define RD_CAPTURE_H

#include "shape/tree.h"
#include "store/store.h"

/* An entry. Its bytes lie in the capture, or in what it refers to. */
struct rd_captured {
    struct rd_slice key;
    struct rd_slice value;   /* a string's bytes, or a packed value with its head; none of an indexed one */
    int64_t expiry;          /* Unix time in ms; 0 = none */
    uint8_t kind;            /* the value's first byte; 0 of a string */
    uint64_t count;          /* items of a value with a shape */
    uint32_t first_leaf, leaves; /* of an indexed one */
    struct rd_blob *key_blob, *value_blob; /* references, owned; NULL: it is copied */
};

/* Of one slice; used again and again. All memory is owned, from malloc. */
struct rd_capture {
    struct rd_captured *entries;
    struct rd_blob **leaves; /* references, owned */
    uint32_t *references;    /* entries of the buckets that were visited */
    char *bytes;             /* copies */
    uint32_t count, entry_capacity;
    uint32_t leaf_count, leaf_capacity;
    uint32_t reference_count, reference_capacity;
    size_t used, capacity;
    bool out_of_memory;
};

/* Where a walk through one keyspace of one shard is. */
struct rd_walk {
    struct rd_shard *shard;
    uint32_t space;
    uint32_t left;   /* rd_databases_left when the snapshot began: once it is another, what is there is not what was */
    uint32_t cursor;
    bool is_over;
};

/*
 * The next slice of the walk, over what the capture had; expired keys are left out. Takes the shard's lock and gives it
 * back: some 20 us, and a tenth of a microsecond for each leaf of an indexed value. RD_ERR_NO_MEMORY ends a snapshot.
 */
RD_MUST_USE enum rd_status rd_capture_slice(struct rd_capture *capture, struct rd_walk *walk, int64_t now);
/* Lets go of what the slice refers to. */
void rd_capture_drop(struct rd_capture *capture);
void rd_capture_free(struct rd_capture *capture);

/* What of a packed value stands in front of its items. */
static inline size_t rd_captured_head(const struct rd_captured *entry) {
    return entry->kind & RD_SHAPE_TIMED ? RD_PACKED_TIMED_HEAD : RD_PACKED_HEAD;
}

#endif
