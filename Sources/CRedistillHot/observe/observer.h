/*
 * This file owns who is told of what is done: slow log, latency monitor, MONITOR, client-side caching, statistics. One
 * part is shared by all threads, the other is a thread's own.
 */
#ifndef RD_OBSERVER_H
#define RD_OBSERVER_H

#include "connection/loop.h"
#include "observe/followers.h"
#include "observe/latency.h"
#include "observe/monitor.h"
#include "observe/slowlog.h"
#include "observe/stats.h"
#include "observe/told.h"
#include "observe/tracking.h"

struct rd_observers {
    struct rd_slowlog slowlog;
    struct rd_latency latency;
    struct rd_monitors monitors;
    struct rd_trackers trackers;
    struct rd_following following; /* by which keys WATCH and the trackers are found */
};

/* The thread's alone unless marked. */
struct rd_observer {
    struct rd_observers *all;  /* immutable; borrowed */
    struct rd_loop *loop;      /* of the thread; immutable; borrowed */
    bool monitored;            /* of the batch under way: somebody watches */
    _Atomic bool has_feed;     /* lines wait for one of its watchers; any thread sets it */
    _Atomic bool has_push;     /* messages wait for one of its trackers; any thread sets it */
    struct rd_telling telling; /* what those are told */
    struct rd_stats stats;
};

#endif
