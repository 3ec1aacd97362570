/*
 * This file owns the ring: all request batches, encoded before the clock starts and sent round and round. Encoding
 * while the clock runs would cost the load more than its system calls do at deep pipelines.
 */
#ifndef BENCH_RING_H
#define BENCH_RING_H

#include "options.h"
#include "request.h"

#include <stddef.h>
#include <stdint.h>

struct bench_batch {
    uint32_t request_size;
    uint32_t reply_size;    /* bytes that the right answer to the whole batch has, every key found */
    uint32_t main_first : 1; /* it begins with the run's command, not with a SET */
    uint32_t reads : 31;    /* values asked for */
};

struct bench_ring {
    char *bytes;                    /* owned mapping; the batches' requests, one after the other */
    size_t mapped;
    struct bench_batch *batches;    /* owned */
    uint32_t count;
};

/* Where a reader of the ring stands. */
struct bench_cursor {
    uint32_t batch;
    size_t offset;          /* of that batch in the ring's bytes */
};

void bench_ring_init(struct bench_ring *ring, const struct bench_requests *requests,
                     const struct bench_options *options);
void bench_ring_free(struct bench_ring *ring);

/* A cursor at the beginning of the given share (0 <= share < 1) of the ring: each thread starts elsewhere. */
struct bench_cursor bench_ring_cursor(const struct bench_ring *ring, double share);

/* The batch under the cursor, *bytes borrowed until the ring is freed; the cursor moves on. */
static inline const struct bench_batch *bench_ring_take(const struct bench_ring *ring, struct bench_cursor *cursor,
                                                        const char **bytes) {
    const struct bench_batch *batch = &ring->batches[cursor->batch];
    *bytes = ring->bytes + cursor->offset;
    cursor->offset += batch->request_size;
    if (++cursor->batch == ring->count) *cursor = (struct bench_cursor){0};
    return batch;
}

#endif
