/*
 * This file owns the layout of an entry.
 *
 *    0       4       8      9         10            12          [20]
 *   +-------+-------+------+---------+-------------+-----------+-----------+-------------+
 *   | newer | older | flags| key len | len, age    | (expiry)  | key       | value       |
 *   +-------+-------+------+---------+-------------+-----------+-----------+-------------+
 *
 * newer and older are the links of the LRU list. expiry (Unix time in ms, 8 bytes) is there with RD_HAS_EXPIRY. A key
 * of more than 255 bytes, and a value that makes the entry too large for the arena, is a pointer to a blob instead
 * (RD_KEY_BLOB, RD_VALUE_BLOB); its length is the blob's. Fields after the header are not aligned.
 *
 * A key of another keyspace than the first (space.h), and the empty key, has key len 0, and in front of the key two
 * bytes: its keyspace and its length. Of a key that is a blob, key len is the keyspace.
 *
 * The two highest flags count hits, up to three, since eviction last looked at the entry; age is the policies' own.
 */
#ifndef RD_ENTRY_H
#define RD_ENTRY_H

#include <string.h>

#include "memory/blob.h"
#include "redistill_hot.h"

#define RD_SHAPED 0x01u   /* the value is no string, but has a shape: see store/shaped.h */
#define RD_RAW 0x02u      /* written in place: OBJECT ENCODING says "raw" whatever its length, as in Redis */
#define RD_IN_SMALL 0x04u /* in the small queue of S3-FIFO; every other entry is in the main one */
#define RD_HAS_EXPIRY 0x08u
#define RD_KEY_BLOB 0x10u
#define RD_VALUE_BLOB 0x20u
#define RD_HIT_ONE 0x40u  /* the counter of hits, in steps of this */
#define RD_HIT_MASK 0xc0u
#define RD_HIT_SHIFT 6
#define RD_AGE_BITS 5
/* The age of an entry under the policies by frequency: of one that comes, as Redis's LFU_INIT_VAL, and the most. */
#define RD_FREQUENCY_NEW 5
#define RD_FREQUENCY_MOST ((1u << RD_AGE_BITS) - 1)

#define RD_KEY_INLINE_MAX 255
/* What stands in front of a key of another keyspace. */
#define RD_KEY_PREFIX 2

/* A key as the store knows it: passed in two registers. */
struct rd_key {
    const char *bytes; /* borrowed */
    uint32_t length;
    uint32_t space;    /* the keyspace, see store/space.h */
};

static inline struct rd_key rd_key_of(struct rd_slice name, uint32_t space) {
    return (struct rd_key){name.bytes, (uint32_t)name.length, space};
}

static inline struct rd_slice rd_key_name(struct rd_key key) {
    return (struct rd_slice){key.bytes, key.length};
}

/* What a key takes within an entry, that of a blob's pointer included. */
static inline uint32_t rd_key_room(struct rd_key key) {
    if (key.length > RD_KEY_INLINE_MAX) return 8;
    return key.space || key.length == 0 ? RD_KEY_PREFIX + key.length : key.length;
}

struct rd_entry {
    uint32_t newer, older;
    uint8_t flags;
    uint8_t key_length;
    uint16_t value_length : 16 - RD_AGE_BITS;
    uint16_t age : RD_AGE_BITS;
    char data[];
};

_Static_assert(sizeof(struct rd_entry) == 12, "the header is 12 bytes");

static inline uint32_t rd_entry_key_offset(const struct rd_entry *entry) {
    return entry->flags & RD_HAS_EXPIRY ? 8 : 0;
}

static inline uint32_t rd_entry_key_room(const struct rd_entry *entry) {
    if (entry->flags & RD_KEY_BLOB) return 8;
    if (__builtin_expect(entry->key_length != 0, 1)) return entry->key_length;
    return RD_KEY_PREFIX + (uint8_t)entry->data[rd_entry_key_offset(entry) + 1];
}

/* The keyspace that it is of. */
static inline uint32_t rd_entry_space(const struct rd_entry *entry) {
    if (entry->flags & RD_KEY_BLOB) return entry->key_length;
    return entry->key_length ? 0 : (uint8_t)entry->data[rd_entry_key_offset(entry)];
}

static inline uint32_t rd_entry_value_room(const struct rd_entry *entry) {
    return entry->flags & RD_VALUE_BLOB ? 8 : entry->value_length;
}

static inline char *rd_entry_value_place(struct rd_entry *entry) {
    return entry->data + rd_entry_key_offset(entry) + rd_entry_key_room(entry);
}

static inline uint32_t rd_entry_size(const struct rd_entry *entry) {
    return (uint32_t)sizeof *entry + rd_entry_key_offset(entry) + rd_entry_key_room(entry) + rd_entry_value_room(entry);
}

static inline struct rd_blob *rd_entry_pointer(const char *place) {
    struct rd_blob *blob;
    memcpy(&blob, place, sizeof blob);
    return blob;
}

static inline struct rd_slice rd_entry_key(const struct rd_entry *entry) {
    const char *place = entry->data + rd_entry_key_offset(entry);
    if (__builtin_expect(entry->flags & RD_KEY_BLOB, 0)) {
        struct rd_blob *blob = rd_entry_pointer(place);
        return (struct rd_slice){blob->bytes, blob->length};
    }
    if (__builtin_expect(entry->key_length != 0, 1)) return (struct rd_slice){place, entry->key_length};
    return (struct rd_slice){place + RD_KEY_PREFIX, (uint8_t)place[1]};
}

/* The key's blob, borrowed; NULL when the key is inline. */
static inline struct rd_blob *rd_entry_key_blob(const struct rd_entry *entry) {
    if (!(entry->flags & RD_KEY_BLOB)) return NULL;
    return rd_entry_pointer(entry->data + rd_entry_key_offset(entry));
}

/* The value's blob, borrowed; NULL when the value is inline. */
static inline struct rd_blob *rd_entry_value_blob(const struct rd_entry *entry) {
    if (!(entry->flags & RD_VALUE_BLOB)) return NULL;
    return rd_entry_pointer(rd_entry_value_place((struct rd_entry *)entry));
}

static inline struct rd_slice rd_entry_value(const struct rd_entry *entry) {
    char *place = rd_entry_value_place((struct rd_entry *)entry);
    if (__builtin_expect(entry->flags & RD_VALUE_BLOB, 0)) {
        struct rd_blob *blob = rd_entry_pointer(place);
        return (struct rd_slice){blob->bytes, blob->length};
    }
    return (struct rd_slice){place, entry->value_length};
}

/* The entry is about to go: its references to blobs end. */
static inline void rd_entry_release_blobs(const struct rd_entry *entry) {
    struct rd_blob *key = rd_entry_key_blob(entry);
    if (key) rd_blob_detach(key);
    if (entry->flags & RD_VALUE_BLOB) rd_blob_detach(rd_entry_value_blob(entry));
}

/* Unix time in ms; 0 when the entry does not expire. */
static inline int64_t rd_entry_expiry(const struct rd_entry *entry) {
    int64_t expiry = 0;
    if (entry->flags & RD_HAS_EXPIRY) memcpy(&expiry, entry->data, sizeof expiry);
    return expiry;
}

/* Is its time over, at Unix time `now` in ms? */
static inline bool rd_entry_has_expired(const struct rd_entry *entry, int64_t now) {
    return (entry->flags & RD_HAS_EXPIRY) && rd_entry_expiry(entry) <= now;
}

#endif
