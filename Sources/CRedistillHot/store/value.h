/*
 * This file owns a value outside its entry: what COPY, RENAME and their like carry from one key to another, and what
 * LCS works on after the locks are given back (within an EXEC they are held on). A large one is a reference to its blob,
 * a small one a copy. Of an indexed one (shaped.h) the nodes stay the root's, so that the locks have to be held on.
 */
#ifndef RD_VALUE_H
#define RD_VALUE_H

#include "memory/arena.h"
#include "store/shard.h"

struct rd_value {
    struct rd_blob *blob; /* one reference; NULL: the bytes are below */
    int64_t expiry;       /* of its entry; 0 = none */
    uint32_t length;      /* of bytes */
    bool raw;             /* as the entry's RD_RAW */
    bool shaped;          /* as its RD_SHAPED */
    char bytes[RD_ENTRY_MAX];
};

/* With the shard's lock held. The caller calls rd_value_drop in the end. */
static inline void rd_value_take(struct rd_value *value, const struct rd_entry *entry) {
    struct rd_blob *blob = rd_entry_value_blob(entry);
    value->blob = blob ? rd_blob_retain(blob) : NULL;
    value->expiry = rd_entry_expiry(entry);
    value->raw = entry->flags & RD_RAW;
    value->shaped = entry->flags & RD_SHAPED;
    value->length = 0;
    if (blob) return;
    struct rd_slice slice = rd_entry_value(entry);
    value->length = (uint32_t)slice.length;
    memcpy(value->bytes, slice.bytes, slice.length);
}

static inline void rd_value_drop(struct rd_value *value) {
    if (value->blob) rd_blob_release(value->blob);
    value->blob = NULL;
}

/* With its bytes as a root; NULL: it is a string, or packed. */
static inline struct rd_root *rd_value_root(const struct rd_value *value) {
    if (!value->shaped || !value->blob) return NULL;
    struct rd_root *root = (struct rd_root *)value->blob->bytes;
    return root->kind & RD_SHAPE_INDEXED ? root : NULL;
}

static inline struct rd_slice rd_value_slice(const struct rd_value *value) {
    if (value->blob) return (struct rd_slice){value->blob->bytes, value->blob->length};
    return (struct rd_slice){value->bytes, value->length};
}

#endif
