/*
 * This file owns a shard's memory for entries: slabs of one size class each, taken from the pool.
 *
 *   reference (32 bits)                     slab (4 KiB or 16 KiB of the pool)
 *   +--------------------+------------+     +------+------+------+------+---------------+
 *   | slab index (20)    | unit (12)  | --> | slot | slot | free | slot | never used .. |
 *   +--------------------+------------+     +------+------+------+------+---------------+
 *
 * A unit is 4 bytes, so that a slab of 16 KiB has 4,096 of them and a shard can hold 4 GiB and more. Class sizes are
 * chosen to divide a slab without a rest worth naming. The first slabs of a class are small, so that a half-filled one
 * costs little in each of 256 shards; later ones are large, so that the page numbers, which every access reads, stay
 * few enough for the second-level cache. Reference 0 is nothing: slab 0 is never used.
 *
 * Everything here is guarded by the shard's lock.
 */
#ifndef RD_ARENA_H
#define RD_ARENA_H

#include "base/counter.h"
#include "memory/pool.h"

#define RD_UNIT_SHIFT 2
#define RD_SLAB_SHIFT 12 /* bits of a reference that count units */
#define RD_ENTRY_MIN 16
#define RD_ENTRY_MAX 1092 /* the largest size that lives in the arena; fifteen fill a slab of 16 KiB less a rest */
#define RD_CLASSES 112
#define RD_NO_SLOT UINT16_MAX
#define RD_SLAB_ORDER_MAX 2 /* 16 KiB */
#define RD_SMALL_SLABS 8    /* of a class, before they are large */
#define RD_SLAB_SLOTS ((RD_PAGE_SIZE << RD_SLAB_ORDER_MAX) / RD_ENTRY_MIN) /* in a slab, at most */

struct rd_size_classes {
    uint32_t count;
    uint16_t size[RD_CLASSES];  /* bytes, multiples of 4, ascending */
    uint8_t least_order[RD_CLASSES]; /* pool order of the first slabs */
    uint8_t of[RD_ENTRY_MAX / 4 + 1]; /* class of a size, by size / 4 rounded up */
};

struct rd_slab {
    uint32_t next, previous; /* slabs of this class with room; or, unused, the next unused index */
    uint16_t free_slot;      /* first slot that was freed, RD_NO_SLOT when none; links lie in the slots */
    uint16_t fresh;          /* slots from here on were never used */
    uint16_t live;
    uint16_t slots;          /* in all */
    uint8_t class;
    uint8_t order;           /* of its block in the pool */
    bool draining;           /* its entries are being moved elsewhere: in no list, its free slots are no holes */
};

struct rd_arena {
    char *base;            /* the pool's */
    uint32_t *pages;       /* per slab: the pool page that it starts at */
    uint32_t usual_size;   /* bytes of the entry stored last: how much of one is worth prefetching */
    uint32_t count;        /* slab indices in use or once used; index 0 is reserved */
    struct rd_slab *slabs;
    const struct rd_size_classes *classes;
    struct rd_pool *pool;
    uint32_t capacity;
    uint32_t unused;       /* first recycled index, 0 when none */
    rd_counter slab_bytes; /* of all slabs */
    uint32_t partial[RD_CLASSES]; /* first slab with room per class, 0 when none */
    uint32_t slabs_of[RD_CLASSES]; /* how many each class has */
    uint32_t holes[RD_CLASSES];    /* free slots of each class */
};

void rd_size_classes_init(struct rd_size_classes *classes);

/* Borrowed: pool and classes must outlive the arena. */
void rd_arena_init(struct rd_arena *arena, struct rd_pool *pool, const struct rd_size_classes *classes);
/* Gives every slab back; what lived in them is gone. The arena is as new. */
void rd_arena_clear(struct rd_arena *arena);
/*
 * Gives up to `slabs` slabs back, from index on (1 at first); false when none is left. Until the arena is cleared or
 * destroyed it is good for nothing else.
 */
bool rd_arena_clear_some(struct rd_arena *arena, uint32_t *index, uint32_t slabs);
void rd_arena_destroy(struct rd_arena *arena);

/* A slot of the class: its reference, or 0 when a new slab is needed and the pool has none. */
RD_MUST_USE uint32_t rd_arena_take(struct rd_arena *arena, unsigned class);
void rd_arena_give(struct rd_arena *arena, uint32_t reference);

/* The order of the next slab of the class. */
static inline unsigned rd_arena_next_order(const struct rd_arena *arena, unsigned class) {
    return arena->slabs_of[class] < RD_SMALL_SLABS ? arena->classes->least_order[class] : RD_SLAB_ORDER_MAX;
}

/* True when taking a slot of this class needs no new slab. */
static inline bool rd_arena_has_room(const struct rd_arena *arena, unsigned class) {
    return arena->partial[class] != 0;
}

/* Bytes of the next slab of the class. */
static inline uint64_t rd_arena_slab_size(const struct rd_arena *arena, unsigned class) {
    return (uint64_t)RD_PAGE_SIZE << rd_arena_next_order(arena, class);
}

/*
 * The class to take a slot of for an entry of `class`: this one, unless it has no room, has few slabs, and a class not
 * much larger has room. So a shard that holds few entries of many sizes is not all half-filled slabs.
 */
unsigned rd_arena_fitting(const struct rd_arena *arena, unsigned class);

/* The class of the slot that a reference names. */
static inline unsigned rd_arena_class_at(const struct rd_arena *arena, uint32_t reference) {
    return arena->slabs[reference >> RD_SLAB_SHIFT].class;
}

static inline unsigned rd_class_of(const struct rd_size_classes *classes, uint32_t size) {
    return classes->of[(size + 3) / 4];
}

static inline void *rd_arena_at(const struct rd_arena *arena, uint32_t reference) {
    return arena->base + ((uintptr_t)arena->pages[reference >> RD_SLAB_SHIFT] << RD_PAGE_SHIFT) +
           ((reference & ((1u << RD_SLAB_SHIFT) - 1)) << RD_UNIT_SHIFT);
}

/* Asks for the line that rd_arena_at reads. */
static inline void rd_arena_prefetch_page(const struct rd_arena *arena, uint32_t reference) {
    __builtin_prefetch(&arena->pages[reference >> RD_SLAB_SHIFT]);
}

/* Asks for the lines of the entry, as many as entries here usually have. It may have been given back meanwhile. */
static inline void rd_arena_prefetch(const struct rd_arena *arena, uint32_t reference) {
    if (reference >> RD_SLAB_SHIFT >= arena->count) return;
    const char *entry = rd_arena_at(arena, reference);
    uintptr_t at = (uintptr_t)entry & ~(uintptr_t)63, end = (uintptr_t)entry + arena->usual_size;
    do {
        __builtin_prefetch((const void *)at);
        at += 64;
    } while (at < end);
}

/*
 * Chooses the sparsest slab (of those looked at) of a class whose other slabs have holes for all its entries, and
 * closes it: nothing is taken from it any more, and it goes back to the pool with its last entry. Its index, or 0.
 */
uint32_t rd_arena_begin_drain(struct rd_arena *arena, unsigned class);
/* The references of what lives in a slab, at most RD_SLAB_SLOTS of them; returns how many. */
uint32_t rd_arena_list(const struct rd_arena *arena, uint32_t index, uint32_t *references);

/* True when a slab of the class could be emptied. */
static inline bool rd_arena_is_sparse(const struct rd_arena *arena, unsigned class) {
    uint32_t first = arena->partial[class];
    return first && arena->holes[class] >= arena->slabs[first].slots;
}

/* Is it a slot that was ever taken, of a slab that is there? */
bool rd_arena_could_have(const struct rd_arena *arena, uint32_t reference);
/* Lists, counters and free slots agree, and do slabs lie in the pool? Counts live slots into *live. */
bool rd_arena_check(const struct rd_arena *arena, uint64_t *live);

#endif
