/* This file owns a connection's life on its worker: open, wait, send, close. Reading and scanning is conn_read.c. */
#include "conn.h"

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

#include "address_table.h"
#include "monitor.h"
#include "server.h"
#include "tracking.h"
#include "transaction.h"
#include "worker.h"

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
    atomic_store_explicit(&conn->waits_for_write, what == EV_WRITE, memory_order_relaxed);
    return event_add(&conn->event, NULL) == 0;
}

void rd_conn_suspend(struct rd_conn *conn) {
    event_del(&conn->event);
    if (!conn->paused) rd_counter_add(&conn->worker->counters.paused, 1);
    conn->paused = true;
}

bool rd_conn_resume(struct rd_conn *conn) {
    conn->paused = false;
    rd_counter_add(&conn->worker->counters.paused, -(uint64_t)1);
    return wait_for(conn, EV_READ);
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
    conn->created_ms = handover->created_ms;
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
    rd_counter_add(&worker->counters.connection_bytes, RD_CONN_BYTES);
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

void rd_conn_close(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    rd_monitor_end(conn);
    rd_tracking_end(conn, false);
    if (conn->tls_handshaking) atomic_fetch_sub(&worker->server->handshakes, 1);
    if (conn->paused) rd_counter_add(&worker->counters.paused, -(uint64_t)1);
    rd_lock_acquire(&worker->connections_lock);
    if (conn->next) conn->next->previous = conn->previous;
    if (conn->previous) conn->previous->next = conn->next;
    else worker->connections = conn->next;
    if (worker->tick_at == conn) worker->tick_at = conn->next;
    bool killed = atomic_load_explicit(&conn->kill, memory_order_relaxed);
    rd_lock_release(&worker->connections_lock);
    rd_tracking_lose(conn);
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
    rd_transaction_end(conn);
    rd_input_free(conn->input);
    if (conn->output) rd_output_free(conn->output);
    free_info(conn->info);
    free(conn->peer);
    free(conn);
    rd_counter_add(&worker->counters.connection_bytes, -(uint64_t)RD_CONN_BYTES);
    if (!killed) atomic_fetch_sub_explicit(&worker->living_count, 1, memory_order_release);
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
    uint64_t bytes = input ? input->length - input->start : 0, room = input ? input->capacity - bytes : 0;
    if (input && input->bulk) {
        bytes += input->bulk->length;
        room += input->bulk->capacity - input->bulk->length;
    }
    show(&conn->kept_bytes, bytes);
    show(&conn->kept_room, room);
}

void rd_conn_show_output(struct rd_conn *conn) {
    show(&conn->waiting_bytes, conn->output ? conn->output->waiting : 0);
    show(&conn->waiting_pieces, conn->output ? conn->output->pieces : 0);
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

static void check_output_limit(struct rd_conn *conn) {
    uint64_t limit = (uint64_t)rd_setting(conn->worker->server, RD_SET_OUTPUT_LIMIT);
    if (!conn->authenticated && (limit == 0 || limit > UNAUTHENTICATED_OUTPUT_MAX)) limit = UNAUTHENTICATED_OUTPUT_MAX;
    if (limit && conn->output->waiting > limit) rd_conn_close_for_output(conn);
}

/* Everything from byte `skip` of the stretch of the reply buffer on, as pieces of the output queue. */
static enum rd_status keep_unsent(struct rd_conn *conn, const struct rd_reply *reply, size_t from, size_t to,
                                  uint32_t blob, uint32_t end_blob, size_t skip) {
    if (!conn->output && !(conn->output = rd_output_new())) return RD_ERR_NO_MEMORY;
    size_t at = from;
    for (;; blob++) {
        size_t until = blob < end_blob ? reply->blobs[blob].at : to;
        size_t length = until - at;
        if (skip < length) {
            if (rd_output_append(conn->output, reply->bytes + at + skip, length - skip) != RD_OK) {
                return RD_ERR_NO_MEMORY;
            }
            skip = 0;
        } else {
            skip -= length;
        }
        at = until;
        if (blob >= end_blob) return RD_OK;
        struct rd_blob *value = reply->blobs[blob].blob;
        if (skip < value->length) {
            if (rd_output_append_blob(conn->output, value, skip) != RD_OK) return RD_ERR_NO_MEMORY;
            skip = 0;
        } else {
            skip -= value->length;
        }
    }
}

/* A vector for `length` bytes, or as many as `left` allows; 1, or 0 when that is none. */
static int add_vector(struct iovec *vector, const char *bytes, size_t length, size_t *left) {
    if (length > *left) length = *left;
    *left -= length;
    *vector = (struct iovec){(char *)bytes, length};
    return length > 0;
}

size_t rd_conn_send(struct rd_conn *conn, size_t from, size_t to, uint32_t blob, uint32_t end_blob, size_t most) {
    const struct rd_reply *reply = &conn->worker->reply;
    struct rd_counters *counters = &conn->worker->counters;
    if (conn->dead || from == to) return 0;
    size_t done = 0;
    bool blocked = conn->output != NULL;
    while (!blocked && done < most) {
        struct iovec vectors[SEND_VECTORS];
        int count = 0;
        size_t skip = done, left = most - done, at = from;
        /* Vectors for what is left: stretches of the buffer with blobs between them. */
        for (uint32_t b = blob; count + 2 <= SEND_VECTORS; b++) {
            size_t until = b < end_blob ? reply->blobs[b].at : to;
            size_t length = until - at;
            if (skip < length) {
                count += add_vector(&vectors[count], reply->bytes + at + skip, length - skip, &left);
                skip = 0;
            } else {
                skip -= length;
            }
            at = until;
            if (b >= end_blob) break;
            struct rd_blob *value = reply->blobs[b].blob;
            if (skip < value->length) {
                count += add_vector(&vectors[count], value->bytes + skip, value->length - skip, &left);
                skip = 0;
            } else {
                skip -= value->length;
            }
        }
        if (count == 0) return done; /* all sent */
        ssize_t sent = conn->transport->write(conn, vectors, count);
        if (sent == RD_IO_FAILED) {
            conn->closing = conn->dead = true;
            return done;
        }
        if (sent == RD_IO_AGAIN) break;
        rd_counter_add(&counters->writes, 1);
        rd_counter_add(&counters->bytes_out, (uint64_t)sent);
        rd_counter_add(&conn->bytes_out, (uint64_t)sent);
        done += (size_t)sent;
        if (end_blob == blob && done == to - from) return done;
    }
    if (keep_unsent(conn, reply, from, to, blob, end_blob, done) != RD_OK) {
        conn->closing = conn->dead = true;
        return done;
    }
    if (!conn->output->first) { /* all was sent, just as much as is allowed */
        rd_output_free(conn->output);
        conn->output = NULL;
        return done;
    }
    rd_conn_show_output(conn);
    check_output_limit(conn);
    if (!conn->dead) rd_conn_wait_for_write(conn);
    return done;
}

bool rd_conn_send_apart(struct rd_conn *conn, const struct rd_reply *bytes) {
    struct rd_reply *reply = &conn->worker->reply;
    rd_reply_raw(reply, bytes->bytes, bytes->length);
    bool fits = !reply->failed;
    if (fits) rd_conn_send(conn, 0, reply->length, 0, 0, RD_TURN_BYTES);
    rd_reply_truncate(reply, 0, 0);
    reply->failed = false;
    return fits;
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
    if (!wait_for(conn, EV_READ)) {
        rd_conn_finish(conn, true);
        return;
    }
    /* Requests that were held back, bytes inside TLS, a close or drain that waited: all are seen to in this turn. */
    if (conn->held || conn->closing || conn->worker->drain_until || conn->tls_wants_write ||
        conn->transport->has_pending(conn)) {
        rd_worker_queue(conn->worker, conn);
    }
}

static void on_event(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    struct rd_conn *conn = argument;
    if (what & EV_WRITE) send_waiting(conn);
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
