/*
 * This file owns who is told of what is done: command logs, latency monitor, hot keys, MONITOR, client-side caching,
 * statistics. One part is shared by all threads, the other is a thread's own.
 */
#ifndef RD_OBSERVER_H
#define RD_OBSERVER_H

#include "connection/loop.h"
#include "observe/access_log.h"
#include "observe/followers.h"
#include "observe/hot_keys.h"
#include "observe/latency.h"
#include "observe/monitor.h"
#include "observe/command_log.h"
#include "observe/stats.h"
#include "observe/told.h"
#include "observe/tracking.h"

struct rd_observers {
    struct rd_command_log logs[RD_LOG_KINDS];
    struct rd_access_log access;
    struct rd_latency latency;
    struct rd_monitors monitors;
    struct rd_trackers trackers;
    struct rd_hot_keys hot;
    struct rd_following following; /* by which keys WATCH and the trackers are found */
};

/* The thread's alone unless marked. */
struct rd_observer {
    struct rd_observers *all;  /* immutable; borrowed */
    struct rd_loop *loop;      /* of the thread; immutable; borrowed */
    /* Of the batch under way. */
    bool monitored;            /* somebody watches */
    bool looks_at_sizes;       /* of each command's request and reply: observe/large.h */
    bool samples_keys;         /* for HOTKEYS */
    _Atomic bool has_feed;     /* lines wait for one of its watchers; any thread sets it */
    _Atomic bool has_push;     /* messages wait for one of its trackers; any thread sets it */
    struct rd_telling telling; /* what those are told */
    struct rd_stats stats;
    struct rd_hot_sampler hot; /* what it has seen of hot keys */
};

#endif
