/* This file owns a worker's thread and what it does in a turn. Periodic work is worker_tick.c. */
#include "serve/worker.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/thread.h"
#include "call/control.h"
#include "call/index.h"
#include "connection/tls_context.h"
#include "execute/long_call.h"
#include "serve/conn_life.h"
#include "serve/read.h"
#include "serve/group.h"
#include "serve/worker_tick.h"
#include "store/relief.h"

/* Command names are compared a word at a time, which may look this far behind the last byte read. */
#define READ_PADDING 16
/* Work on memory between two turns of the loop; connections wait for it. */
#define RELIEF_SLICE_US 500

/* Serves the connections that were readable in this turn; those queued meanwhile have their turn in the next. */
static void serve_ready(struct rd_worker *worker) {
    struct rd_loop *loop = &worker->loop;
    uint32_t count = loop->ready_count;
    enum rd_pause_mode pause = rd_pause_mode_at(&loop->shared->pause, loop->monotonic_ms);
    loop->pause = loop->drain_until ? RD_PAUSE_NONE : (uint8_t)pause;
    for (uint32_t i = 0; i < count; i++) {
        struct rd_conn *conn = loop->ready[i];
        if (!conn) continue;
        loop->ready[i] = NULL;
        conn->queued = false;
        if (atomic_load_explicit(&conn->kill, memory_order_relaxed)) conn->closing = true;
        rd_conn_read(conn);
    }
    rd_group_finish(worker);
    uint32_t kept = 0; /* without those that were closed since, for which no room was reserved */
    for (uint32_t i = count; i < loop->ready_count; i++) {
        if (loop->ready[i]) loop->ready[kept++] = loop->ready[i];
    }
    loop->ready_count = kept;
}

static void look_after(struct rd_loop *loop) {
    for (struct rd_conn *conn = loop->connections; conn; conn = conn->next) {
        if (atomic_load_explicit(&conn->kill, memory_order_relaxed)) rd_conn_finish(conn, true);
        else if (conn->paused) rd_loop_queue(loop, conn);
    }
}

static void take_handover(struct rd_worker *worker, const struct rd_handover *handover) {
    struct rd_loop *loop = &worker->loop;
    void *ssl_ctx = handover->tls ? rd_tls_context_take(worker->setup->tls) : NULL;
    struct rd_conn *conn = rd_conn_open(loop, handover, ssl_ctx);
    rd_tls_context_release(ssl_ctx);
    bool kill = rd_inbox_settle(loop, conn);
    if (!conn) {
        close(handover->fd);
        rd_kept_address_drop(handover->peer);
        if (handover->tls) atomic_fetch_sub(&loop->shared->handshakes, 1);
        return;
    }
    if (__builtin_expect(rd_setting(loop->settings, RD_SET_TELL_CONNECTIONS) != 0, 0)) {
        rd_conn_tell(conn, RD_EVENT_CONNECTION_OPENED, NULL, NULL);
    }
    if (kill) rd_conn_finish(conn, true);
    else if (loop->drain_until) rd_loop_queue(loop, conn);
}

static void read_inbox(struct rd_worker *worker) {
    struct rd_loop *loop = &worker->loop;
    struct rd_handover handover;
    while (rd_inbox_peek(loop, &handover)) take_handover(worker, &handover);
    uint8_t wishes = rd_inbox_wishes(loop);
    if ((wishes & RD_DRAIN) && !loop->drain_until) {
        loop->drain_until = INT64_MAX;
        for (struct rd_conn *conn = loop->connections; conn; conn = conn->next) rd_loop_queue(loop, conn);
    }
    if (wishes & RD_TAKE_MAP) rd_clusters_take(loop);
    if (wishes & RD_LOOK_AFTER) look_after(loop);
    if (wishes & RD_STOP) worker->stopping = true;
}

static void on_wake(evutil_socket_t fd, short what, void *argument) {
    (void)what;
    struct rd_worker *worker = argument;
    uint64_t ignored;
    while (read(fd, &ignored, sizeof ignored) < 0 && errno == EINTR) {
    }
    rd_loop_read_clock(&worker->loop);
    read_inbox(worker);
    rd_monitor_deliver(&worker->observer);
    rd_tracking_deliver(&worker->observer);
}

static void on_tick(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    (void)what;
    struct rd_worker *worker = argument;
    rd_loop_read_clock(&worker->loop);
    rd_worker_tick(worker);
}

static void pin(const struct rd_worker *worker) {
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        rd_events_tell(&worker->loop.shared->events, RD_EVENT_PIN_FAILED, NULL, strerror(errno));
        return;
    }
    int wanted = (int)(worker->loop.number % (uint32_t)CPU_COUNT(&allowed));
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || wanted-- > 0) continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        int error = pthread_setaffinity_np(pthread_self(), sizeof one, &one);
        if (error) rd_events_tell(&worker->loop.shared->events, RD_EVENT_PIN_FAILED, NULL, strerror(error));
        return;
    }
}

static void *run(void *argument) {
    struct rd_worker *worker = argument;
    void *crash_stack = rd_crash_enter(worker->setup->crash);
    if (worker->setup->pins) pin(worker);
    worker->loop.heap = rd_heap_of_thread();
    while (!worker->stopping) {
        worker->loop.clock_is_fresh = false;
        rd_counter_add(&worker->loop.counters.turns, 1);
        bool has_work = worker->loop.ready_count || worker->relieving || worker->sweep_buckets > 0 ||
                        worker->observer.telling.busy || rd_long_call_is_parked(&worker->loop);
        int flags = EVLOOP_ONCE | (has_work ? EVLOOP_NONBLOCK : 0);
        if (event_base_loop(worker->loop.base, flags) < 0) {
            rd_events_tell(&worker->loop.shared->events, RD_EVENT_WORKER_FAILED, NULL, "the event loop failed");
            break;
        }
        if (worker->loop.ready_count) {
            rd_loop_read_clock(&worker->loop);
            serve_ready(worker);
        }
        if (__builtin_expect(worker->loop.clients.due, 0)) rd_clients_relieve(&worker->loop);
        if (__builtin_expect(worker->observer.telling.busy, 0)) rd_tracking_deliver(&worker->observer);
        worker->relieving = false;
        if (__builtin_expect(rd_store_is_busy(worker->loop.store), 0)) { /* nothing changes keys meanwhile */
            worker->sweep_buckets = 0;
            if (rd_long_call_is_parked(&worker->loop)) rd_long_call_go_on(&worker->loop);
            continue;
        }
        if (__builtin_expect(worker->sweep_buckets > 0, 0)) rd_worker_sweep(worker);
        if (__builtin_expect(atomic_load_explicit(&worker->loop.store->relief, memory_order_relaxed), 0)) {
            worker->relieving = rd_store_relieve(worker->loop.store, &worker->relief_shard, RELIEF_SLICE_US);
        }
    }
    rd_long_call_end(&worker->loop);
    while (worker->loop.connections) rd_conn_close(worker->loop.connections);
    rd_crash_leave(crash_stack);
    return NULL;
}

static enum rd_status init_observer(struct rd_worker *worker) {
    const struct rd_command_index *commands = worker->commands;
    struct rd_observer *observer = &worker->observer;
    observer->all = worker->setup->observers;
    observer->loop = &worker->loop;
    if (rd_stats_init(&observer->stats, commands->numbered) != RD_OK) return RD_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < commands->numbered; i++) {
        rd_stats_describe(&observer->stats, i, commands->rows[i]);
    }
    return RD_OK;
}

static void init_loop(struct rd_worker *worker, uint32_t number) {
    const struct rd_worker_setup *setup = worker->setup;
    struct rd_loop *loop = &worker->loop;
    loop->shared = setup->shared;
    loop->settings = &setup->shared->settings;
    loop->store = setup->store;
    loop->observer = &worker->observer;
    loop->control = setup->control;
    loop->number = number;
    loop->visits = &worker->tick;
}

enum rd_status rd_worker_init(struct rd_worker *worker, const struct rd_worker_setup *setup, uint32_t number) {
    memset(worker, 0, sizeof *worker);
    worker->setup = setup;
    worker->commands = setup->commands;
    worker->sweep_shard = number;
    worker->read_size = setup->read_buffer_size;
    atomic_init(&worker->tick_ms, rd_monotonic_ms());
    init_loop(worker, number);
    rd_group_init(worker);
    rd_batch_apply_size(worker);
    if (init_observer(worker) != RD_OK) return RD_ERR_NO_MEMORY;
    worker->loop.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (worker->loop.wake_fd < 0) return RD_ERR_SYSTEM;
    struct event_config *config = event_config_new();
    if (!config) return RD_ERR_NO_MEMORY;
    /* One thread, one base: no locks. The clock is ours, so libevent needs none per callback. */
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    worker->loop.base = event_base_new_with_config(config);
    event_config_free(config);
    worker->read_buffer = malloc(worker->read_size + READ_PADDING);
    if (!worker->loop.base || !worker->read_buffer) return RD_ERR_NO_MEMORY;
    worker->wake_event = event_new(worker->loop.base, worker->loop.wake_fd, EV_READ | EV_PERSIST, on_wake, worker);
    worker->tick_event = event_new(worker->loop.base, -1, EV_PERSIST, on_tick, worker);
    struct timeval period = {.tv_usec = RD_TICK_MS * 1000};
    if (!worker->wake_event || !worker->tick_event || event_add(worker->wake_event, NULL) != 0 ||
        event_add(worker->tick_event, &period) != 0) {
        return RD_ERR_NO_MEMORY;
    }
    rd_counter_set(&worker->loop.counters.buffer_bytes, worker->read_size + sizeof *worker);
    return RD_OK;
}

enum rd_status rd_worker_start(struct rd_worker *worker) {
    char name[16];
    snprintf(name, sizeof name, "worker-%u", (unsigned)(uint16_t)worker->loop.number);
    return rd_thread_start(&worker->thread, name, run, worker);
}

void rd_worker_destroy(struct rd_worker *worker) {
    rd_told_destroy(&worker->observer);
    rd_long_call_free(worker->loop.long_call);
    rd_shape_scratch_free(&worker->loop.shape_scratch);
    rd_cluster_release(worker->loop.cluster);
    if (worker->wake_event) event_free(worker->wake_event);
    if (worker->tick_event) event_free(worker->tick_event);
    if (worker->loop.base) event_base_free(worker->loop.base);
    rd_inbox_destroy(&worker->loop.inbox);
    free(worker->loop.ready);
    free(worker->read_buffer);
    rd_args_free(&worker->batch.args);
    rd_reply_free(&worker->reply);
    rd_stats_free(&worker->observer.stats);
    rd_hot_sampler_free(&worker->observer.hot);
    if (worker->loop.wake_fd > 0) close(worker->loop.wake_fd);
    memset(worker, 0, sizeof *worker);
}
