/*
 * This file owns MONITOR: the clients that watch, and the lines on their way to them. A line is written once by the
 * worker that runs the command, copied into the feed of every watcher, and sent by the watcher's own worker. A watcher
 * that does not keep up is closed.
 */
#ifndef RD_MONITOR_H
#define RD_MONITOR_H

#include "call/command.h"
#include "base/lock.h"

/* Lines that wait for the watcher's worker, and bytes that wait for the watcher itself. */
#define RD_MONITOR_FEED_MAX (8u << 20)
#define RD_MONITOR_OUTPUT_MAX (32u << 20)

struct rd_monitor_feed;
struct rd_observer;

struct rd_monitors {
    _Atomic uint32_t count; /* watchers; looked at once per batch */
    struct rd_lock lock;    /* guards the list and the feeds; a leaf */
    struct rd_monitor_feed *feeds;
};

/* On the connection's worker. */
RD_MUST_USE enum rd_status rd_monitor_begin(struct rd_conn *conn);
void rd_monitor_end(struct rd_conn *conn);

/* On any thread, whose observer it is: a command is about to run. */
void rd_monitor_tell(struct rd_observer *observer, const struct rd_call *call);

/* Sends what waits for this thread's watchers; on it, outside any group. */
void rd_monitor_deliver(struct rd_observer *observer);

#endif
