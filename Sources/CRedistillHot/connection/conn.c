/* This file owns waiting for a connection's socket, and sending. */
#include "connection/conn.h"
#include "connection/login.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* Replies that an unauthenticated peer may leave unread (Redis CVE-2025-21605 had no bound). */
#define UNAUTHENTICATED_OUTPUT_MAX (64u << 10)
#define SEND_VECTORS 64

static void on_event(evutil_socket_t fd, short what, void *argument);

static bool wait_for(struct rd_conn *conn, short what) {
    if (event_initialized(&conn->event)) event_del(&conn->event);
    if (event_assign(&conn->event, conn->loop->base, conn->fd, (short)(what | EV_PERSIST), on_event, conn) != 0) {
        return false;
    }
    atomic_store_explicit(&conn->waits_for_write, what & EV_WRITE, memory_order_relaxed);
    return event_add(&conn->event, NULL) == 0;
}

bool rd_conn_wait_for_read(struct rd_conn *conn) {
    return wait_for(conn, EV_READ);
}

void rd_conn_suspend(struct rd_conn *conn) {
    /* Edges alone: what it sends is not read now, and must not be told again and again. The end is one, too. */
    if (!wait_for(conn, EV_READ | EV_ET)) rd_conn_break(conn);
    if (!conn->paused) rd_counter_add(&conn->loop->counters.paused, 1);
    conn->paused = true;
}

bool rd_conn_resume(struct rd_conn *conn) {
    conn->paused = false;
    rd_counter_add(&conn->loop->counters.paused, -(uint64_t)1);
    return wait_for(conn, EV_READ);
}

bool rd_conn_is_stranger(const struct rd_conn *conn) {
    return !conn->authenticated && rd_setting(conn->loop->settings, RD_SET_AUTH_REQUIRED);
}

bool rd_conn_is_held_back(const struct rd_conn *conn) {
    const struct rd_loop *loop = conn->loop;
    if (conn->awaits_call) return true;
    if (rd_conn_awaits_save(conn)) return atomic_load_explicit(&loop->shared->saving, memory_order_acquire);
    if (!conn->auth_hold) return loop->pause != RD_PAUSE_NONE;
    return !loop->drain_until && !rd_auth_hold_is_over(&loop->shared->auth_guard, conn->auth_hold, loop->monotonic_ms);
}

void rd_conn_finish(struct rd_conn *conn, bool dead) {
    conn->closing = true;
    if (dead) conn->dead = true;
    rd_loop_queue(conn->loop, conn);
}

void rd_conn_tell(const struct rd_conn *conn, enum rd_event_kind kind, rd_counter *counter, const char *detail) {
    char peer[RD_ADDRESS_SIZE];
    rd_conn_peer(conn, peer, sizeof peer);
    if (counter) rd_counter_add(counter, 1);
    const struct rd_user *user = rd_conn_user(conn);
    rd_events_tell_of(&conn->loop->shared->events, kind, peer, user ? user->name : NULL, detail);
}

void rd_conn_close_for_output(struct rd_conn *conn) {
    rd_conn_tell(conn, RD_EVENT_OUTPUT_LIMIT, &conn->loop->counters.closed_output, NULL);
    rd_conn_break(conn);
}

/* What may wait for the peer; 0 = any. */
static uint64_t output_limit(const struct rd_conn *conn) {
    uint64_t limit = (uint64_t)rd_setting(conn->loop->settings, RD_SET_OUTPUT_LIMIT);
    if (rd_conn_is_stranger(conn) && (limit == 0 || limit > UNAUTHENTICATED_OUTPUT_MAX)) limit = UNAUTHENTICATED_OUTPUT_MAX;
    return limit;
}

uint64_t rd_conn_reply_limit(const struct rd_conn *conn) {
    uint64_t limit = output_limit(conn), all = conn->no_evict ? 0 : rd_clients_limit(conn->loop->settings);
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
        if (part.blob) status = rd_output_append_blob(conn->output, &part);
        else status = rd_output_append(conn->output, part.bytes, part.length);
    }
    return status;
}

static bool is_at_end(const struct rd_reply_walk *walk) {
    return walk->at == walk->to && walk->blob == walk->end_blob;
}

/* The walk's next parts as vectors of at most `most` bytes together, up to one that is to be drawn; returns how many. */
static int gather(const struct rd_reply *reply, struct rd_reply_walk walk, struct iovec *vectors, size_t most) {
    int count = 0;
    if (walk.blob == walk.end_blob) { /* mostly */
        size_t length = walk.to - walk.at;
        vectors[0] = (struct iovec){reply->bytes + walk.at, length < most ? length : most};
        return 1;
    }
    for (struct rd_reply_part part; count < SEND_VECTORS && most > 0 && rd_reply_next(reply, &walk, &part); count++) {
        if (part.drawing) break;
        size_t length = part.length < most ? part.length : most;
        vectors[count] = (struct iovec){(char *)part.bytes, length};
        most -= length;
    }
    return count;
}

/* Writes as the peer takes it, `most` bytes at most. What is left of the walk was not taken. Returns the bytes taken. */
static size_t write_reply(struct rd_conn *conn, const struct rd_reply *reply, struct rd_reply_walk *walk, size_t most) {
    struct rd_counters *counters = &conn->loop->counters;
    size_t done = 0;
    while (done < most && !is_at_end(walk)) {
        struct iovec vectors[SEND_VECTORS];
        int count = gather(reply, *walk, vectors, most - done);
        if (count == 0) break;
        ssize_t sent = conn->transport->write(conn, vectors, count);
        if (sent == RD_IO_FAILED) rd_conn_break(conn);
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
        rd_conn_break(conn);
        return done;
    }
    rd_clients_note(conn);
    check_output_limit(conn);
    if (!conn->dead) rd_conn_wait_for_write(conn);
    return done;
}

void rd_conn_wait_for_write(struct rd_conn *conn) {
    bool waits = atomic_load_explicit(&conn->waits_for_write, memory_order_relaxed);
    if (!waits && !wait_for(conn, EV_WRITE)) rd_conn_break(conn);
}

void rd_conn_note_activity(struct rd_conn *conn) {
    atomic_store_explicit(&conn->active_ms, conn->loop->monotonic_ms, memory_order_relaxed);
}

/* Sends what waits. When all is gone, the connection is read from again, or closed if that was the end. */
static void send_waiting(struct rd_conn *conn) {
    struct rd_counters *counters = &conn->loop->counters;
    size_t left = RD_TURN_BYTES;
    while (conn->output && conn->output->first) {
        struct iovec vectors[SEND_VECTORS];
        int count = rd_output_vectors(conn->output, vectors, SEND_VECTORS, left);
        if (count < 0) {
            rd_conn_finish(conn, true);
            return;
        }
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
        rd_clients_note(conn);
        rd_conn_note_activity(conn);
    }
    if (conn->output) rd_output_free(conn->output);
    conn->output = NULL;
    rd_clients_note(conn);
    if (!wait_for(conn, EV_READ)) {
        rd_conn_finish(conn, true);
        return;
    }
    /* Requests that were held back, bytes inside TLS, a close or drain that waited: all are seen to in this turn. */
    if (rd_conn_is_held(conn) || conn->closing || conn->loop->drain_until || conn->tls_wants_write ||
        conn->transport->has_pending(conn)) {
        rd_loop_queue(conn->loop, conn);
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
    else rd_loop_queue(conn->loop, conn);
}

void rd_conn_address(const struct rd_conn *conn, struct sockaddr_storage *address) {
    if (rd_kept_address_get(conn->peer, address)) return;
    /* The kernel knows the path; of another peer it knows still, if anybody does: memory was out at the accept. */
    socklen_t length = sizeof *address;
    *address = (struct sockaddr_storage){0};
    int result = conn->unix_socket ? getsockname(conn->fd, (struct sockaddr *)address, &length)
                                   : getpeername(conn->fd, (struct sockaddr *)address, &length);
    if (result != 0) address->ss_family = AF_UNSPEC;
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
    rd_address_format(&address, text, size);
}
