/* This file owns what a worker does periodically: idle connections, time limits, the expiry sweep. */
#ifndef RD_WORKER_TICK_H
#define RD_WORKER_TICK_H

#define RD_TICK_MS 100

struct rd_worker;

/* Ten times a second, on the worker's thread, outside any group. Bounded in time. */
void rd_worker_tick(struct rd_worker *worker);

#endif
