/*
 * This file owns one thread of load: its connections, one batch in flight on each, and what it saw of them.
 *
 * Each connection is registered once, edge-triggered for both directions, so that no epoll_ctl is ever needed
 * again: a batch costs one send, one recv, and a share of one epoll_wait. With --reconnect the registration is of one
 * batch.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "histogram.h"
#include "options.h"
#include "request.h"
#include "ring.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum bench_phase {
    BENCH_PHASE_WARMUP,
    BENCH_PHASE_MEASURE,
    BENCH_PHASE_STOP,   /* start no batch, wait for those in flight */
};

/* What all clients share; outlives them. */
struct bench_run {
    const struct bench_options *options;
    const struct bench_requests *requests;
    const struct bench_ring *ring;
    _Atomic enum bench_phase phase;
    int attention;      /* eventfd: a client failed */
};

struct bench_client;

/* Connects and starts thread `index` of options->threads. Owned by the caller (bench_client_free). */
struct bench_client *bench_client_start(struct bench_run *run, uint32_t index);

/* Any thread: operations answered since the start, to within one batch. */
uint64_t bench_client_operations(const struct bench_client *client);

/* Any thread: makes the client look at the phase. */
void bench_client_wake(const struct bench_client *client);

/* Waits for the thread's end; it ends after BENCH_PHASE_STOP, or when it fails. */
void bench_client_join(struct bench_client *client);

/* After the join. Latencies of batches answered while measuring, in ns; borrowed. */
const struct bench_histogram *bench_client_latency(const struct bench_client *client);

/* After the join. Values asked for while measuring, and how many of them were found. */
uint64_t bench_client_reads(const struct bench_client *client);
uint64_t bench_client_hits(const struct bench_client *client);

/* After the join. What went wrong, or "". Borrowed. */
const char *bench_client_failure(const struct bench_client *client);

void bench_client_free(struct bench_client *client);

#endif
