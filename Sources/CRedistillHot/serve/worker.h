/*
 * This file owns a worker: one thread, one libevent base, its connections, its clock, and the buffers that its
 * connections share. Fields are the worker's alone unless marked.
 */
#ifndef RD_WORKER_H
#define RD_WORKER_H

#include <pthread.h>

#include "serve/batch.h"
#include "connection/clients.h"
#include "connection/conn.h"
#include "base/counters.h"
#include "base/error_codes.h"
#include "base/heap.h"
#include "base/lock.h"
#include "resp/reply.h"
#include "observe/stats.h"
#include "observe/told.h"

struct rd_server;

/* Connections whose reads share one batch. More would only delay the first one's reply. */
#define RD_GROUP_MAX 16
/* Bytes of replies after which a group is finished. */
#define RD_GROUP_REPLIES (8u << 10)
/* A read is only begun with this much room in the read buffer. */
#define RD_READ_MIN (16u << 10)

/* A connection in the group being served, and where its replies start in the reply buffer. */
struct rd_group_member {
    struct rd_conn *conn;
    bool replied; /* what follows is set */
    size_t sent;  /* in this turn */
    size_t reply_start;
    uint32_t blob_start;
};

/* A socket on its way from the listener to a worker; a connection to whoever asks already. */
struct rd_handover {
    int fd;
    bool tls, unix_socket, awaits_proxy;
    bool kill;          /* CLIENT KILL meant it */
    uint64_t id;
    int64_t created_ms; /* as rd_conn's */
};

/* Somebody who walks a worker's connections. Guarded by its connections lock. */
struct rd_visit {
    struct rd_conn *at; /* the next one; moved on when that is closed */
    struct rd_visit *next;
};

struct rd_worker {
    struct rd_server *server;      /* immutable */
    struct rd_store *store;        /* immutable */
    uint32_t number;               /* immutable */
    pthread_t thread;
    struct event_base *base;
    struct event *wake_event, *tick_event;
    int wake_fd;                   /* eventfd; any thread may write */

    int64_t now_ms;                /* Unix time */
    int64_t monotonic_ms;
    bool clock_is_fresh;           /* read in this loop turn */

    /* The group being served. */
    struct rd_conn **ready;        /* readable connections of this loop turn */
    uint32_t ready_count, ready_capacity;
    struct rd_group_member group[RD_GROUP_MAX];
    uint32_t group_count;
    uint32_t answering;            /* the member that replied last */
    char *read_buffer;             /* read_size bytes and padding */
    size_t read_size, read_used;
    struct rd_reply reply;
    struct rd_reply_owner reply_owner; /* bounds it for whom it answers */
    struct rd_batch batch;
    _Atomic(const struct rd_command *) last_command; /* of the last batch; for a crash report */
    bool stopping;
    bool monitored;                /* of the batch under way: somebody watches */
    uint8_t pause;                 /* enum rd_pause_mode, of this loop turn */
    uint64_t exec_errors;          /* of the commands in the EXEC under way: they are not errors of EXEC */
    _Atomic bool has_push;         /* messages wait for one of its trackers; any worker sets it */
    struct rd_telling telling;     /* what they are told */
    _Atomic bool has_feed;         /* lines wait for one of its watchers; any worker sets it */

    _Atomic int64_t tick_ms;       /* monotonic, of the last tick; tests read it */
    int64_t resumed_ms;            /* when the worker last stood still, its end; 0 = never */
    struct rd_conn *tick_at;       /* where the idle check goes on */
    uint64_t largest_input[2], largest_output[2]; /* of a connection, in the seconds under way and those before */
    int64_t largest_until;         /* monotonic ms */
    uint32_t ticks;
    uint32_t sweep_shard;          /* where the expiry sweep goes on */
    int64_t sweep_buckets;         /* still to be looked at in this tick */
    int64_t sweep_us;              /* that it may still take */
    uint32_t relief_shard;         /* where eviction between commands goes on */
    uint32_t tidy_shard;           /* where compaction goes on */
    bool relieving;                /* more relief is due in the next turn */
    int64_t drain_until;           /* monotonic ms; 0 = not draining */

    /* Guarded by inbox_lock. */
    struct rd_lock inbox_lock;
    struct rd_handover *inbox;     /* those before inbox_taken are connections now */
    uint32_t inbox_taken, inbox_count, inbox_capacity;
    bool inbox_drain, inbox_stop, inbox_look;

    /* connections_lock guards the list's links and the info of each connection against other threads' reading. */
    struct rd_lock connections_lock;
    struct rd_conn *connections;
    struct rd_visit *visits;

    _Atomic uint32_t connection_count; /* handed over and not closed; others add, with the inbox lock, and read */
    _Atomic uint32_t living_count; /* of these, those that nobody has killed */
    struct rd_counters counters;
    struct rd_client_share clients;
    struct rd_heap_thread heap;    /* what its thread has asked for and freed */
    struct rd_stats stats;
    struct rd_error_codes error_codes;
};

RD_MUST_USE enum rd_status rd_worker_init(struct rd_worker *worker, struct rd_server *server, uint32_t number);
RD_MUST_USE enum rd_status rd_worker_start(struct rd_worker *worker);
void rd_worker_destroy(struct rd_worker *worker); /* after its thread has ended */
/* Takes over RD_SET_BATCH_SIZE; on the worker's thread, or before it starts. */
void rd_worker_apply_batch_size(struct rd_worker *worker);

/* Any thread: hands a socket over (it is closed when memory is out), asks to drain, asks to stop at once. */
void rd_worker_hand_over(struct rd_worker *worker, struct rd_handover handover);
void rd_worker_drain(struct rd_worker *worker);
void rd_worker_stop(struct rd_worker *worker);
/* Any thread: a pause has ended. */
void rd_worker_look_after(struct rd_worker *worker);
/*
 * Any thread: calls `visit` for each connection that is not killed already and has not left, those in the inbox included. It may set
 * conn->kill, and does nothing else to a connection. The connections lock is held, for a few of them at a time.
 */
void rd_worker_visit(struct rd_worker *worker, void (*visit)(void *context, struct rd_conn *conn), void *context);
void rd_worker_wake(struct rd_worker *worker);
/* The same, once until it has looked, for what its trackers are to be told. */
void rd_worker_wake_for_push(struct rd_worker *worker);

/* Gives up buffers that some request made large, and counts those that there are. On its thread, outside any group. */
void rd_worker_rest(struct rd_worker *worker);

/* Room for all connections that are counted, so that queueing one never fails; for each new one. */
RD_MUST_USE enum rd_status rd_worker_reserve_queue(struct rd_worker *worker);

/* Puts a connection among those that are served in this loop turn. */
void rd_worker_queue(struct rd_worker *worker, struct rd_conn *conn);
void rd_worker_unqueue(struct rd_worker *worker, struct rd_conn *conn);

/* Adds a connection to the group being served; a full group, or one without room to read, is finished first. */
void rd_worker_join_group(struct rd_worker *worker, struct rd_conn *conn, size_t room);

/* The replies appended from now on are this connection's. It is in the group, behind whoever replied before. */
void rd_worker_reply_to(struct rd_worker *worker, struct rd_conn *conn);

/* Runs the batch and sends all replies; the group and what was read stay. */
void rd_worker_flush_replies(struct rd_worker *worker);

/* Flushes, closes the connections that are to be closed, and empties the group and the read buffer. */
void rd_worker_finish_group(struct rd_worker *worker);

/* The clocks, read at most once per loop turn. */
void rd_worker_read_clock(struct rd_worker *worker);

#endif
