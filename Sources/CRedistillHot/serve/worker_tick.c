/* This file owns the periodic work of a worker. */
#include "serve/worker_tick.h"

#include <poll.h>

#include "base/clock.h"
#include "execute/long_call.h"
#include "serve/conn_proxy.h"
#include "serve/group.h"
#include "serve/measure.h"
#include "serve/worker.h"
#include "store/compact.h"
#include "store/relief.h"
#include "store/sweep.h"

/* A closing connection whose peer takes nothing is given up after this. */
#define CLOSING_PATIENCE_MS 30000
/* Connections looked at in one tick: all of them within a second, unless they are very many. */
#define LEAST_CONNECTIONS 64
/* Buckets swept under one hold of a shard's lock. */
#define SWEEP_STEP 16
/* The sweep looks at the whole store in this time, the memory of dead keys is back then. */
#define SWEEP_PERIOD_MS 30000
/* In each tick at least, so that a small store's dead are gone within seconds. */
#define SWEEP_LEAST 512
/* Of a tick, by all workers, for each step of expire_effort: 3.6 % of a core, ten million dead keys in under a minute. */
#define SWEEP_EFFORT_US 3600
/* Sweeping between two turns of the loop; connections wait for it. */
#define SWEEP_SLICE_US 300
/* Compaction in one tick by all workers; less of it beside a sweep that takes all of its own time. */
#define TIDY_US 800
#define TIDY_BESIDE_SWEEP_US 200
/* Half of the time for which the largest buffers of a connection are remembered. */
#define LARGEST_PERIOD_MS 4000
/* Once a second. */
#define REST_MS 1000
#define REST_TICKS (REST_MS / RD_TICK_MS)
/* Holes in slabs of blobs that are let be. */
#define BLOB_HOLES_MOST (4u << 20)

/* While nothing was served nobody's time ran: what clients did meanwhile waits in their sockets. */
static void note_standstill(struct rd_worker *worker) {
    int64_t now = worker->loop.monotonic_ms, last = atomic_load_explicit(&worker->tick_ms, memory_order_relaxed);
    if (now - last > RD_STANDSTILL_MS) worker->resumed_ms = now;
    atomic_store_explicit(&worker->tick_ms, now, memory_order_relaxed);
}

/* For how long this has gone on, of the time that the peer could have ended it in. */
static int64_t time_since(const struct rd_worker *worker, int64_t began_ms) {
    return worker->loop.monotonic_ms - (began_ms > worker->resumed_ms ? began_ms : worker->resumed_ms);
}

/* Has the peer done what is waited for, and it was only not looked at yet? */
static bool has_come(const struct rd_conn *conn) {
    short awaited = atomic_load_explicit(&conn->waits_for_write, memory_order_relaxed) ? POLLOUT : POLLIN;
    struct pollfd state = {.fd = conn->fd, .events = awaited};
    return conn->queued || (poll(&state, 1, 0) > 0 && (state.revents & awaited));
}

#define NEVER INT64_MAX

static int64_t idle_since(const struct rd_worker *worker, struct rd_conn *conn) {
    (void)worker;
    return conn->monitor ? NEVER : atomic_load_explicit(&conn->active_ms, memory_order_relaxed);
}

/* When a password is set, the time to give it counts from then: its account begins with it. */
static int64_t stranger_since(const struct rd_worker *worker, struct rd_conn *conn) {
    (void)worker;
    if (!rd_conn_is_stranger(conn)) return NEVER;
    if (!conn->held || !conn->held->stranger) rd_clients_note(conn);
    return conn->held ? conn->held->stranger_since_ms : NEVER;
}

static int64_t awaits_proxy_since(const struct rd_worker *worker, struct rd_conn *conn) {
    (void)worker;
    return conn->awaits_proxy ? conn->created_ms : NEVER;
}

static int64_t handshaking_since(const struct rd_worker *worker, struct rd_conn *conn) {
    (void)worker;
    return conn->tls_handshaking && !conn->awaits_proxy ? conn->created_ms : NEVER;
}

static int64_t above_soft_limit_since(const struct rd_worker *worker, struct rd_conn *conn) {
    uint64_t soft = (uint64_t)rd_setting(worker->loop.settings, RD_SET_OUTPUT_SOFT_LIMIT);
    if (!conn->output) return NEVER;
    if (!soft || conn->output->waiting <= soft) conn->output->soft_since = 0;
    else if (!conn->output->soft_since) conn->output->soft_since = worker->loop.monotonic_ms;
    return conn->output->soft_since ? conn->output->soft_since : NEVER;
}

static void count_idle(struct rd_conn *conn) {
    rd_counter_add(&conn->loop->counters.closed_idle, 1);
}

static void count_stranger(struct rd_conn *conn) {
    rd_counter_add(&conn->loop->counters.closed_auth, 1);
}

static void count_output(struct rd_conn *conn) {
    rd_counter_add(&conn->loop->counters.closed_output, 1);
}

static void tell_proxy(struct rd_conn *conn) {
    rd_conn_refuse_without_proxy_header(conn, "tls_handshake_timeout is over");
}

static void tell_handshake(struct rd_conn *conn) {
    rd_conn_tell(conn, RD_EVENT_TLS_FAILED, &conn->loop->counters.tls_failures, "tls_handshake_timeout is over");
}

/* A time that a connection may take for something. When it is over, the connection is closed. */
struct limit {
    enum rd_setting setting; /* the time in ms */
    bool zero_is_none;
    bool sends_rest;         /* replies that wait are sent still */
    /* Monotonic ms, or NEVER when it does nothing of the sort. */
    int64_t (*since)(const struct rd_worker *worker, struct rd_conn *conn);
    bool (*is_excused)(const struct rd_conn *conn); /* asks the kernel, so it is asked last; NULL: nobody is */
    void (*tell)(struct rd_conn *conn);             /* counts it, or tells the control plane too */
};

static const struct limit limits[] = {
    {RD_SET_IDLE_TIMEOUT, true, true, idle_since, has_come, count_idle},
    {RD_SET_AUTH_TIMEOUT, true, false, stranger_since, NULL, count_stranger},
    {RD_SET_TLS_HANDSHAKE_TIMEOUT, false, false, awaits_proxy_since, NULL, tell_proxy},
    {RD_SET_TLS_HANDSHAKE_TIMEOUT, false, false, handshaking_since, NULL, tell_handshake},
    {RD_SET_OUTPUT_SOFT_TIME, false, false, above_soft_limit_since, NULL, count_output},
};

static bool is_passed(const struct rd_worker *worker, struct rd_conn *conn, const struct limit *limit) {
    int64_t most = rd_setting(worker->loop.settings, limit->setting), since = limit->since(worker, conn);
    if (since == NEVER || (most == 0 && limit->zero_is_none) || time_since(worker, since) < most) return false;
    return !limit->is_excused || !limit->is_excused(conn);
}

static void check_connection(struct rd_worker *worker, struct rd_conn *conn) {
    if (conn->closing) {
        int64_t silent = time_since(worker, atomic_load_explicit(&conn->active_ms, memory_order_relaxed));
        if (silent > CLOSING_PATIENCE_MS) rd_conn_finish(conn, true);
        else if (conn->lingering || !conn->left) rd_loop_queue(&worker->loop, conn);
        return;
    }
    if (atomic_load_explicit(&conn->kill, memory_order_relaxed)) {
        rd_conn_finish(conn, false);
        return;
    }
    if (conn->awaits_call) return;
    if (conn->paused) {
        const struct rd_pause *pause = &worker->loop.shared->pause;
        bool is_over = conn->auth_hold || rd_conn_awaits_save(conn)
                           ? !rd_conn_is_held_back(conn)
                           : rd_pause_mode_at(pause, worker->loop.monotonic_ms) == RD_PAUSE_NONE;
        if (is_over) rd_loop_queue(&worker->loop, conn);
        if (!conn->auth_hold) return; /* a pause is not the client's silence */
    }
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (!is_passed(worker, conn, &limits[i])) continue;
        limits[i].tell(conn);
        rd_conn_finish(conn, !limits[i].sends_rest);
        return;
    }
}

static void keep_larger(uint64_t *largest, uint64_t bytes) {
    if (bytes > *largest) *largest = bytes;
}

static void note_buffers(struct rd_worker *worker, const struct rd_conn *conn) {
    const struct rd_held *held = conn->held;
    if (!held) return;
    keep_larger(&worker->largest_input[0], (uint64_t)held->kept_bytes + held->kept_room);
    keep_larger(&worker->largest_output[0], held->waiting_bytes);
}

/* As Redis, whose maximum is of some eight seconds: of the period under way and the one before. */
static void show_buffers(struct rd_worker *worker) {
    uint64_t *in = worker->largest_input, *out = worker->largest_output;
    rd_counter_set(&worker->loop.counters.largest_input, in[0] > in[1] ? in[0] : in[1]);
    rd_counter_set(&worker->loop.counters.largest_output, out[0] > out[1] ? out[0] : out[1]);
    if (worker->loop.monotonic_ms < worker->largest_until) return;
    worker->largest_until = worker->loop.monotonic_ms + LARGEST_PERIOD_MS;
    in[1] = in[0];
    out[1] = out[0];
    in[0] = out[0] = 0;
}

static void check_connections(struct rd_worker *worker) {
    uint32_t count = atomic_load_explicit(&worker->loop.connection_count, memory_order_relaxed);
    uint32_t visits = count * RD_TICK_MS / 1000 + LEAST_CONNECTIONS;
    /* Who was held back is served again as soon as the pause is over. */
    if (visits > count || rd_counter_get(&worker->loop.counters.paused)) visits = count;
    while (visits-- > 0) {
        if (!worker->tick.at) worker->tick.at = worker->loop.connections;
        struct rd_conn *conn = worker->tick.at;
        if (!conn) return;
        worker->tick.at = conn->next;
        note_buffers(worker, conn);
        rd_clients_rest(conn);
        check_connection(worker, conn);
    }
}

/* Buckets of this worker's shards that have keys, or fields, with an expiry. */
static uint64_t buckets_to_sweep(const struct rd_worker *worker) {
    const struct rd_store *store = worker->loop.store;
    uint64_t buckets = 0;
    for (uint32_t i = worker->loop.number; i < store->shard_count; i += worker->loop.shared->loop_count) {
        if (!rd_shard_expires(&store->shards[i])) continue;
        buckets += rd_shard_buckets(&store->shards[i]);
    }
    return buckets;
}

/*
 * Each worker sweeps the shards whose number leaves its own as a rest. The share of a tick is what covers them all in
 * the period, but never more than the effort allows, so that a store of dead keys costs a bounded part of a core.
 */
static void begin_sweep(struct rd_worker *worker) {
    uint64_t buckets = buckets_to_sweep(worker);
    worker->sweep_buckets = buckets ? (int64_t)(buckets * RD_TICK_MS / SWEEP_PERIOD_MS + SWEEP_LEAST) : 0;
    worker->sweep_us = rd_setting(worker->loop.settings, RD_SET_EXPIRE_EFFORT) * SWEEP_EFFORT_US / worker->loop.shared->loop_count;
}

/* Sweeps a few buckets of the shard whose turn it is. */
static void sweep_some(struct rd_worker *worker) {
    struct rd_store *store = worker->loop.store;
    if (worker->sweep_shard >= store->shard_count) worker->sweep_shard = worker->loop.number;
    struct rd_shard *shard = &store->shards[worker->sweep_shard];
    struct rd_swept swept = {.buckets = 1, .wrapped = true}; /* a shard without an expiry counts as a bucket */
    if (rd_shard_expires(shard) && rd_shard_try_lock(shard)) {
        swept = rd_shard_sweep(shard, SWEEP_STEP, worker->loop.now_ms);
        rd_shard_unlock(shard);
    }
    /* Where much is dead, go on within the time: more is likely. */
    if (swept.removed <= swept.buckets) worker->sweep_buckets -= swept.buckets;
    if (swept.wrapped) worker->sweep_shard += worker->loop.shared->loop_count;
}

/* Slices end by the clock, for connections wait; the tick's time is what the thread has run, for others run too. */
void rd_worker_sweep(struct rd_worker *worker) {
    int64_t end = rd_microseconds() + SWEEP_SLICE_US, start = rd_thread_microseconds();
    do sweep_some(worker);
    while (worker->sweep_buckets > 0 && rd_microseconds() < end);
    int64_t took = rd_thread_microseconds() - start;
    rd_counter_add(&worker->loop.counters.sweep_us, (uint64_t)took);
    worker->sweep_us -= took;
    if (worker->sweep_us > 0) return;
    if (worker->sweep_buckets > 0) rd_counter_add(&worker->loop.counters.sweeps_cut, 1);
    worker->sweep_buckets = 0;
}

/* Empties sparse slabs of this worker's shards, so that what expiry and deletes freed can serve others. */
static void tidy(struct rd_worker *worker) {
    struct rd_store *store = worker->loop.store;
    uint32_t workers = worker->loop.shared->loop_count;
    int64_t end = rd_microseconds() + (worker->sweep_us > 0 ? TIDY_US : TIDY_BESIDE_SWEEP_US) / workers;
    for (uint32_t i = worker->loop.number; i < store->shard_count; i += workers) {
        if (worker->tidy_shard >= store->shard_count) worker->tidy_shard = worker->loop.number;
        struct rd_shard *shard = &store->shards[worker->tidy_shard];
        bool more = true;
        while (more && rd_microseconds() < end) {
            if (!rd_shard_try_lock(shard)) break; /* another time */
            more = rd_shard_tidy(shard);
            rd_shard_unlock(shard);
        }
        if (more) return;
        worker->tidy_shard += workers;
    }
    while (worker->loop.number == 0 && rd_microseconds() < end && rd_blobs_holes(&store->blobs) > BLOB_HOLES_MOST &&
           rd_store_compact_blobs(store)) {
    }
}

/*
 * Has nobody come, gone or asked for anything in the last second? What is resident changes little then, and asking the
 * allocator and the kernel would be most of what an idle daemon does.
 */
static bool has_rested(struct rd_worker *worker) {
    uint64_t reads = 0, connections = 0;
    for (const struct rd_loop *loop = worker->loop.shared->loops; loop; loop = loop->next) {
        reads += rd_counter_get(&loop->counters.reads);
        connections += atomic_load_explicit(&loop->connection_count, memory_order_relaxed);
    }
    if (reads != worker->seen_reads || connections != worker->seen_connections) worker->active_ms = worker->loop.monotonic_ms;
    worker->seen_reads = reads;
    worker->seen_connections = connections;
    return worker->loop.monotonic_ms - worker->active_ms > REST_MS;
}

/* While there is rest, once a second is enough. */
static void measure(struct rd_worker *worker) {
    if (has_rested(worker) && worker->ticks % REST_TICKS != 0) return;
    rd_measure_take(worker->setup->measure);
}

void rd_worker_tick(struct rd_worker *worker) {
    if (worker->loop.number == 0) {
        measure(worker);
        rd_clusters_end_asked(&worker->loop);
    }
    rd_batch_apply_size(worker);
    rd_clients_publish(&worker->loop);
    rd_tracking_fit(&worker->observer);
    if (++worker->ticks % REST_TICKS == 0) {
        rd_group_rest(worker);
        rd_long_call_rest(&worker->loop);
        rd_shape_scratch_rest(&worker->loop.shape_scratch);
    }
    note_standstill(worker);
    check_connections(worker);
    show_buffers(worker);
    tidy(worker);
    if (!atomic_load_explicit(&worker->loop.shared->sweeps_not, memory_order_relaxed)) begin_sweep(worker);
    if (worker->loop.number == 0) rd_events_tell_rest(&worker->loop.shared->events);
}
