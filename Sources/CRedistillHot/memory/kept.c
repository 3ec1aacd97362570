/* This file owns blocks of the region. */
#include "memory/kept.h"

#include <stdlib.h>
#include <string.h>

/* In front of each block. */
struct head {
    uint32_t class; /* 2^class bytes, these included */
    uint32_t unused[3];
};

_Static_assert(sizeof(struct head) == 16, "what follows is aligned as malloc's blocks are");

#define LEAST_CLASS 6u /* the head of a span and its own fill 64 bytes */
/* A block of this class and above does not stay resident while it is free. */
#define LARGE_CLASS 16u
#define PAGE 4096u

static unsigned class_of(size_t bytes) {
    unsigned class = LEAST_CLASS;
    while (class < RD_KEPT_CLASSES && (1ull << class) - sizeof(struct head) < bytes) class++;
    return class;
}

void *rd_kept_new(struct rd_region *region, size_t bytes) {
    if (__builtin_expect(!region, 1)) return malloc(bytes);
    unsigned class = class_of(bytes);
    if (class == RD_KEPT_CLASSES) return NULL;
    rd_lock_acquire(&region->lock);
    void **block = region->free[class];
    if (block) region->free[class] = *block;
    rd_lock_release(&region->lock);
    if (block) return block;
    /* Large ones begin pages, so that all behind the first can go back. */
    struct head *head = rd_region_take(region, 1ull << class, class >= LARGE_CLASS ? PAGE : 64);
    if (!head) return NULL;
    head->class = class;
    return head + 1;
}

void *rd_kept_new_zeroed(struct rd_region *region, size_t bytes) {
    if (__builtin_expect(!region, 1)) return calloc(1, bytes);
    void *block = rd_kept_new(region, bytes);
    if (block) memset(block, 0, bytes);
    return block;
}

void rd_kept_free(struct rd_region *region, void *block) {
    if (__builtin_expect(!region, 1)) {
        free(block);
        return;
    }
    if (!block) return;
    struct head *head = (struct head *)block - 1;
    /* Where the system refuses it stays resident, which is no harm. */
    if (head->class >= LARGE_CLASS) (void)!rd_region_drop(region, (char *)head + PAGE, (1ull << head->class) - PAGE);
    rd_lock_acquire(&region->lock);
    *(void **)block = region->free[head->class];
    region->free[head->class] = block;
    rd_lock_release(&region->lock);
}

void *rd_kept_resize(struct rd_region *region, void *block, size_t bytes) {
    if (__builtin_expect(!region, 1)) return realloc(block, bytes);
    if (!block) return rd_kept_new(region, bytes);
    size_t had = (1ull << ((struct head *)block - 1)->class) - sizeof(struct head);
    if (bytes <= had) return block;
    void *larger = rd_kept_new(region, bytes);
    if (!larger) return NULL;
    memcpy(larger, block, had);
    rd_kept_free(region, block);
    return larger;
}
