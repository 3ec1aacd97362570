/*
 * This file owns the report of a crash: what happened and where, written to the log's descriptor by the thread that
 * crashed, before the process ends as it would have. Nothing is kept in file-scope variables: each thread that is to
 * report has a signal stack, and what the handler needs stands at its lower end.
 *
 *    guard page | struct rd_crash * | ............ <- the handler's stack grows down
 *
 * Where a sanitizer is built in, it reports crashes itself.
 */
#ifndef RD_CRASH_H
#define RD_CRASH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "redistill_hot.h"

struct rd_crash_text;

/* What else there is to be said, by those who know more; its owner keeps it for as long as it is set. */
struct rd_crash_tail {
    /* On the thread that crashed, within the signal's handler, last of all: what breaks here costs the rest alone. */
    void (*put)(const struct rd_crash_tail *tail, struct rd_crash_text *text);
};

struct rd_crash {
    char version[128];
    uintptr_t base, end;              /* where the program lies in memory; base is what its own addresses count from */
    _Atomic int log;                  /* the descriptor */
    _Atomic bool begun;               /* a thread reports; others wait for the end */
    _Atomic(const struct rd_crash_tail *) tail; /* borrowed; NULL: nothing */
};

/* The calling thread reports its crashes from now on; NULL when memory is out, or `crash` is NULL. */
void *rd_crash_enter(struct rd_crash *crash);
/* The calling thread ends; `stack` is what rd_crash_enter returned. */
void rd_crash_leave(void *stack);

/* Text that is gathered and written without help of anything that could be broken. */
struct rd_crash_text {
    int fd;
    uint32_t length;
    char bytes[512];
};
void rd_crash_put(struct rd_crash_text *text, const char *string);
void rd_crash_put_number(struct rd_crash_text *text, uint64_t number, unsigned base);
void rd_crash_flush(struct rd_crash_text *text);

/* Writes the addresses, each with its function where the program's symbols are there, else its module and offset. */
void rd_crash_frames(const struct rd_crash *crash, struct rd_crash_text *text, void *const *frames, int count);

#endif
