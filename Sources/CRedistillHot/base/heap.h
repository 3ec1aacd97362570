/*
 * This file owns what is known of the process's heap, which is jemalloc in redistilld and whatever there is in a
 * program of tests: how much of it is in use, how much is free and resident all the same, and giving that back.
 */
#ifndef RD_HEAP_H
#define RD_HEAP_H

#include "redistill_hot.h"

/* All zero where the allocator does not tell. */
struct rd_heap {
    uint64_t used;     /* asked for and not freed, rounded up as the allocator does */
    uint64_t overhead; /* resident beside it and not to be given back: the allocator's books, holes between blocks */
    uint64_t free;     /* resident, and used by nobody: the allocator gives it back, at the latest with rd_heap_purge */
};

/* What a block of the heap really takes: what was asked for, rounded up. */
uint64_t rd_heap_size(void *block);

/* Takes some tens of microseconds. Any thread. */
void rd_heap_look(struct rd_heap *heap);

/* Gives back what is free. About 0.1 ms for each megabyte: not on a thread that clients wait for. */
void rd_heap_purge(void);

/*
 * What the calling thread has ever asked for, and freed, as places that it goes on counting in until it ends; NULL
 * where the allocator does not tell.
 */
struct rd_heap_thread {
    const uint64_t *asked, *freed;
};
struct rd_heap_thread rd_heap_of_thread(void);

/* Asked for less freed: the difference of two looks is what a piece of code has kept. 0 where nobody tells. */
static inline uint64_t rd_heap_thread_held(const struct rd_heap_thread *thread) {
    return thread->asked ? *thread->asked - *thread->freed : 0;
}

#endif
