/*
 * This file owns what connections know of the thread that serves them: its clocks, the list of those that it serves,
 * the queue of those that are due, its counters; and what all such threads share. The worker that a loop is the first
 * part of runs it (serve/worker.h). Fields are the loop's thread's alone unless marked.
 */
#ifndef RD_LOOP_H
#define RD_LOOP_H

#include "base/counters.h"
#include "base/events.h"
#include "base/heap.h"
#include "base/lock.h"
#include "base/settings.h"
#include "connection/auth_guard.h"
#include "connection/clients.h"
#include "connection/cluster.h"
#include "connection/inbox.h"
#include "connection/pause.h"
#include "connection/user.h"
#include "shape/shape.h"

struct event_base;
struct rd_conn;
struct rd_control;
struct rd_long_call;
struct rd_observer;
struct rd_snapshots;
struct rd_store;

/* What all threads share. Any of them reads and writes, but for what is immutable. */
struct rd_shared {
    struct rd_settings settings;
    struct rd_events events;
    struct rd_clients clients;
    struct rd_auth_guard auth_guard;
    struct rd_users users;
    struct rd_clusters clusters;
    struct rd_pause pause;
    _Atomic uint32_t handshakes;         /* TLS connections accepted whose handshake is not over */
    _Atomic uint64_t next_connection_id;
    _Atomic bool ends;                   /* the server is being destroyed: whatever can end early does */
    _Atomic bool scripts_debug;          /* DEBUG SET-DISABLE-DENY-SCRIPTS 1: scripts may call DEBUG */
    _Atomic bool sweeps_not;             /* DEBUG SET-ACTIVE-EXPIRE 0: expired keys wait until they are asked for */
    _Atomic bool loading;                /* the snapshot of before is read, and only what needs no key is served */
    _Atomic bool saving;                 /* a snapshot is being written */
    _Atomic bool save_failed;            /* the last one was not */
    struct rd_snapshots *snapshots;      /* borrowed; immutable. NULL: there are none */
    int64_t started_ms;                  /* Unix time when the server was created; immutable */
    bool owns_process;                   /* what the process has resident is ours; immutable */
    struct rd_loop *loops;               /* of every thread, linked by `next`; immutable when the first one runs */
    uint32_t loop_count;
};

static inline bool rd_shared_is_loading(const struct rd_shared *shared) {
    return atomic_load_explicit(&shared->loading, memory_order_relaxed);
}

/* What others know of the script that a thread runs. Any thread. */
enum rd_script_phase {
    RD_SCRIPT_NONE,
    RD_SCRIPT_READS,  /* nothing is written yet */
    RD_SCRIPT_WRITES,
    RD_SCRIPT_KILLED, /* before it has written, it is to end */
};
struct rd_script_state {
    _Atomic int phase;           /* enum rd_script_phase */
    _Atomic int64_t started_ms;  /* monotonic */
    int64_t time_us;             /* what TIME has told the script, Unix time; 0: it has not asked. Its worker's alone */
};

/* Somebody who walks a loop's connections. Guarded by its connections lock. */
struct rd_visit {
    struct rd_conn *at; /* the next one; moved on when that is closed */
    struct rd_visit *next;
};

struct rd_loop {
    /* Immutable. */
    struct rd_loop *next;                /* of the shared list */
    struct rd_shared *shared;            /* borrowed, as what follows */
    const struct rd_settings *settings;  /* the shared ones */
    struct rd_store *store;
    struct rd_observer *observer;        /* who is told of its commands: observe/observer.h */
    const struct rd_control *control;    /* what handlers ask the server for: call/control.h */
    uint32_t number;
    int wake_fd;                         /* eventfd; any thread may write */
    struct event_base *base;

    int64_t now_ms;                      /* Unix time */
    int64_t monotonic_ms;
    bool clock_is_fresh;                 /* read in this turn */
    uint8_t pause;                       /* enum rd_pause_mode, of this turn */
    struct rd_cluster *cluster;          /* a reference; NULL mostly, and then for ever: there is none */
    uint32_t cluster_generation;         /* of it */
    bool busy;                           /* of the batch under way: a script runs for too long, and is waited for */
    struct rd_long_call *long_call;      /* owned; execute/long_call.h; NULL before the first */
    struct rd_script_state script;       /* of the script that runs */
    struct rd_shape_scratch shape_scratch; /* of the command that changes a value with a shape */
    int64_t drain_until;                 /* monotonic ms; 0 = not draining */
    struct rd_conn **ready;              /* those that are served in this turn; owned */
    uint32_t ready_count, ready_capacity;
    struct rd_heap_thread heap;          /* what its thread has asked for and freed */

    struct rd_inbox inbox;               /* what other threads leave for it */

    /* connections_lock guards the list's links and the info of each connection against other threads' reading. */
    struct rd_lock connections_lock;
    struct rd_conn *connections;
    struct rd_visit *visits;

    _Atomic uint32_t connection_count;   /* handed over and not closed; others add, with the inbox lock, and read */
    _Atomic uint32_t living_count;       /* of these, those that nobody has killed */
    struct rd_counters counters;
    struct rd_client_share clients;
};

/* The clocks, read at most once in a turn. */
void rd_loop_read_clock(struct rd_loop *loop);

/* Room for all connections that are counted, so that queueing one never fails; for each new one. */
RD_MUST_USE enum rd_status rd_loop_reserve_queue(struct rd_loop *loop);
/* Puts a connection among those that are served in this turn. */
void rd_loop_queue(struct rd_loop *loop, struct rd_conn *conn);
void rd_loop_unqueue(struct rd_loop *loop, struct rd_conn *conn);

/* Into the list, and out of it; whoever is at it goes on with the next one. With the connections lock held. */
void rd_loop_link(struct rd_loop *loop, struct rd_conn *conn);
void rd_loop_unlink(struct rd_loop *loop, struct rd_conn *conn);

/* Any thread, for all that follows. */

/* The loop turns soon. */
void rd_loop_wake(struct rd_loop *loop);
/*
 * Calls `visit` for each connection of every loop that is not killed already and has not left, those in the inboxes
 * included. It may set conn->kill, and does nothing else to a connection. The connections lock is held, for a few of
 * them at a time.
 */
void rd_shared_visit(struct rd_shared *shared, void (*visit)(void *context, struct rd_conn *conn), void *context);

#endif
