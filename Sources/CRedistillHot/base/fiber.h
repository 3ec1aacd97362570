/*
 * This file owns fibers: work on a stack of its own that may stop in the middle, and be gone on with later by the same
 * thread. A switch costs some nanoseconds and no system call.
 */
#ifndef RD_FIBER_H
#define RD_FIBER_H

#include <stdbool.h>
#include <stddef.h>

#include "redistill_hot.h"

typedef void rd_fiber_fn(void *argument);

/* One thread's. */
struct rd_fiber {
    char *stack;          /* owned: a page that nobody may touch, then the stack */
    size_t size;          /* of both */
    void *pointer;        /* where the one that is not running has stopped: the stack pointer of the fiber, or the thread */
    rd_fiber_fn *work;
    void *argument;       /* borrowed until the work is done */
    bool done;
    /* What sanitizers are told. */
    void *thread_stack;
    size_t thread_stack_size;
    void *thread_fiber, *fiber;
    void *fake_stack, *thread_fake_stack;
};

/* With a stack of so many bytes, a multiple of the page size; of them only what is used becomes resident. */
RD_MUST_USE enum rd_status rd_fiber_init(struct rd_fiber *fiber, size_t stack_bytes);
/* With nothing under way: of the stack only the last `keep` bytes, a multiple of the page size, stay resident. */
void rd_fiber_rest(struct rd_fiber *fiber, size_t keep);
/* Nothing may be under way. */
void rd_fiber_destroy(struct rd_fiber *fiber);

/* Begins the work; true when it is done, false when it has stopped in the middle. */
RD_MUST_USE bool rd_fiber_begin(struct rd_fiber *fiber, rd_fiber_fn *work, void *argument);
/* Goes on with work that has stopped in the middle. */
RD_MUST_USE bool rd_fiber_resume(struct rd_fiber *fiber);
/* Called by the work: stops in the middle until it is resumed. */
void rd_fiber_yield(struct rd_fiber *fiber);

#endif
