/* This file owns the measured window: warm-up, start, end, and what was counted in between. */
#ifndef BENCH_WINDOW_H
#define BENCH_WINDOW_H

#include "cpu.h"
#include "histogram.h"
#include "options.h"
#include "request.h"
#include "ring.h"

#include <stdint.h>

struct bench_result {
    uint64_t operations;                /* answered within the window */
    double seconds;                     /* its length, measured */
    struct bench_cpu server;            /* used within it; zero without --server-pid */
    struct bench_cpu client;
    int64_t stolen_ns;                  /* by the machine's host, of all processors together */
    struct bench_histogram latency;     /* ns, one value per batch */
    uint64_t reads;                     /* values asked for within it, as the latency counts them */
    uint64_t hits;                      /* of them found */
    uint32_t errors;                    /* clients that failed; any is a failed run */
    char failure[320];                  /* the first of them, or "" */
};

void bench_window_run(const struct bench_options *options, const struct bench_requests *requests,
                      const struct bench_ring *ring, struct bench_result *result);

#endif
