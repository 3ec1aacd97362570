/* This file owns a connection's life on its worker: open, wait, send, close. Reading is read.c, scanning request.c. */
#include "serve/conn.h"

#include <netinet/in.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/address_table.h"
#include "observe/monitor.h"
#include "server/server.h"
#include "observe/tracking.h"
#include "command/transaction.h"
#include "serve/worker.h"

/* Replies that an unauthenticated peer may leave unread (Redis CVE-2025-21605 had no bound). */
#define UNAUTHENTICATED_OUTPUT_MAX (64u << 10)
#define SEND_VECTORS 64

static void on_event(evutil_socket_t fd, short what, void *argument);

static void set_socket_options(struct rd_worker *worker, int fd) {
    const struct rd_server *server = worker->server;
    int on = 1;
    if (rd_setting(server, RD_SET_TCP_NODELAY)) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int idle = (int)rd_setting(server, RD_SET_TCP_KEEPALIVE);
    if (idle > 0) {
        /* As Redis: the first probe after `idle` seconds, then three more within as long again. */
        int interval = idle / 3 ? idle / 3 : 1, probes = 3;
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    }
}

static bool wait_for(struct rd_conn *conn, short what) {
    if (event_initialized(&conn->event)) event_del(&conn->event);
    if (event_assign(&conn->event, conn->worker->base, conn->fd, (short)(what | EV_PERSIST), on_event, conn) != 0) {
        return false;
    }
    atomic_store_explicit(&conn->waits_for_write, what & EV_WRITE, memory_order_relaxed);
    return event_add(&conn->event, NULL) == 0;
}

void rd_conn_suspend(struct rd_conn *conn) {
    /* Edges alone: what it sends is not read now, and must not be told again and again. The end is one, too. */
    if (!wait_for(conn, EV_READ | EV_ET)) conn->closing = conn->dead = true;
    if (!conn->paused) rd_counter_add(&conn->worker->counters.paused, 1);
    conn->paused = true;
}

bool rd_conn_resume(struct rd_conn *conn) {
    conn->paused = false;
    rd_counter_add(&conn->worker->counters.paused, -(uint64_t)1);
    return wait_for(conn, EV_READ);
}

bool rd_conn_is_stranger(const struct rd_conn *conn) {
    return !conn->authenticated && rd_setting(conn->worker->server, RD_SET_AUTH_REQUIRED);
}

bool rd_conn_is_held_back(const struct rd_conn *conn) {
    const struct rd_worker *worker = conn->worker;
    if (!conn->auth_hold) return worker->pause != RD_PAUSE_NONE;
    return !worker->drain_until &&
           !rd_auth_hold_is_over(&worker->server->auth_guard, conn->auth_hold, worker->monotonic_ms);
}

struct rd_conn *rd_conn_open(struct rd_worker *worker, const struct rd_handover *handover, void *ssl_ctx) {
    if (rd_worker_reserve_queue(worker) != RD_OK) return NULL;
    struct rd_conn *conn = calloc(1, sizeof *conn);
    if (!conn) return NULL;
    conn->worker = worker;
    conn->fd = handover->fd;
    conn->transport = &rd_transport_tcp;
    conn->protocol = 2;
    conn->queued_commands = -1;
    conn->unix_socket = handover->unix_socket;
    conn->awaits_proxy = handover->awaits_proxy;
    conn->authenticated = rd_setting(worker->server, RD_SET_AUTH_REQUIRED) == 0;
    conn->id = handover->id;
    conn->created_ms = conn->stranger_since_ms = handover->created_ms;
    atomic_init(&conn->active_ms, conn->created_ms);
    if (handover->tls) {
        if (!ssl_ctx || rd_transport_tls_accept(conn, ssl_ctx) != RD_OK) {
            free(conn);
            return NULL;
        }
        conn->tls_handshaking = true;
    }
    if (!handover->unix_socket) set_socket_options(worker, handover->fd);
    if (!wait_for(conn, EV_READ)) {
        conn->transport->close(conn);
        free(conn);
        return NULL;
    }
    rd_clients_enter(conn);
    return conn;
}

void rd_conn_link(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    conn->next = worker->connections;
    if (conn->next) conn->next->previous = conn;
    worker->connections = conn;
}

static void free_info(struct rd_client_info *info) {
    if (!info) return;
    free(info->name);
    free(info->library);
    free(info->library_version);
    free(info);
}

void rd_conn_leave(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    if (conn->left) return;
    rd_monitor_end(conn);
    rd_tracking_end(conn, false);
    rd_transaction_end(conn);
    rd_lock_acquire(&worker->connections_lock);
    conn->left = true;
    if (!atomic_load_explicit(&conn->kill, memory_order_relaxed)) {
        atomic_fetch_sub_explicit(&worker->living_count, 1, memory_order_release);
    }
    rd_lock_release(&worker->connections_lock);
    rd_tracking_lose(conn);
}

void rd_conn_close(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    rd_conn_leave(conn);
    if (conn->tls_handshaking) atomic_fetch_sub(&worker->server->handshakes, 1);
    if (conn->paused) rd_counter_add(&worker->counters.paused, -(uint64_t)1);
    if (conn->auth_hold) rd_auth_guard_release(&worker->server->auth_guard, conn->auth_hold);
    rd_lock_acquire(&worker->connections_lock);
    if (conn->next) conn->next->previous = conn->previous;
    if (conn->previous) conn->previous->next = conn->next;
    else worker->connections = conn->next;
    if (worker->tick_at == conn) worker->tick_at = conn->next;
    for (struct rd_visit *visit = worker->visits; visit; visit = visit->next) {
        if (visit->at == conn) visit->at = conn->next;
    }
    rd_lock_release(&worker->connections_lock);
    if (conn->queued) rd_worker_unqueue(worker, conn);
    event_del(&conn->event);
    conn->transport->close(conn);
    if (!conn->dead) {
        /* Bytes left unread would turn the close into a reset, which can overtake the last replies. */
        shutdown(conn->fd, SHUT_WR);
        for (int i = 0; i < 16 && recv(conn->fd, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT) > 0; i++) {
        }
    }
    close(conn->fd);
    rd_input_free(conn->input);
    if (conn->output) rd_output_free(conn->output);
    conn->output = NULL;
    free_info(conn->info);
    rd_clients_leave(conn);
    free(conn->peer);
    free(conn);
    atomic_fetch_sub_explicit(&worker->connection_count, 1, memory_order_release);
}

/* Bytes sent but not yet with the peer's system; 0 when the connection is broken. */
static int unacknowledged(int fd) {
    struct pollfd state = {.fd = fd};
    int bytes = 0;
    if (poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP))) return 0;
    return ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

bool rd_conn_is_done(struct rd_conn *conn) {
    if (conn->dead) return true;
    if (!conn->closing || conn->output) return false;
    /* A request that comes after the close is answered by a reset, which throws away replies that still wait here. */
    int missing = conn->unix_socket ? 0 : unacknowledged(conn->fd);
    if (missing == 0) return true;
    if (conn->lingering == 0) event_del(&conn->event); /* what else the peer sends is not read */
    if (conn->lingering != missing) rd_conn_note_activity(conn);
    conn->lingering = missing;
    return false;
}

void rd_conn_finish(struct rd_conn *conn, bool dead) {
    conn->closing = true;
    if (dead) conn->dead = true;
    rd_worker_queue(conn->worker, conn);
}

/* A count that one thread writes, for others to read. */
static void show(_Atomic uint32_t *shown, uint64_t count) {
    atomic_store_explicit(shown, count < UINT32_MAX ? (uint32_t)count : UINT32_MAX, memory_order_relaxed);
}

void rd_conn_show_input(struct rd_conn *conn) {
    const struct rd_input *input = conn->input;
    show(&conn->kept_bytes, input ? rd_input_waiting(input) : 0);
    show(&conn->kept_room, input ? rd_input_room(input) : 0);
    rd_clients_note(conn);
}

void rd_conn_show_output(struct rd_conn *conn) {
    show(&conn->waiting_bytes, conn->output ? conn->output->waiting : 0);
    show(&conn->waiting_pieces, conn->output ? conn->output->pieces : 0);
    rd_clients_note(conn);
}

uint64_t rd_conn_held_bytes(const struct rd_conn *conn) {
    uint64_t bytes = 0;
    if (conn->input) bytes += rd_input_bytes(conn->input);
    if (conn->output) bytes += conn->output->waiting;
    if (conn->transaction) bytes += conn->transaction->bytes;
    return bytes;
}

void rd_conn_close_for_output(struct rd_conn *conn) {
    char peer[128];
    rd_conn_peer(conn, peer, sizeof peer);
    rd_counter_add(&conn->worker->counters.closed_output, 1);
    rd_server_tell(conn->worker->server, RD_EVENT_OUTPUT_LIMIT, peer, NULL);
    conn->closing = conn->dead = true;
}

/* What may wait for the peer; 0 = any. */
static uint64_t output_limit(const struct rd_conn *conn) {
    uint64_t limit = (uint64_t)rd_setting(conn->worker->server, RD_SET_OUTPUT_LIMIT);
    if (rd_conn_is_stranger(conn) && (limit == 0 || limit > UNAUTHENTICATED_OUTPUT_MAX)) limit = UNAUTHENTICATED_OUTPUT_MAX;
    return limit;
}

uint64_t rd_conn_reply_limit(const struct rd_conn *conn) {
    uint64_t limit = output_limit(conn), all = conn->no_evict ? 0 : rd_clients_limit(conn->worker->server);
    return all && (limit == 0 || all < limit) ? all : limit;
}

static void check_output_limit(struct rd_conn *conn) {
    uint64_t limit = output_limit(conn);
    if (limit && conn->output->waiting > limit) rd_conn_close_for_output(conn);
}

/* All that is left of the way through the reply, as pieces of the output queue. */
static enum rd_status keep_unsent(struct rd_conn *conn, const struct rd_reply *reply, struct rd_reply_walk *walk) {
    if (!conn->output && !(conn->output = rd_output_new())) return RD_ERR_NO_MEMORY;
    enum rd_status status = RD_OK;
    for (struct rd_reply_part part; status == RD_OK && rd_reply_next(reply, walk, &part);) {
        if (part.blob) status = rd_output_append_blob(conn->output, part.blob, part.offset, part.length);
        else status = rd_output_append(conn->output, part.bytes, part.length);
    }
    return status;
}

static bool is_at_end(const struct rd_reply_walk *walk) {
    return walk->at == walk->to && walk->blob == walk->end_blob;
}

/* The walk's next parts as vectors of at most `most` bytes together; returns how many. */
static int gather(const struct rd_reply *reply, struct rd_reply_walk walk, struct iovec *vectors, size_t most) {
    int count = 0;
    if (walk.blob == walk.end_blob) { /* mostly */
        size_t length = walk.to - walk.at;
        vectors[0] = (struct iovec){reply->bytes + walk.at, length < most ? length : most};
        return 1;
    }
    for (struct rd_reply_part part; count < SEND_VECTORS && most > 0 && rd_reply_next(reply, &walk, &part); count++) {
        size_t length = part.length < most ? part.length : most;
        vectors[count] = (struct iovec){(char *)part.bytes, length};
        most -= length;
    }
    return count;
}

/* Writes as the peer takes it, `most` bytes at most. What is left of the walk was not taken. Returns the bytes taken. */
static size_t write_reply(struct rd_conn *conn, const struct rd_reply *reply, struct rd_reply_walk *walk, size_t most) {
    struct rd_counters *counters = &conn->worker->counters;
    size_t done = 0;
    while (done < most && !is_at_end(walk)) {
        struct iovec vectors[SEND_VECTORS];
        int count = gather(reply, *walk, vectors, most - done);
        if (count == 0) break;
        ssize_t sent = conn->transport->write(conn, vectors, count);
        if (sent == RD_IO_FAILED) conn->closing = conn->dead = true;
        if (sent < 0) break;
        rd_counter_add(&counters->writes, 1);
        rd_counter_add(&counters->bytes_out, (uint64_t)sent);
        rd_counter_add(&conn->bytes_out, (uint64_t)sent);
        if (walk->blob == walk->end_blob) walk->at += (size_t)sent;
        else rd_reply_advance(reply, walk, (size_t)sent);
        done += (size_t)sent;
    }
    return done;
}

size_t rd_conn_send(struct rd_conn *conn, const struct rd_reply *reply, struct rd_reply_walk walk, size_t most) {
    if (conn->dead || is_at_end(&walk)) return 0;
    size_t done = conn->output ? 0 : write_reply(conn, reply, &walk, most);
    if (conn->dead || is_at_end(&walk)) return done;
    if (keep_unsent(conn, reply, &walk) != RD_OK) {
        conn->closing = conn->dead = true;
        return done;
    }
    rd_conn_show_output(conn);
    check_output_limit(conn);
    if (!conn->dead) rd_conn_wait_for_write(conn);
    return done;
}

void rd_conn_wait_for_write(struct rd_conn *conn) {
    bool waits = atomic_load_explicit(&conn->waits_for_write, memory_order_relaxed);
    if (!waits && !wait_for(conn, EV_WRITE)) conn->closing = conn->dead = true;
}

void rd_conn_note_activity(struct rd_conn *conn) {
    atomic_store_explicit(&conn->active_ms, conn->worker->monotonic_ms, memory_order_relaxed);
}

/* Sends what waits. When all is gone, the connection is read from again, or closed if that was the end. */
static void send_waiting(struct rd_conn *conn) {
    struct rd_counters *counters = &conn->worker->counters;
    size_t left = RD_TURN_BYTES;
    while (conn->output && conn->output->first) {
        struct iovec vectors[SEND_VECTORS];
        int count = rd_output_vectors(conn->output, vectors, SEND_VECTORS, left);
        ssize_t sent = count ? conn->transport->write(conn, vectors, count) : RD_IO_AGAIN;
        if (sent == RD_IO_AGAIN) return; /* the socket says when to go on, at once where it was only our bound */
        if (sent == RD_IO_FAILED) {
            rd_conn_finish(conn, true);
            return;
        }
        rd_counter_add(&counters->writes, 1);
        rd_counter_add(&counters->bytes_out, (uint64_t)sent);
        rd_counter_add(&conn->bytes_out, (uint64_t)sent);
        rd_output_consume(conn->output, (size_t)sent);
        left -= (size_t)sent;
        rd_conn_show_output(conn);
        rd_conn_note_activity(conn);
    }
    if (conn->output) rd_output_free(conn->output);
    conn->output = NULL;
    rd_conn_show_output(conn);
    if (!wait_for(conn, EV_READ)) {
        rd_conn_finish(conn, true);
        return;
    }
    /* Requests that were held back, bytes inside TLS, a close or drain that waited: all are seen to in this turn. */
    if (rd_conn_is_held(conn) || conn->closing || conn->worker->drain_until || conn->tls_wants_write ||
        conn->transport->has_pending(conn)) {
        rd_worker_queue(conn->worker, conn);
    }
}

/* Has the peer of a suspended connection ended it? One whose password has to wait may have ended its half. */
static bool has_hung_up(const struct rd_conn *conn) {
    short ends = conn->auth_hold ? 0 : POLLRDHUP;
    struct pollfd state = {.fd = conn->fd, .events = ends};
    return poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP | ends));
}

static void on_event(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    struct rd_conn *conn = argument;
    if (what & EV_WRITE) send_waiting(conn);
    else if (conn->paused && has_hung_up(conn)) rd_conn_finish(conn, true);
    else if (conn->paused) return;
    else rd_worker_queue(conn->worker, conn);
}

void rd_conn_address(const struct rd_conn *conn, struct sockaddr_storage *address) {
    /* Asked for so seldom that the kernel may keep it for us. */
    socklen_t length = sizeof *address;
    *address = (struct sockaddr_storage){0};
    if (conn->peer) memcpy(address, conn->peer, sizeof *conn->peer);
    else if (getpeername(conn->fd, (struct sockaddr *)address, &length) != 0) address->ss_family = AF_UNSPEC;
    if (conn->unix_socket) address->ss_family = AF_UNIX;
}

void rd_conn_peer(const struct rd_conn *conn, char *text, size_t size) {
    struct sockaddr_storage address;
    rd_conn_address(conn, &address);
    rd_address_format(&address, text, size);
}

void rd_conn_local(const struct rd_conn *conn, char *text, size_t size) {
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    if (getsockname(conn->fd, (struct sockaddr *)&address, &length) != 0) address.ss_family = AF_UNSPEC;
    if (conn->unix_socket) address.ss_family = AF_UNIX;
    rd_address_format(&address, text, size);
}
