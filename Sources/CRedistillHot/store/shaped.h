/*
 * This file owns all that the store knows of values with a shape (hashes, sets, lists, sorted sets): an entry with
 * RD_SHAPED has one. Its value begins with a byte for type and form. Packed, it is one run of bytes, in the entry or in
 * a blob, and is moved, counted, evicted and sent like a string's. Indexed, it is a blob, the root, with more blobs below
 * it, its nodes, which the store asks whoever owns shapes about through one table of slots.
 *
 * A root's bytes begin with struct rd_root, whose first byte is the value's. It is marked (rd_blob_mark_root): whoever
 * lets go of the last reference gives it to rd_blobs.buried, and rd_flush_step takes its nodes apart piece by piece, so
 * that nothing large is ever freed at once. Nodes are attached to their key's hash as every blob of a key, and are the
 * root's alone, but for those that a reply refers to: who changes such a one changes a copy.
 */
#ifndef RD_SHAPED_H
#define RD_SHAPED_H

#include "memory/entry.h"

struct rd_blobs;
struct rd_found;
struct rd_shard;

enum rd_type_of_value {
    RD_VALUE_STRING = 0,
    RD_VALUE_HASH = 1,
    RD_VALUE_SET = 2,
    RD_VALUE_LIST = 3,
    RD_VALUE_ZSET = 4,
};

/* The first byte of a value with a shape. */
#define RD_SHAPE_TYPE 0x07u     /* enum rd_type_of_value */
#define RD_SHAPE_INDEXED 0x08u
#define RD_SHAPE_INTEGERS 0x10u /* a set of nothing but integers, ascending while it is packed: Redis's intset */
#define RD_SHAPE_TIMED 0x20u    /* a hash whose fields may have times to live: each has a third part */

/*
 * What every root begins with. `bytes` is what the store counts for the value; it changes with the shard's lock, and who
 * changes it calls rd_shard_recount.
 */
struct rd_root {
    uint8_t kind;           /* as above */
    uint8_t height;         /* levels of inner nodes below the root; 0: its children are leaves */
    uint16_t unused;
    uint32_t children;
    uint64_t count;         /* elements */
    uint64_t bytes;         /* of all its runs */
    uint64_t timed;         /* fields with a time to live */
    int64_t next_expiry;    /* when the first of those may expire, Unix time in ms; INT64_MAX: there are none */
    int64_t round_expiry;   /* of a round of removing what has expired, which takes several calls: the first time seen so far */
    uint64_t round_at;      /* and where it goes on; 0: at the front */
    struct rd_blob *second; /* of a sorted set: the root of the index by member; owned. NULL otherwise */
};

/*
 * A packed value begins with its kind and the number of its items, which are not aligned; with RD_SHAPE_TIMED then comes
 * when the first field expires, as in struct rd_root.
 */
#define RD_PACKED_HEAD 5u
#define RD_PACKED_TIMED_HEAD 13u

/* What the store asks of who owns shapes. Set once, before the store is used; with the shard's lock, but for take_apart. */
struct rd_shapes {
    /*
     * Frees up to *most nodes below a buried root, and takes that many off; true when only the root itself is left. With
     * no shard's lock, but with that of the flush (flush.h): nobody else knows of the root.
     */
    bool (*take_apart)(struct rd_blob *root, uint32_t *most);
    /* Where the pointer to a node stands below the root; NULL: it is none of its nodes. */
    char *(*place_of)(struct rd_blob *root, const struct rd_blob *node);
    /*
     * All of it once more, marked as a root and with its nodes attached to that hash, of whichever shard; NULL when memory
     * is out. One reference, the caller's, who has made room.
     */
    struct rd_blob *(*copy)(struct rd_blobs *blobs, const struct rd_blob *root, uint64_t hash);
    /* Its nodes, the root not among them. */
    void (*each_node)(struct rd_blob *root, void (*visit)(void *context, struct rd_blob *node), void *context);
    /*
     * Fields of the entry whose time is over are removed; true when none is left, so that the key is to go. Whoever looks
     * for a key may have others in hand: no entry may be evicted or moved, this one neither, so that nothing is stored
     * but by rd_shard_shrink. found->place need not be set.
     */
    bool (*expire)(struct rd_shard *shard, uint64_t hash, struct rd_found *found, int64_t now);
    /* The nodes hang together, and add up? For tests and debug builds. */
    bool (*check)(const struct rd_blob *root);
};

static inline bool rd_entry_is_shaped(const struct rd_entry *entry) {
    return entry->flags & RD_SHAPED;
}

/* The first byte; 0 of a string. */
static inline uint8_t rd_entry_kind(const struct rd_entry *entry) {
    return rd_entry_is_shaped(entry) ? (uint8_t)*rd_entry_value(entry).bytes : 0;
}

static inline enum rd_type_of_value rd_entry_type(const struct rd_entry *entry) {
    return (enum rd_type_of_value)(rd_entry_kind(entry) & RD_SHAPE_TYPE);
}

/* NULL: it is a string, or packed. */
static inline struct rd_root *rd_entry_root(const struct rd_entry *entry) {
    if (!(entry->flags & RD_SHAPED) || !(entry->flags & RD_VALUE_BLOB)) return NULL;
    struct rd_root *root = (struct rd_root *)rd_entry_value_blob(entry)->bytes;
    return root->kind & RD_SHAPE_INDEXED ? root : NULL;
}

/* How many items a value with a shape has. */
static inline uint64_t rd_entry_items(const struct rd_entry *entry) {
    const struct rd_root *root = rd_entry_root(entry);
    if (root) return root->count;
    uint32_t count;
    memcpy(&count, rd_entry_value(entry).bytes + 1, sizeof count);
    return count;
}

/* Bytes of what hangs from a root. */
static inline uint64_t rd_root_below(const struct rd_root *root) {
    const struct rd_root *second = root->second ? (const struct rd_root *)root->second->bytes : NULL;
    return root->bytes + (second ? second->bytes : 0);
}

/* The same of an entry; 0 of one that has none. */
static inline uint64_t rd_entry_below(const struct rd_entry *entry) {
    const struct rd_root *root = rd_entry_root(entry);
    return root ? rd_root_below(root) : 0;
}

/* Bytes of the value as the store counts them: of an indexed one with its nodes. */
static inline uint64_t rd_entry_weight(const struct rd_entry *entry) {
    if (__builtin_expect(!(entry->flags & RD_VALUE_BLOB), 1)) return entry->value_length;
    return rd_entry_value_blob(entry)->length + rd_entry_below(entry);
}

/* When the first field of a hash may expire, Unix time in ms; INT64_MAX: no field will, or it is another value. */
static inline int64_t rd_entry_next_field_expiry(const struct rd_entry *entry) {
    if (!(rd_entry_kind(entry) & RD_SHAPE_TIMED)) return INT64_MAX;
    const struct rd_root *root = rd_entry_root(entry);
    if (root) return root->next_expiry;
    int64_t next;
    memcpy(&next, rd_entry_value(entry).bytes + RD_PACKED_HEAD, sizeof next);
    return next;
}

/* Is it a hash of which a field has a time to live? */
static inline bool rd_entry_is_timed(const struct rd_entry *entry) {
    return rd_entry_next_field_expiry(entry) != INT64_MAX;
}

#endif
