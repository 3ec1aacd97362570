/*
 * This file owns a shard's memory for entries: slabs of one size class each, taken from the pool.
 *
 *   reference (32 bits)                     slab (4 KiB or 16 KiB of the pool)
 *   +--------------------+------------+     +------+------+------+------+---------------+
 *   | slab index (20)    | unit (12)  | --> | slot | slot | free | slot | never used .. |
 *   +--------------------+------------+     +------+------+------+------+---------------+
 *
 * A unit is 4 bytes, so that a slab of 16 KiB has 4,096 of them and a shard can hold 4 GiB and more. Class sizes are
 * chosen to divide a slab without a rest worth naming. Reference 0 is nothing: slab 0 is never used.
 *
 * Everything here is guarded by the shard's lock.
 */
#ifndef RD_ARENA_H
#define RD_ARENA_H

#include "counter.h"
#include "pool.h"

#define RD_UNIT_SHIFT 2
#define RD_SLAB_SHIFT 12 /* bits of a reference that count units */
#define RD_ENTRY_MIN 16
#define RD_ENTRY_MAX 1056 /* the largest size that lives in the arena; sixteen fill a slab of 16 KiB less a rest */
#define RD_CLASSES 112
#define RD_NO_SLOT UINT16_MAX

struct rd_size_classes {
    uint32_t count;
    uint16_t size[RD_CLASSES];  /* bytes, multiples of 4, ascending */
    uint16_t slots[RD_CLASSES]; /* per slab */
    uint8_t order[RD_CLASSES];  /* pool order of a slab: 0 or 2 */
    uint8_t of[RD_ENTRY_MAX / 4 + 1]; /* class of a size, by size / 4 rounded up */
};

struct rd_slab {
    uint32_t next, previous; /* slabs of this class with room; or, unused, the next unused index */
    uint16_t free_slot;      /* first slot that was freed, RD_NO_SLOT when none; links lie in the slots */
    uint16_t fresh;          /* slots from here on were never used */
    uint16_t live;
    uint8_t class;
};

struct rd_arena {
    struct rd_pool *pool;
    const struct rd_size_classes *classes;
    uint32_t *pages;       /* per slab: the pool page that it starts at */
    struct rd_slab *slabs;
    uint32_t count;        /* slab indices in use or once used; index 0 is reserved */
    uint32_t capacity;
    uint32_t unused;       /* first recycled index, 0 when none */
    uint32_t partial[RD_CLASSES]; /* first slab with room per class, 0 when none */
    rd_counter slab_bytes; /* of all slabs */
};

void rd_size_classes_init(struct rd_size_classes *classes);

/* Borrowed: pool and classes must outlive the arena. */
void rd_arena_init(struct rd_arena *arena, struct rd_pool *pool, const struct rd_size_classes *classes);
/* Gives every slab back; what lived in them is gone. The arena is as new. */
void rd_arena_clear(struct rd_arena *arena);
void rd_arena_destroy(struct rd_arena *arena);

/* A slot of the class: its reference, or 0 when a new slab is needed and the pool has none. */
RD_MUST_USE uint32_t rd_arena_take(struct rd_arena *arena, unsigned class);
void rd_arena_give(struct rd_arena *arena, uint32_t reference);

/* True when taking a slot of this class needs no new slab. */
static inline bool rd_arena_has_room(const struct rd_arena *arena, unsigned class) {
    return arena->partial[class] != 0;
}

static inline uint64_t rd_arena_slab_size(const struct rd_arena *arena, unsigned class) {
    return (uint64_t)RD_PAGE_SIZE << arena->classes->order[class];
}

static inline unsigned rd_class_of(const struct rd_size_classes *classes, uint32_t size) {
    return classes->of[(size + 3) / 4];
}

static inline void *rd_arena_at(const struct rd_arena *arena, uint32_t reference) {
    return (char *)rd_pool_page(arena->pool, arena->pages[reference >> RD_SLAB_SHIFT]) +
           ((reference & ((1u << RD_SLAB_SHIFT) - 1)) << RD_UNIT_SHIFT);
}

/* Lists, counters and free slots agree? Counts live slots into *live. */
bool rd_arena_check(const struct rd_arena *arena, uint64_t *live);

#endif
