/* This file owns the periodic work of a worker. */
#include "serve/worker_tick.h"

#include <poll.h>

#include "base/clock.h"
#include "store/compact.h"
#include "store/relief.h"
#include "store/sweep.h"
#include "server/server.h"
#include "serve/worker.h"

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
#define REST_TICKS (1000 / RD_TICK_MS)
/* Holes in slabs of blobs that are let be. */
#define BLOB_HOLES_MOST (4u << 20)

/* While nothing was served nobody's time ran: what clients did meanwhile waits in their sockets. */
static void note_standstill(struct rd_worker *worker) {
    int64_t now = worker->monotonic_ms, last = atomic_load_explicit(&worker->tick_ms, memory_order_relaxed);
    if (now - last > RD_STANDSTILL_MS) worker->resumed_ms = now;
    atomic_store_explicit(&worker->tick_ms, now, memory_order_relaxed);
}

/* For how long this has gone on, of the time that the peer could have ended it in. */
static int64_t time_since(const struct rd_worker *worker, int64_t began_ms) {
    return worker->monotonic_ms - (began_ms > worker->resumed_ms ? began_ms : worker->resumed_ms);
}

/* Has the peer done what is waited for, and it was only not looked at yet? */
static bool has_come(const struct rd_conn *conn) {
    short awaited = atomic_load_explicit(&conn->waits_for_write, memory_order_relaxed) ? POLLOUT : POLLIN;
    struct pollfd state = {.fd = conn->fd, .events = awaited};
    return conn->queued || (poll(&state, 1, 0) > 0 && (state.revents & awaited));
}

static void check_connection(struct rd_worker *worker, struct rd_conn *conn) {
    const struct rd_server *server = worker->server;
    int64_t silent = time_since(worker, atomic_load_explicit(&conn->active_ms, memory_order_relaxed));
    if (conn->closing) {
        if (silent > CLOSING_PATIENCE_MS) rd_conn_finish(conn, true);
        else if (conn->lingering) rd_worker_queue(worker, conn);
        return;
    }
    if (atomic_load_explicit(&conn->kill, memory_order_relaxed)) {
        rd_conn_finish(conn, false);
        return;
    }
    if (conn->paused) {
        bool is_over = conn->auth_hold ? !rd_conn_is_held_back(conn)
                                       : rd_pause_mode_at(&server->pause, worker->monotonic_ms) == RD_PAUSE_NONE;
        if (is_over) rd_worker_queue(worker, conn);
        if (!conn->auth_hold) return; /* a pause is not the client's silence */
    }
    int64_t idle = rd_setting(server, RD_SET_IDLE_TIMEOUT);
    if (idle && !conn->monitor && silent >= idle && !has_come(conn)) {
        rd_counter_add(&worker->counters.closed_idle, 1);
        rd_conn_finish(conn, false);
        return;
    }
    int64_t auth = rd_setting(server, RD_SET_AUTH_TIMEOUT);
    if (!rd_conn_is_stranger(conn)) {
        conn->stranger_since_ms = worker->monotonic_ms; /* when a password is set, the time to give it counts from then */
    } else if (auth && time_since(worker, conn->stranger_since_ms) >= auth) {
        rd_counter_add(&worker->counters.closed_auth, 1);
        rd_conn_finish(conn, true);
        return;
    }
    if (conn->awaits_proxy) {
        if (time_since(worker, conn->created_ms) >= rd_setting(server, RD_SET_TLS_HANDSHAKE_TIMEOUT)) {
            rd_conn_refuse_without_proxy_header(conn, "tls_handshake_timeout is over");
            rd_conn_finish(conn, true);
        }
    } else if (conn->tls_handshaking) {
        if (time_since(worker, conn->created_ms) >= rd_setting(server, RD_SET_TLS_HANDSHAKE_TIMEOUT)) {
            char peer[128];
            rd_conn_peer(conn, peer, sizeof peer);
            rd_counter_add(&worker->counters.tls_failures, 1);
            rd_server_tell(worker->server, RD_EVENT_TLS_FAILED, peer, "tls_handshake_timeout is over");
            rd_conn_finish(conn, true);
            return;
        }
    }
    uint64_t soft = (uint64_t)rd_setting(server, RD_SET_OUTPUT_SOFT_LIMIT);
    if (conn->output && soft && conn->output->waiting > soft) {
        if (!conn->output->soft_since) conn->output->soft_since = worker->monotonic_ms;
        if (time_since(worker, conn->output->soft_since) >= rd_setting(server, RD_SET_OUTPUT_SOFT_TIME)) {
            rd_counter_add(&worker->counters.closed_output, 1);
            rd_conn_finish(conn, true);
        }
    } else if (conn->output) {
        conn->output->soft_since = 0;
    }
}

static void keep_larger(uint64_t *largest, uint64_t bytes) {
    if (bytes > *largest) *largest = bytes;
}

static void note_buffers(struct rd_worker *worker, const struct rd_conn *conn) {
    keep_larger(&worker->largest_input[0], (uint64_t)conn->kept_bytes + conn->kept_room);
    keep_larger(&worker->largest_output[0], conn->waiting_bytes);
}

/* As Redis, whose maximum is of some eight seconds: of the period under way and the one before. */
static void show_buffers(struct rd_worker *worker) {
    uint64_t *in = worker->largest_input, *out = worker->largest_output;
    rd_counter_set(&worker->counters.largest_input, in[0] > in[1] ? in[0] : in[1]);
    rd_counter_set(&worker->counters.largest_output, out[0] > out[1] ? out[0] : out[1]);
    if (worker->monotonic_ms < worker->largest_until) return;
    worker->largest_until = worker->monotonic_ms + LARGEST_PERIOD_MS;
    in[1] = in[0];
    out[1] = out[0];
    in[0] = out[0] = 0;
}

static void check_connections(struct rd_worker *worker) {
    uint32_t count = atomic_load_explicit(&worker->connection_count, memory_order_relaxed);
    uint32_t visits = count * RD_TICK_MS / 1000 + LEAST_CONNECTIONS;
    /* Who was held back is served again as soon as the pause is over. */
    if (visits > count || rd_counter_get(&worker->counters.paused)) visits = count;
    while (visits-- > 0) {
        if (!worker->tick_at) worker->tick_at = worker->connections;
        struct rd_conn *conn = worker->tick_at;
        if (!conn) return;
        worker->tick_at = conn->next;
        note_buffers(worker, conn);
        check_connection(worker, conn);
    }
}

/* Buckets of this worker's shards that have keys with an expiry. */
static uint64_t buckets_to_sweep(const struct rd_worker *worker) {
    const struct rd_store *store = worker->store;
    uint64_t buckets = 0;
    for (uint32_t i = worker->number; i < store->shard_count; i += worker->server->worker_count) {
        if (!rd_counter_get(&store->shards[i].expiring)) continue;
        buckets += atomic_load_explicit(&store->shards[i].table.buckets, memory_order_relaxed);
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
    worker->sweep_us = rd_setting(worker->server, RD_SET_EXPIRE_EFFORT) * SWEEP_EFFORT_US / worker->server->worker_count;
}

/* Sweeps a few buckets of the shard whose turn it is. */
static void sweep_some(struct rd_worker *worker) {
    struct rd_store *store = worker->store;
    if (worker->sweep_shard >= store->shard_count) worker->sweep_shard = worker->number;
    struct rd_shard *shard = &store->shards[worker->sweep_shard];
    struct rd_swept swept = {.buckets = 1, .wrapped = true}; /* a shard without an expiry counts as a bucket */
    if (rd_counter_get(&shard->expiring)) {
        rd_shard_lock(shard);
        swept = rd_shard_sweep(shard, SWEEP_STEP, worker->now_ms);
        rd_shard_unlock(shard);
    }
    /* Where much is dead, go on within the time: more is likely. */
    if (swept.removed <= swept.buckets) worker->sweep_buckets -= swept.buckets;
    if (swept.wrapped) worker->sweep_shard += worker->server->worker_count;
}

/* Slices end by the clock, for connections wait; the tick's time is what the thread has run, for others run too. */
void rd_worker_sweep(struct rd_worker *worker) {
    int64_t end = rd_microseconds() + SWEEP_SLICE_US, start = rd_thread_microseconds();
    do sweep_some(worker);
    while (worker->sweep_buckets > 0 && rd_microseconds() < end);
    int64_t took = rd_thread_microseconds() - start;
    rd_counter_add(&worker->counters.sweep_us, (uint64_t)took);
    worker->sweep_us -= took;
    if (worker->sweep_us > 0) return;
    if (worker->sweep_buckets > 0) rd_counter_add(&worker->counters.sweeps_cut, 1);
    worker->sweep_buckets = 0;
}

/* Empties sparse slabs of this worker's shards, so that what expiry and deletes freed can serve others. */
static void tidy(struct rd_worker *worker) {
    struct rd_store *store = worker->store;
    uint32_t workers = worker->server->worker_count;
    int64_t end = rd_microseconds() + (worker->sweep_us > 0 ? TIDY_US : TIDY_BESIDE_SWEEP_US) / workers;
    for (uint32_t i = worker->number; i < store->shard_count; i += workers) {
        if (worker->tidy_shard >= store->shard_count) worker->tidy_shard = worker->number;
        struct rd_shard *shard = &store->shards[worker->tidy_shard];
        bool more = true;
        while (more && rd_microseconds() < end) {
            rd_shard_lock(shard);
            more = rd_shard_tidy(shard);
            rd_shard_unlock(shard);
        }
        if (more) return;
        worker->tidy_shard += workers;
    }
    while (worker->number == 0 && rd_microseconds() < end && rd_blobs_holes(&store->blobs) > BLOB_HOLES_MOST &&
           rd_store_compact_blobs(store)) {
    }
}

void rd_worker_tick(struct rd_worker *worker) {
    if (worker->number == 0) rd_server_measure(worker->server);
    rd_worker_apply_batch_size(worker);
    rd_clients_publish(worker);
    rd_tracking_fit(worker);
    if (++worker->ticks % REST_TICKS == 0) rd_worker_rest(worker);
    note_standstill(worker);
    check_connections(worker);
    show_buffers(worker);
    tidy(worker);
    if (!atomic_load_explicit(&worker->server->sweeps_not, memory_order_relaxed)) begin_sweep(worker);
    if (worker->number == 0) rd_server_tell_rest(worker->server);
}
