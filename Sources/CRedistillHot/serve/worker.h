/*
 * This file owns a worker: one thread, one libevent base, its connections, and the buffers that its connections share.
 * Fields are the worker's alone unless marked.
 */
#ifndef RD_WORKER_H
#define RD_WORKER_H

#include <pthread.h>
#include <stddef.h>

#include "base/error_codes.h"
#include "connection/conn.h"
#include "connection/loop.h"
#include "observe/observer.h"
#include "resp/reply.h"
#include "serve/batch.h"
#include "serve/group.h"

struct rd_crash;
struct rd_measure;
struct rd_tls_context;

/* What all workers are lent by their creator, for as long as they are there. */
struct rd_worker_setup {
    struct rd_shared *shared;
    struct rd_store *store;
    struct rd_observers *observers;
    const struct rd_control *control;
    const struct rd_command_index *commands;
    struct rd_tls_context *tls;
    struct rd_measure *measure;    /* the first worker takes it */
    struct rd_crash *crash;        /* NULL: crashes are not reported */
    uint32_t read_buffer_size;
    bool pins;                     /* each thread to a processor */
};

struct rd_worker {
    struct rd_loop loop;           /* what its connections know of it; at the start, see rd_worker_of */
    const struct rd_worker_setup *setup; /* immutable; borrowed, as what follows */
    const struct rd_command_index *commands; /* the setup's: each command is looked for there */
    struct rd_observer observer;
    pthread_t thread;
    struct event *wake_event, *tick_event;
    bool stopping;

    /* The group being served. */
    struct rd_group_member group[RD_GROUP_MAX];
    uint32_t group_count;
    uint32_t answering;            /* the member that replied last */
    char *read_buffer;             /* read_size bytes and padding */
    size_t read_size, read_used;
    struct rd_reply reply;
    struct rd_reply_owner reply_owner; /* bounds it for whom it answers */
    struct rd_batch batch;
    _Atomic(const struct rd_command *) last_command; /* of the last batch; for a crash report */

    _Atomic int64_t tick_ms;       /* monotonic, of the last tick; tests read it */
    int64_t resumed_ms;            /* when the worker last stood still, its end; 0 = never */
    struct rd_visit tick;          /* where the idle check goes on */
    uint64_t largest_input[2], largest_output[2]; /* of a connection, in the seconds under way and those before */
    int64_t largest_until;         /* monotonic ms */
    uint64_t seen_reads, seen_connections; /* of all workers, at the last tick of the first */
    int64_t active_ms;             /* monotonic: when these last were others */
    uint32_t ticks;
    uint32_t sweep_shard;          /* where the expiry sweep goes on */
    int64_t sweep_buckets;         /* still to be looked at in this tick */
    int64_t sweep_us;              /* that it may still take */
    uint32_t relief_shard;         /* where eviction between commands goes on */
    uint32_t tidy_shard;           /* where compaction goes on */
    bool relieving;                /* more relief is due in the next turn */

    struct rd_error_codes error_codes;
};

_Static_assert(offsetof(struct rd_worker, loop) == 0, "a connection's loop is its worker's start");

/* The worker that serves the connection. */
static inline struct rd_worker *rd_worker_of(const struct rd_conn *conn) {
    return (struct rd_worker *)conn->loop;
}

RD_MUST_USE enum rd_status rd_worker_init(struct rd_worker *worker, const struct rd_worker_setup *setup, uint32_t number);
RD_MUST_USE enum rd_status rd_worker_start(struct rd_worker *worker);
void rd_worker_destroy(struct rd_worker *worker); /* after its thread has ended */

#endif
