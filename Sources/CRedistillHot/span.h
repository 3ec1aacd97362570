/*
 * This file owns the memory of the largest values: stretches of addresses whose sizes are powers of two, of which only
 * the pages in use are resident. Addresses cost nothing, so a stretch is never split, joined or moved, and whatever
 * sizes come and go, what is resident is what is used, rounded up to a page.
 *
 * The lock is a leaf. Stretches that were just freed stay resident, a few, so that the next value need not fault its
 * pages in.
 */
#ifndef RD_SPAN_H
#define RD_SPAN_H

#include "lock.h"
#include "redistill_hot.h"

#define RD_SPAN_SHIFT 16 /* the smallest stretch: 64 KiB */
#define RD_SPAN_ORDERS 24

struct rd_span_free {
    uint32_t unit;  /* of 64 KiB, from the base */
    uint32_t warm;  /* pages from its start that are resident */
};

/* Free stretches of one order, the last freed on top. Has room for all that were ever opened. */
struct rd_span_stack {
    struct rd_span_free *at;
    uint32_t count, capacity, opened;
};

struct rd_spans {
    char *base;        /* immutable */
    uint64_t reserved; /* immutable */
    struct rd_lock lock;
    /* Guarded by lock. */
    uint64_t opened;
    struct rd_span_stack stacks[RD_SPAN_ORDERS];
    /* Written under lock, read by anyone. */
    _Atomic uint64_t warm_bytes;
    /* Any thread writes. */
    _Atomic uint64_t warm_most; /* warm_bytes to stay below */
};

/* reserve_bytes of addresses, or as much as the process may reserve. */
RD_MUST_USE enum rd_status rd_spans_init(struct rd_spans *spans, uint64_t reserve_bytes);
void rd_spans_destroy(struct rd_spans *spans);

/* A stretch of at least `most` bytes of which the first `bytes` will be used; *order is its own. NULL: none left. */
void *rd_span_take(struct rd_spans *spans, uint64_t bytes, uint64_t most, unsigned *order);
/* No page behind the first `bytes` may have been written. */
void rd_span_give(struct rd_spans *spans, void *span, unsigned order, uint64_t bytes);

/* Of a span in use, these pages go back. */
void rd_span_shorten(char *pages, uint64_t bytes);

/* For a store of that limit (0: none): how much may stay warm. */
void rd_spans_fit(struct rd_spans *spans, uint64_t limit);
/* Gives the memory of free stretches back; false when there was none. */
bool rd_spans_cool(struct rd_spans *spans);

static inline uint64_t rd_span_size(unsigned order) {
    return 1ull << (RD_SPAN_SHIFT + order);
}

#endif
