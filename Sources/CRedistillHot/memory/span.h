/*
 * This file owns the memory of the largest values: stretches of addresses of 64 KiB * 2^order, of which only the pages
 * in use are resident. A buddy allocator (as in pool.h, but in units of 64 KiB) splits and joins them, so that whatever
 * sizes come and go, what was given back serves any other. What is known of a stretch lies outside of it.
 *
 * Pages that are resident and not used are warm: the first ones of a stretch that was given back, or those that a
 * stretch had when it was taken and that its owner has not claimed yet. A fault costs more than the copy into a page,
 * so they are kept, up to a bound, and are the first to go when memory is wanted.
 *
 *     |<--- used --->|<--- warm --->|<------- not resident ------->|
 *     +--------------+--------------+------------------------------+
 *     start          claimed        warm end                 64 KiB * 2^order
 *
 * The lock is a leaf.
 */
#ifndef RD_SPAN_H
#define RD_SPAN_H

#include "memory/region.h"

#define RD_SPAN_SHIFT 16 /* the smallest stretch: 64 KiB */
#define RD_SPAN_ORDERS 24
#define RD_NO_UNIT UINT32_MAX

/* What is known of a stretch, at its first unit. */
struct rd_span_unit {
    uint32_t next, previous; /* in its list */
    uint32_t claimed, warm;  /* pages from its start: used, and resident; claimed is 0 in a free one */
    uint8_t order, state;    /* see span.c */
};

struct rd_spans {
    char *base;                 /* immutable; unit n is at base + n * 64 KiB */
    uint64_t reserved;          /* immutable */
    struct rd_region *region;   /* borrowed, immutable: in which all of it lies; NULL: private memory */
    struct rd_span_unit *units; /* immutable; resident only where it was touched */
    struct rd_lock lock;
    /* Guarded by lock. */
    uint32_t opened;                   /* units that were ever in use */
    uint32_t cold_head[RD_SPAN_ORDERS]; /* free, nothing resident; joined with their buddies */
    uint32_t warm_head[RD_SPAN_ORDERS]; /* free, as they were given back */
    uint32_t ahead_head;               /* in use, with warm pages behind the claimed ones */
    unsigned cool_order;               /* where cooling goes on */
    /* Written under lock, read by anyone. */
    _Atomic uint64_t warm_bytes;
    _Atomic uint32_t takes;     /* how often a stretch was wanted, modulo 2^32: while it stands still nobody needs warm ones */
    /* Any thread writes. */
    _Atomic uint64_t warm_most; /* warm_bytes to stay below */
    _Atomic uint64_t promised;  /* addresses of arguments that have not come whole */
};

/* reserve_bytes of addresses, or as much as the process may reserve. Of the region, if there is one. */
RD_MUST_USE enum rd_status rd_spans_init(struct rd_spans *spans, uint64_t reserve_bytes, struct rd_region *region);
void rd_spans_destroy(struct rd_spans *spans);
/* Another process has left it in its region: nobody holds the lock, and nothing is announced. */
void rd_spans_adopt(struct rd_spans *spans);

/* A stretch of at least `most` bytes of which the first `bytes` are claimed; *order is its own. NULL: none left. */
void *rd_span_take(struct rd_spans *spans, uint64_t bytes, uint64_t most, unsigned *order);
/* No page behind the first `bytes` may have been written but those that were claimed. */
void rd_span_give(struct rd_spans *spans, void *span, uint64_t bytes);

/* The first `bytes`, and no others, are the owner's to write. Those behind that were written stay warm. */
void rd_span_claim(struct rd_spans *spans, void *span, uint64_t bytes);
/* The first `bytes` stay; of those behind them, of which `written` may be resident, a page or two stay warm. */
void rd_span_shorten(struct rd_spans *spans, void *span, uint64_t bytes, uint64_t written);
/* Is there a stretch with so many warm bytes that `rd_span_take(bytes, bytes)` would be given? */
bool rd_spans_has_warm(struct rd_spans *spans, uint64_t bytes);

/*
 * An argument of that length begins to come. May it have the addresses of all of it now? Then they are counted until
 * rd_spans_end_promise. False: it has to move as it grows, for those that were only announced hold enough.
 */
bool rd_spans_promise(struct rd_spans *spans, uint64_t most);
void rd_spans_end_promise(struct rd_spans *spans, uint64_t most);

/* For a store of that limit (0: none): how much may stay warm. */
void rd_spans_fit(struct rd_spans *spans, uint64_t limit);
/* Gives warm pages back, about `bytes` of them; false when there were none. */
bool rd_spans_cool(struct rd_spans *spans, uint64_t bytes);

/* May these bytes, from the start of a stretch of that order, be somebody's? Without the lock: only whose they are changes that. */
bool rd_spans_could_have(const struct rd_spans *spans, const char *span, unsigned order, uint64_t bytes);
/* Lists, buddies and counters agree? For tests and debug builds. */
bool rd_spans_check(struct rd_spans *spans);

static inline uint64_t rd_span_size(unsigned order) {
    return 1ull << (RD_SPAN_SHIFT + order);
}

#endif
