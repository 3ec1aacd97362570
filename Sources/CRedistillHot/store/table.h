/*
 * This file owns a shard's hash table: buckets of one cache line, linear hashing (Litwin, VLDB 1980), so that it
 * grows and shrinks by one bucket at a time and no operation waits for a rehash.
 *
 *    0            12       16                                                   64
 *   +------------+--------+----------------------------------------------------+
 *   | 12 tags    | next   | 12 references                                      |
 *   +------------+--------+----------------------------------------------------+
 *
 * A tag is 8 bits of the hash, 0 for an empty place. `next` names an overflow bucket, 0 for none. With n buckets, the
 * bucket of a hash is its low bits: as many as give a number below n.
 *
 * Everything is guarded by the shard's lock, but for what rd_table_prefetch reads without it: `buckets` and the
 * segment directory are atomics, and an outgrown directory is kept until the table is destroyed.
 */
#ifndef RD_TABLE_H
#define RD_TABLE_H

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "memory/arena.h"
#include "base/counter.h"
#include "memory/entry.h"
#include "base/hash.h"

#define RD_BUCKET_PLACES 12
#define RD_SEGMENT_BUCKETS (RD_PAGE_SIZE / 64)
#define RD_SEGMENT_SHIFT 6

struct rd_bucket {
    uint8_t tags[RD_BUCKET_PLACES];
    uint32_t next;
    uint32_t references[RD_BUCKET_PLACES];
};

_Static_assert(sizeof(struct rd_bucket) == 64, "a bucket is one cache line");
_Static_assert(1 << RD_SEGMENT_SHIFT == RD_SEGMENT_BUCKETS, "a segment is a page of buckets");

/* Page numbers of segments; a larger one replaces it, and the old ones hang behind. */
struct rd_directory {
    struct rd_directory *outgrown;
    uint32_t capacity;
    _Atomic uint32_t pages[];
};

struct rd_table {
    char *base;                                   /* the pool's */
    _Atomic(struct rd_directory *) directory;
    _Atomic uint32_t buckets;                     /* n; a power of two at start */
    rd_counter keys;
    struct rd_pool *pool;
    struct rd_hash_seed const *seed;              /* for rehashing a key when its bucket splits */
    uint32_t *overflow_pages;                     /* page numbers; bucket i is overflow_pages[i >> 6] + (i & 63) */
    rd_counter overflow_page_count;
    uint32_t overflow_free;                       /* first free overflow bucket, 0 when none */
    uint32_t overflow_used;
};

/* Where an entry was found: valid until the shard changes. */
struct rd_place {
    struct rd_bucket *bucket;
    uint32_t index;
};

RD_MUST_USE enum rd_status rd_table_init(struct rd_table *table, struct rd_pool *pool, const struct rd_hash_seed *seed);
/* Forgets every entry and shrinks to the initial size. */
void rd_table_clear(struct rd_table *table);
/*
 * Moves everything into *old, but for the directory, which others may be reading without the lock: the table keeps it,
 * with one segment of its own, as new. RD_ERR_NO_MEMORY leaves the table as it was.
 */
RD_MUST_USE enum rd_status rd_table_replace(struct rd_table *table, struct rd_table *old);
/* Gives up to `pages` pages of a replaced table back; false when none is left. */
bool rd_table_clear_some(struct rd_table *table, uint32_t pages);
void rd_table_destroy(struct rd_table *table);

/* Adds an entry that is known to be absent; grows the table by a bucket when it is due. */
RD_MUST_USE enum rd_status rd_table_insert(struct rd_table *table, const struct rd_arena *arena, uint64_t hash,
                                           uint32_t reference);
/* Takes out what is at the place (the entry itself stays); shrinks the table by a bucket when it is due. */
void rd_table_remove(struct rd_table *table, struct rd_place place);

/* The place of a reference that is known to be there. */
struct rd_place rd_table_place_of(struct rd_table *table, uint64_t hash, uint32_t reference);

/*
 * Calls visit for every entry of one bucket, and returns the cursor of the next, 0 after the last. A cursor is the
 * bit-reversed bucket number at 32 bits: as buckets split and merge it stays a position in the same order, so an
 * entry that stays is visited at least once. visit must not change the table.
 */
typedef void rd_visit_fn(void *context, uint32_t reference);
uint32_t rd_table_scan(struct rd_table *table, uint32_t cursor, rd_visit_fn *visit, void *context);
/* Where the entry of a hash is in that order: a walk has passed it when its cursor is beyond. */
uint32_t rd_table_cursor(uint64_t hash);

/* Calls visit for every entry in the bucket of a hash. visit must not change the table. */
void rd_table_visit(struct rd_table *table, uint64_t hash, rd_visit_fn *visit, void *context);

uint64_t rd_table_bytes(const struct rd_table *table);
/* Do its pages lie in the pool, and its chains end? Then the others here may be called, whatever else is wrong. */
bool rd_table_is_bounded(const struct rd_table *table);
bool rd_table_check(struct rd_table *table, const struct rd_arena *arena);

static inline uint8_t rd_hash_tag(uint64_t hash) {
    uint8_t tag = (uint8_t)(hash >> 32);
    return tag ? tag : 1;
}

static inline uint32_t rd_bucket_number(uint64_t hash, uint32_t buckets) {
    uint32_t mask = UINT32_MAX >> __builtin_clz(buckets);
    uint32_t number = (uint32_t)hash & mask;
    return number < buckets ? number : number & mask >> 1;
}

static inline struct rd_bucket *rd_table_bucket(const struct rd_table *table, uint32_t number) {
    struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_acquire);
    uint32_t page = atomic_load_explicit(&directory->pages[number >> RD_SEGMENT_SHIFT], memory_order_relaxed);
    return (struct rd_bucket *)(table->base + ((uintptr_t)page << RD_PAGE_SHIFT)) + (number & (RD_SEGMENT_BUCKETS - 1));
}

static inline struct rd_bucket *rd_table_overflow(const struct rd_table *table, uint32_t number) {
    return (struct rd_bucket *)rd_pool_page(table->pool, table->overflow_pages[number >> RD_SEGMENT_SHIFT]) +
           (number & (RD_SEGMENT_BUCKETS - 1));
}

/* Without the lock: asks for the line of the segment directory that leads to the hash's bucket. */
static inline void rd_table_prefetch_directory(const struct rd_table *table, uint64_t hash) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_acquire);
    const struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_acquire);
    __builtin_prefetch((const void *)&directory->pages[rd_bucket_number(hash, buckets) >> RD_SEGMENT_SHIFT]);
}

/* Without the lock: asks for the line of the hash's bucket. A wrong guess costs nothing but the prefetch. */
static inline void rd_table_prefetch(const struct rd_table *table, uint64_t hash) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_acquire);
    __builtin_prefetch(rd_table_bucket(table, rd_bucket_number(hash, buckets)));
}

/* A bit for each of the 12 places whose tag is `tag`. */
static inline uint32_t rd_bucket_matches(const struct rd_bucket *bucket, uint8_t tag) {
#if defined(__SSE2__)
    __m128i tags = _mm_loadu_si128((const __m128i *)bucket);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag))) & 0xfff;
#else
    uint32_t matches = 0;
    for (uint32_t i = 0; i < RD_BUCKET_PLACES; i++) matches |= (uint32_t)(bucket->tags[i] == tag) << i;
    return matches;
#endif
}

/*
 * With the lock: the reference of the entry that the hash most likely means, 0 when none is in the first bucket; then
 * the overflow bucket's line is asked for.
 */
static inline uint32_t rd_table_guess(const struct rd_table *table, uint64_t hash) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    const struct rd_bucket *bucket = rd_table_bucket(table, rd_bucket_number(hash, buckets));
    uint32_t matches = rd_bucket_matches(bucket, rd_hash_tag(hash));
    if (matches) return bucket->references[__builtin_ctz(matches)];
    if (__builtin_expect(bucket->next != 0, 0)) __builtin_prefetch(rd_table_overflow(table, bucket->next));
    return 0;
}

/* With the lock: asks for the line of the entry that the hash most likely means. */
static inline void rd_table_prefetch_entry(const struct rd_table *table, const struct rd_arena *arena, uint64_t hash) {
    uint32_t guess = rd_table_guess(table, hash);
    if (guess) rd_arena_prefetch(arena, guess);
}

/* memcmp without the call for the keys of 8 to 16 bytes that are most. */
static inline bool rd_bytes_equal(const char *a, const char *b, size_t length) {
    if (length - 8 > 8) return memcmp(a, b, length) == 0;
    uint64_t a0, a1, b0, b1;
    memcpy(&a0, a, 8);
    memcpy(&b0, b, 8);
    memcpy(&a1, a + length - 8, 8);
    memcpy(&b1, b + length - 8, 8);
    return ((a0 ^ b0) | (a1 ^ b1)) == 0;
}

static inline bool rd_key_equals(const struct rd_entry *entry, struct rd_slice key) {
    struct rd_slice own = rd_entry_key(entry);
    return own.length == key.length && rd_bytes_equal(own.bytes, key.bytes, key.length);
}

/* The entry of a key, and where it hangs; NULL when there is none. */
static inline struct rd_entry *rd_table_find(const struct rd_table *table, const struct rd_arena *arena, uint64_t hash,
                                             struct rd_slice key, struct rd_place *place) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    struct rd_bucket *bucket = rd_table_bucket(table, rd_bucket_number(hash, buckets));
    for (;;) {
        for (uint32_t left = rd_bucket_matches(bucket, rd_hash_tag(hash)); left; left &= left - 1) {
            uint32_t index = (uint32_t)__builtin_ctz(left);
            struct rd_entry *entry = rd_arena_at(arena, bucket->references[index]);
            if (rd_key_equals(entry, key)) {
                *place = (struct rd_place){bucket, index};
                return entry;
            }
        }
        if (!bucket->next) return NULL;
        bucket = rd_table_overflow(table, bucket->next);
    }
}

#endif
