/* This file owns what a worker does periodically: idle connections, time limits, the expiry sweep. */
#ifndef RD_WORKER_TICK_H
#define RD_WORKER_TICK_H

#define RD_TICK_MS 100

struct rd_worker;

/* Ten times a second, on the worker's thread, outside any group. Bounded in time. */
void rd_worker_tick(struct rd_worker *worker);

/* Goes on with the expiry sweep that a tick began, for a slice of time; sweep_buckets says whether there is more. */
void rd_worker_sweep(struct rd_worker *worker);

#endif
