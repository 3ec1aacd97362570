/* This file owns a worker's thread: its loop, its group of connections, its inbox. Periodic work is worker_tick.c. */
#include "serve/worker.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/relief.h"
#include "server/server.h"
#include "base/thread.h"
#include "serve/worker_tick.h"

/* Buffers that one unusual request made large go back to this size. */
#define KEEP_REPLY_BYTES (1u << 20)
#define KEEP_ARGS 65536u
/* Those of usual requests, which stay even at rest. */
#define REST_REPLY_BYTES (64u << 10)
#define REST_ARGS 4096u
#define KEEP_REFERENCES 1024u
/* Command names are compared a word at a time, which may look this far behind the last byte read. */
#define READ_PADDING 16
/* Connections shown to a visitor under one hold of the lock: each costs some microseconds when it is described. */
#define VISIT_STEP 32
/* Work on memory between two turns of the loop; connections wait for it. */
#define RELIEF_SLICE_US 500

void rd_worker_read_clock(struct rd_worker *worker) {
    if (worker->clock_is_fresh) return;
    worker->now_ms = rd_unix_ms();
    worker->monotonic_ms = rd_monotonic_ms();
    worker->clock_is_fresh = true;
}

enum rd_status rd_worker_reserve_queue(struct rd_worker *worker) {
    /* In one turn each may be served, and then be queued for the next. */
    uint32_t wanted = 2 * atomic_load_explicit(&worker->connection_count, memory_order_relaxed);
    if (wanted <= worker->ready_capacity) return RD_OK;
    uint32_t capacity = worker->ready_capacity ? worker->ready_capacity : 64;
    while (capacity < wanted) capacity *= 2;
    struct rd_conn **ready = realloc(worker->ready, capacity * sizeof *ready);
    if (!ready) return RD_ERR_NO_MEMORY;
    worker->ready = ready;
    worker->ready_capacity = capacity;
    return RD_OK;
}

void rd_worker_queue(struct rd_worker *worker, struct rd_conn *conn) {
    if (conn->queued) return;
    worker->ready[worker->ready_count++] = conn;
    conn->queued = true;
}

void rd_worker_unqueue(struct rd_worker *worker, struct rd_conn *conn) {
    for (uint32_t i = 0; i < worker->ready_count; i++) {
        if (worker->ready[i] == conn) worker->ready[i] = NULL;
    }
    conn->queued = false;
}

void rd_worker_join_group(struct rd_worker *worker, struct rd_conn *conn, size_t kept) {
    size_t read_min = worker->read_size / 2 < RD_READ_MIN ? worker->read_size / 2 : RD_READ_MIN;
    bool is_full = worker->group_count == RD_GROUP_MAX || worker->read_size - worker->read_used < kept + read_min;
    /* More than half a batch overlaps its misses well enough, and short buffers stay in the first-level cache. */
    bool is_enough = worker->batch.count * 2 > worker->batch.limit || worker->reply.length > RD_GROUP_REPLIES;
    if (is_full || is_enough) rd_worker_finish_group(worker);
    /* What the last step asked for has come by now; what this one asks for comes while the next socket is read. */
    rd_batch_advance(&worker->batch);
    conn->group_index = (uint8_t)worker->group_count;
    worker->group[worker->group_count++] = (struct rd_group_member){.conn = conn};
}

/* The reply under way is cut off, and its connection is closed; the others of the group get theirs. */
static void cut_reply(struct rd_worker *worker) {
    struct rd_reply *reply = &worker->reply;
    struct rd_group_member *member = &worker->group[worker->answering];
    if (reply->too_long && !member->conn->dead) rd_conn_close_for_output(member->conn);
    member->conn->closing = member->conn->dead = true;
    rd_reply_truncate(reply, member->reply_start, member->blob_start);
    reply->failed = reply->too_long = false;
}

void rd_worker_reply_to(struct rd_worker *worker, struct rd_conn *conn) {
    struct rd_group_member *member = &worker->group[conn->group_index];
    worker->reply.protocol = conn->protocol;
    if (member->replied) return;
    if (__builtin_expect(worker->reply.failed, 0)) cut_reply(worker);
    member->replied = true;
    member->reply_start = worker->reply.length;
    member->blob_start = worker->reply.blob_count;
    worker->answering = conn->group_index;
}

static struct rd_worker *worker_of(const struct rd_reply_owner *owner) {
    return (struct rd_worker *)((char *)owner - offsetof(struct rd_worker, reply_owner));
}

static size_t most_of_reply(const struct rd_reply_owner *owner) {
    const struct rd_worker *worker = worker_of(owner);
    if (worker->group_count == 0) return 0;
    const struct rd_group_member *member = &worker->group[worker->answering];
    uint64_t limit = rd_conn_reply_limit(member->conn);
    return limit ? member->reply_start + member->blob_start * sizeof(struct rd_reply_blob) + limit : 0;
}

/* What else its client has sent is not executed. */
static void stop_answering(struct rd_reply_owner *owner) {
    struct rd_worker *worker = worker_of(owner);
    struct rd_conn *conn = worker->group[worker->answering].conn;
    if (worker->group_count && !rd_conn_is_silent(conn)) conn->closing = true;
}

void rd_worker_flush_replies(struct rd_worker *worker) {
    struct rd_reply *reply = &worker->reply;
    rd_batch_run(worker);
    if (__builtin_expect(reply->failed, 0)) cut_reply(worker);
    size_t end = reply->length;
    uint32_t blob_end = reply->blob_count;
    /* Members that replied did so in the order of the group; from the back, each ends where the next begins. */
    for (uint32_t i = worker->group_count; i-- > 0;) {
        struct rd_group_member *member = &worker->group[i];
        if (!member->replied) continue;
        size_t start = member->reply_start;
        uint32_t blob_start = member->blob_start;
        size_t most = member->sent < RD_TURN_BYTES ? RD_TURN_BYTES - member->sent : 0;
        member->sent += rd_conn_send(member->conn, reply, (struct rd_reply_walk){start, end, blob_start, blob_end, 0}, most);
        member->replied = false;
        end = start;
        blob_end = blob_start;
    }
    rd_reply_truncate(reply, 0, 0);
}

/* Those that are larger go; whoever needs them again has them anew. */
static void shrink_buffers(struct rd_worker *worker, size_t reply_bytes, uint32_t args) {
    struct rd_reply *reply = &worker->reply;
    if (reply->capacity > reply_bytes) {
        free(reply->bytes);
        reply->bytes = NULL;
        reply->capacity = 0;
    }
    if (reply->blob_capacity > KEEP_REFERENCES) {
        free(reply->blobs);
        reply->blobs = NULL;
        reply->blob_capacity = 0;
    }
    if (worker->batch.args.capacity > args) rd_args_free(&worker->batch.args);
}

void rd_worker_rest(struct rd_worker *worker) {
    shrink_buffers(worker, REST_REPLY_BYTES, REST_ARGS);
    uint64_t bytes = sizeof *worker + worker->read_size + worker->reply.capacity;
    bytes += worker->reply.blob_capacity * sizeof worker->reply.blobs[0];
    bytes += worker->batch.args.capacity * sizeof worker->batch.args.at[0];
    bytes += worker->ready_capacity * sizeof worker->ready[0];
    rd_counter_set(&worker->counters.buffer_bytes, bytes);
}

void rd_worker_finish_group(struct rd_worker *worker) {
    rd_worker_flush_replies(worker);
    for (uint32_t i = 0; i < worker->group_count; i++) {
        struct rd_conn *conn = worker->group[i].conn;
        if (conn->closing) rd_conn_leave(conn);
        if (rd_conn_is_done(conn)) rd_conn_close(conn);
    }
    worker->group_count = 0;
    worker->read_used = 0;
    shrink_buffers(worker, KEEP_REPLY_BYTES, KEEP_ARGS);
}

/* Serves the connections that were readable in this turn; those queued meanwhile have their turn in the next. */
static void serve_ready(struct rd_worker *worker) {
    uint32_t count = worker->ready_count;
    enum rd_pause_mode pause = rd_pause_mode_at(&worker->server->pause, worker->monotonic_ms);
    worker->pause = worker->drain_until ? RD_PAUSE_NONE : (uint8_t)pause;
    for (uint32_t i = 0; i < count; i++) {
        struct rd_conn *conn = worker->ready[i];
        if (!conn) continue;
        worker->ready[i] = NULL;
        conn->queued = false;
        if (atomic_load_explicit(&conn->kill, memory_order_relaxed)) conn->closing = true;
        rd_conn_read(conn);
    }
    rd_worker_finish_group(worker);
    uint32_t kept = 0; /* without those that were closed since, for which no room was reserved */
    for (uint32_t i = count; i < worker->ready_count; i++) {
        if (worker->ready[i]) worker->ready[kept++] = worker->ready[i];
    }
    worker->ready_count = kept;
}

static void look_after(struct rd_worker *worker) {
    for (struct rd_conn *conn = worker->connections; conn; conn = conn->next) {
        if (atomic_load_explicit(&conn->kill, memory_order_relaxed)) rd_conn_finish(conn, true);
        else if (conn->paused) rd_worker_queue(worker, conn);
    }
}

/* The handover that is next; false when there is none. */
static bool peek_handover(struct rd_worker *worker, struct rd_handover *handover) {
    rd_lock_acquire(&worker->inbox_lock);
    bool any = worker->inbox_taken < worker->inbox_count;
    if (any) {
        *handover = worker->inbox[worker->inbox_taken];
    } else {
        free(worker->inbox);
        worker->inbox = NULL;
        worker->inbox_taken = worker->inbox_count = worker->inbox_capacity = 0;
    }
    rd_lock_release(&worker->inbox_lock);
    return any;
}

/* It leaves the inbox and enters the list in one step, so that nobody who looks misses it. conn NULL: it is no more. */
static void settle_handover(struct rd_worker *worker, struct rd_conn *conn) {
    rd_lock_acquire(&worker->inbox_lock);
    rd_lock_acquire(&worker->connections_lock);
    bool kill = worker->inbox[worker->inbox_taken++].kill;
    if (conn) {
        atomic_store_explicit(&conn->kill, kill, memory_order_relaxed);
        rd_conn_link(conn);
    } else {
        if (!kill) atomic_fetch_sub_explicit(&worker->living_count, 1, memory_order_relaxed);
        atomic_fetch_sub_explicit(&worker->connection_count, 1, memory_order_release);
    }
    rd_lock_release(&worker->connections_lock);
    rd_lock_release(&worker->inbox_lock);
    if (conn && kill) rd_conn_finish(conn, true);
}

static void take_handover(struct rd_worker *worker, const struct rd_handover *handover) {
    void *ssl_ctx = handover->tls ? rd_server_tls(worker->server) : NULL;
    struct rd_conn *conn = rd_conn_open(worker, handover, ssl_ctx);
    rd_server_tls_release(ssl_ctx);
    settle_handover(worker, conn);
    if (!conn) {
        close(handover->fd);
        if (handover->tls) atomic_fetch_sub(&worker->server->handshakes, 1);
    } else if (worker->drain_until) {
        rd_worker_queue(worker, conn);
    }
}

static void read_inbox(struct rd_worker *worker) {
    struct rd_handover handover;
    while (peek_handover(worker, &handover)) take_handover(worker, &handover);
    rd_lock_acquire(&worker->inbox_lock);
    bool drain = worker->inbox_drain, stop = worker->inbox_stop, look = worker->inbox_look;
    worker->inbox_drain = worker->inbox_look = false;
    rd_lock_release(&worker->inbox_lock);
    if (drain && !worker->drain_until) {
        worker->drain_until = INT64_MAX;
        for (struct rd_conn *conn = worker->connections; conn; conn = conn->next) rd_worker_queue(worker, conn);
    }
    if (look) look_after(worker);
    if (stop) worker->stopping = true;
}

static void on_wake(evutil_socket_t fd, short what, void *argument) {
    (void)what;
    struct rd_worker *worker = argument;
    uint64_t ignored;
    while (read(fd, &ignored, sizeof ignored) < 0 && errno == EINTR) {
    }
    rd_worker_read_clock(worker);
    read_inbox(worker);
    rd_monitor_deliver(worker);
    rd_tracking_deliver(worker);
}

static void on_tick(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    (void)what;
    struct rd_worker *worker = argument;
    rd_worker_read_clock(worker);
    rd_worker_tick(worker);
}

static void pin(const struct rd_worker *worker) {
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    int wanted = (int)(worker->number % (uint32_t)CPU_COUNT(&allowed));
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || wanted-- > 0) continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        pthread_setaffinity_np(pthread_self(), sizeof one, &one);
        return;
    }
}

static void *run(void *argument) {
    struct rd_worker *worker = argument;
    void *crash_stack = rd_crash_enter(worker->server->crash);
    if (worker->server->pin_workers) pin(worker);
    worker->heap = rd_heap_of_thread();
    while (!worker->stopping) {
        worker->clock_is_fresh = false;
        rd_counter_add(&worker->counters.turns, 1);
        bool has_work = worker->ready_count || worker->relieving || worker->sweep_buckets > 0 || worker->telling.busy;
        int flags = EVLOOP_ONCE | (has_work ? EVLOOP_NONBLOCK : 0);
        if (event_base_loop(worker->base, flags) < 0) {
            rd_events_tell(&worker->server->events, RD_EVENT_WORKER_FAILED, NULL, "the event loop failed");
            break;
        }
        if (worker->ready_count) {
            rd_worker_read_clock(worker);
            serve_ready(worker);
        }
        if (__builtin_expect(worker->clients.due, 0)) rd_clients_relieve(worker);
        if (__builtin_expect(worker->telling.busy, 0)) rd_tracking_deliver(worker);
        if (__builtin_expect(worker->sweep_buckets > 0, 0)) rd_worker_sweep(worker);
        worker->relieving = false;
        if (__builtin_expect(atomic_load_explicit(&worker->store->relief, memory_order_relaxed), 0)) {
            worker->relieving = rd_store_relieve(worker->store, &worker->relief_shard, RELIEF_SLICE_US);
        }
    }
    while (worker->connections) rd_conn_close(worker->connections);
    rd_crash_leave(crash_stack);
    return NULL;
}

enum rd_status rd_worker_init(struct rd_worker *worker, struct rd_server *server, uint32_t number) {
    memset(worker, 0, sizeof *worker);
    worker->server = server;
    worker->store = &server->store;
    worker->number = worker->sweep_shard = number;
    worker->read_size = server->read_buffer_size;
    atomic_init(&worker->tick_ms, rd_monotonic_ms());
    worker->reply_owner = (struct rd_reply_owner){most_of_reply, stop_answering};
    worker->reply.owner = &worker->reply_owner;
    worker->reply.errors = &worker->counters.errors;
    worker->reply.error_codes = &worker->error_codes;
    if (rd_stats_init(&worker->stats, &server->commands) != RD_OK) return RD_ERR_NO_MEMORY;
    worker->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (worker->wake_fd < 0) return RD_ERR_SYSTEM;
    struct event_config *config = event_config_new();
    if (!config) return RD_ERR_NO_MEMORY;
    /* One thread, one base: no locks. The clock is ours, so libevent needs none per callback. */
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    worker->base = event_base_new_with_config(config);
    event_config_free(config);
    worker->read_buffer = malloc(worker->read_size + READ_PADDING);
    if (!worker->base || !worker->read_buffer) return RD_ERR_NO_MEMORY;
    worker->wake_event = event_new(worker->base, worker->wake_fd, EV_READ | EV_PERSIST, on_wake, worker);
    worker->tick_event = event_new(worker->base, -1, EV_PERSIST, on_tick, worker);
    struct timeval period = {.tv_usec = RD_TICK_MS * 1000};
    if (!worker->wake_event || !worker->tick_event || event_add(worker->wake_event, NULL) != 0 ||
        event_add(worker->tick_event, &period) != 0) {
        return RD_ERR_NO_MEMORY;
    }
    rd_counter_set(&worker->counters.buffer_bytes, worker->read_size + sizeof *worker);
    return RD_OK;
}

void rd_worker_apply_batch_size(struct rd_worker *worker) {
    worker->batch.limit = worker->batch.until = (uint32_t)rd_setting(&worker->server->settings, RD_SET_BATCH_SIZE);
}

enum rd_status rd_worker_start(struct rd_worker *worker) {
    char name[16];
    snprintf(name, sizeof name, "worker-%u", (unsigned)(uint16_t)worker->number);
    return rd_thread_start(&worker->thread, name, run, worker);
}

void rd_worker_destroy(struct rd_worker *worker) {
    rd_told_destroy(worker);
    if (worker->wake_event) event_free(worker->wake_event);
    if (worker->tick_event) event_free(worker->tick_event);
    if (worker->base) event_base_free(worker->base);
    for (uint32_t i = worker->inbox_taken; i < worker->inbox_count; i++) close(worker->inbox[i].fd);
    free(worker->inbox);
    free(worker->ready);
    free(worker->read_buffer);
    rd_args_free(&worker->batch.args);
    rd_reply_free(&worker->reply);
    rd_stats_free(&worker->stats);
    if (worker->wake_fd > 0) close(worker->wake_fd);
    memset(worker, 0, sizeof *worker);
}

void rd_worker_wake(struct rd_worker *worker) {
    uint64_t one = 1;
    while (write(worker->wake_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void rd_worker_wake_for_push(struct rd_worker *worker) {
    if (!atomic_load(&worker->has_push) && !atomic_exchange(&worker->has_push, true)) rd_worker_wake(worker);
}

void rd_worker_hand_over(struct rd_worker *worker, struct rd_handover handover) {
    struct rd_server *server = worker->server;
    handover.id = atomic_fetch_add_explicit(&server->next_connection_id, 1, memory_order_relaxed) + 1;
    handover.created_ms = rd_monotonic_ms();
    rd_lock_acquire(&worker->inbox_lock);
    if (worker->inbox_count == worker->inbox_capacity) {
        uint32_t capacity = worker->inbox_capacity ? worker->inbox_capacity * 2 : 16;
        struct rd_handover *inbox = realloc(worker->inbox, capacity * sizeof *inbox);
        if (!inbox) {
            rd_lock_release(&worker->inbox_lock);
            close(handover.fd);
            if (handover.tls) atomic_fetch_sub(&server->handshakes, 1);
            return;
        }
        worker->inbox = inbox;
        worker->inbox_capacity = capacity;
    }
    worker->inbox[worker->inbox_count++] = handover;
    atomic_fetch_add_explicit(&worker->connection_count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&worker->living_count, 1, memory_order_relaxed);
    rd_lock_release(&worker->inbox_lock);
    rd_worker_wake(worker);
}

/* Shows a connection to the visitor; true when it is killed now and was not before. */
static bool show(struct rd_worker *worker, struct rd_conn *conn, void (*visit)(void *, struct rd_conn *), void *context) {
    if (conn->left || atomic_load_explicit(&conn->kill, memory_order_relaxed)) return false;
    visit(context, conn);
    if (!atomic_load_explicit(&conn->kill, memory_order_relaxed)) return false;
    atomic_fetch_sub_explicit(&worker->living_count, 1, memory_order_relaxed);
    return true;
}

/* Those on their way from the listener. With the inbox and the connections lock held. */
static bool visit_inbox(struct rd_worker *worker, void (*visit)(void *context, struct rd_conn *conn), void *context) {
    bool killed = false;
    for (uint32_t i = worker->inbox_taken; i < worker->inbox_count; i++) {
        struct rd_handover *handover = &worker->inbox[i];
        struct rd_conn conn = {.worker = worker, .fd = handover->fd, .id = handover->id, .kill = handover->kill,
                               .created_ms = handover->created_ms, .active_ms = handover->created_ms, .protocol = 2,
                               .queued_commands = -1, .unix_socket = handover->unix_socket};
        handover->kill |= show(worker, &conn, visit, context);
        killed |= handover->kill;
    }
    return killed;
}

/*
 * The inbox first, and the list from where it begins then: whoever moves from one to the other meanwhile comes in front
 * of that, so that each is seen once, though the lock is given back now and then for the worker and for others.
 */
void rd_worker_visit(struct rd_worker *worker, void (*visit)(void *context, struct rd_conn *conn), void *context) {
    rd_lock_acquire(&worker->inbox_lock);
    rd_lock_acquire(&worker->connections_lock);
    bool killed = visit_inbox(worker, visit, context);
    struct rd_visit cursor = {worker->connections, worker->visits};
    worker->visits = &cursor;
    rd_lock_release(&worker->inbox_lock);
    for (uint32_t visited = 1; cursor.at; visited++) {
        struct rd_conn *conn = cursor.at;
        cursor.at = conn->next;
        killed |= show(worker, conn, visit, context);
        if (visited % VISIT_STEP != 0) continue;
        rd_lock_release(&worker->connections_lock);
        rd_lock_acquire(&worker->connections_lock);
    }
    struct rd_visit **place = &worker->visits;
    while (*place != &cursor) place = &(*place)->next;
    *place = cursor.next;
    rd_lock_release(&worker->connections_lock);
    if (killed) rd_worker_look_after(worker);
}

void rd_worker_look_after(struct rd_worker *worker) {
    rd_lock_acquire(&worker->inbox_lock);
    worker->inbox_look = true;
    rd_lock_release(&worker->inbox_lock);
    rd_worker_wake(worker);
}

void rd_worker_drain(struct rd_worker *worker) {
    rd_lock_acquire(&worker->inbox_lock);
    worker->inbox_drain = true;
    rd_lock_release(&worker->inbox_lock);
    rd_worker_wake(worker);
}

void rd_worker_stop(struct rd_worker *worker) {
    rd_lock_acquire(&worker->inbox_lock);
    worker->inbox_stop = true;
    rd_lock_release(&worker->inbox_lock);
    rd_worker_wake(worker);
}
