/* This file owns opening and closing connections. */
#include "serve/conn_life.h"

#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "connection/login.h"
#include "execute/leave.h"

struct rd_conn *rd_conn_open(struct rd_loop *loop, const struct rd_handover *handover, void *ssl_ctx) {
    if (rd_loop_reserve_queue(loop) != RD_OK) return NULL;
    struct rd_conn *conn = calloc(1, sizeof *conn);
    if (!conn) return NULL;
    conn->loop = loop;
    conn->fd = handover->fd;
    conn->transport = &rd_transport_tcp;
    conn->protocol = 2;
    conn->queued_commands = -1;
    conn->unix_socket = handover->unix_socket;
    conn->awaits_proxy = handover->awaits_proxy;
    rd_conn_log_out(conn);
    conn->id = handover->id;
    conn->peer = handover->peer;
    conn->created_ms = handover->created_ms;
    atomic_init(&conn->active_ms, conn->created_ms);
    if (handover->tls) {
        if (!ssl_ctx || rd_transport_tls_accept(conn, ssl_ctx) != RD_OK) {
            free(conn);
            return NULL;
        }
        conn->tls_handshaking = true;
    }
    if (rd_clients_enter(conn) == RD_OK && rd_conn_wait_for_read(conn)) return conn;
    conn->transport->close(conn);
    rd_clients_leave(conn);
    free(conn);
    return NULL;
}

/* Who ended it, as far as it is known in the end. */
static const char *who_ended(const struct rd_conn *conn) {
    if (atomic_load_explicit(&conn->kill, memory_order_relaxed)) return "killed";
    if (conn->loop->drain_until) return "the server stops";
    return conn->dead ? "broken, or beyond a limit" : "in good order";
}

void rd_conn_close(struct rd_conn *conn) {
    struct rd_loop *loop = conn->loop;
    if (__builtin_expect(rd_setting(loop->settings, RD_SET_TELL_CONNECTIONS) != 0, 0)) {
        rd_conn_tell(conn, RD_EVENT_CONNECTION_CLOSED, NULL, who_ended(conn));
    }
    rd_conn_leave(conn);
    if (conn->tls_handshaking) atomic_fetch_sub(&loop->shared->handshakes, 1);
    if (conn->paused) rd_counter_add(&loop->counters.paused, -(uint64_t)1);
    if (conn->auth_hold) rd_auth_guard_release(&loop->shared->auth_guard, conn->auth_hold);
    rd_lock_acquire(&loop->connections_lock);
    rd_loop_unlink(loop, conn);
    rd_lock_release(&loop->connections_lock);
    if (conn->queued) rd_loop_unqueue(loop, conn);
    event_del(&conn->event);
    conn->transport->close(conn);
    if (!conn->dead && !conn->ended) {
        /* Bytes left unread would turn the close into a reset, which can overtake the last replies. */
        shutdown(conn->fd, SHUT_WR);
        for (int i = 0; i < 16 && recv(conn->fd, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT) > 0; i++) {
        }
    }
    close(conn->fd);
    rd_input_free(conn->input);
    if (conn->output) rd_output_free(conn->output);
    conn->output = NULL;
    rd_client_info_free(conn->info);
    rd_clients_leave(conn);
    rd_kept_address_drop(conn->peer);
    free(conn);
    atomic_fetch_sub_explicit(&loop->connection_count, 1, memory_order_release);
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
    if (conn->ended) return true; /* nothing comes that a reset would answer: the system sends what waits */
    /* A request that comes after the close is answered by a reset, which throws away replies that still wait here. */
    int missing = conn->unix_socket ? 0 : unacknowledged(conn->fd);
    if (missing == 0) return true;
    if (conn->lingering == 0) event_del(&conn->event); /* what else the peer sends is not read */
    if (conn->lingering != missing) rd_conn_note_activity(conn);
    conn->lingering = missing;
    return false;
}
