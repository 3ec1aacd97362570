/*
 * This file owns the thread that has memory ready before the store asks for it. The first touch of a huge page makes
 * the kernel find and clear 2 MiB, which in a virtual machine takes up to 20 ms; here that happens beside the workers
 * instead of within a SET. It gives free heap back too, when the limit asks for it, which takes as long.
 */
#ifndef RD_FEEDER_H
#define RD_FEEDER_H

#include <pthread.h>
#include <semaphore.h>

#include "memory/pool.h"

struct rd_feeder {
    struct rd_pool *pool;
    struct rd_crash *crash; /* set before the start; borrowed, may be NULL */
    sem_t hungry; /* posted by the pool when a chunk came into use */
    _Atomic bool stop;
    _Atomic bool purge; /* what the heap holds free is to go back */
    bool running;
    pthread_t thread;
};

/* From now until the stop the pool is fed. RD_ERR_THREAD when there is no thread to be had. */
RD_MUST_USE enum rd_status rd_feeder_start(struct rd_feeder *feeder, struct rd_pool *pool);
/* Any thread: has what the heap holds free given back, soon. Before the start, and after the stop, nothing happens. */
void rd_feeder_purge(struct rd_feeder *feeder);
/* When no other thread uses the pool any more. Does nothing when it was not started. */
void rd_feeder_stop(struct rd_feeder *feeder);

#endif
