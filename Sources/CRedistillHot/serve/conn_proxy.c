/* This file owns what a connection does with a PROXY protocol header: where one is awaited, and where none is. */
#include "serve/conn_proxy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/address_table.h"
#include "resp/proxy_header.h"

static void refuse(struct rd_conn *conn, enum rd_event_kind kind, rd_counter *counter, const char *why) {
    rd_conn_tell(conn, kind, counter, why);
    rd_conn_break(conn);
}

void rd_conn_refuse_without_proxy_header(struct rd_conn *conn, const char *why) {
    refuse(conn, RD_EVENT_NO_PROXY_HEADER, &conn->loop->counters.proxy_missing, why);
}

void rd_conn_refuse_proxy_header(struct rd_conn *conn) {
    refuse(conn, RD_EVENT_PROXY_HEADER, &conn->loop->counters.proxy_unexpected, NULL);
}

/* From now on the connection is that peer's. */
static bool take_peer(struct rd_conn *conn, const struct sockaddr_storage *peer) {
    struct rd_loop *loop = conn->loop;
    struct rd_kept_address old = conn->peer, new = rd_kept_address_of(peer);
    if (!new.word) return false;
    rd_lock_acquire(&loop->connections_lock);
    conn->peer = new;
    rd_lock_release(&loop->connections_lock);
    rd_clients_count_address(conn, old);
    rd_kept_address_drop(old);
    return true;
}

/* What the listener could not ask for one who comes by way of a proxy. */
static bool is_admitted(struct rd_conn *conn, const struct sockaddr_storage *peer) {
    const struct rd_settings *settings = conn->loop->settings;
    if (!rd_setting(settings, RD_SET_PROTECTED_MODE) || rd_setting(settings, RD_SET_AUTH_REQUIRED)) return true;
    if (rd_address_is_loopback(peer)) return true;
    refuse(conn, RD_EVENT_CONNECTION_REJECTED, &conn->loop->counters.rejected_protected,
           "protected mode: no password is set and the peer is not local");
    return false;
}

static bool keep(struct rd_conn *conn, const char *bytes, size_t length) {
    if (!conn->input && !(conn->input = rd_input_new())) return false;
    return rd_input_append(conn->input, bytes, length) == RD_OK;
}

bool rd_conn_read_proxy_header(struct rd_conn *conn) {
    char bytes[RD_PROXY_MOST];
    size_t kept = conn->input ? conn->input->length : 0;
    if (kept) memcpy(bytes, conn->input->bytes, kept);
    /* Looked at first: not one byte of what comes behind the header may be taken out of the socket. */
    ssize_t count = recv(conn->fd, bytes + kept, sizeof bytes - kept, MSG_PEEK);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (conn->loop->drain_until) conn->closing = true;
        return false;
    }
    if (count <= 0) {
        rd_conn_break(conn);
        return false;
    }
    struct rd_proxy_header header;
    enum rd_proxy_result result = rd_proxy_header_read(bytes, kept + (size_t)count, &header);
    if (result == RD_PROXY_NONE || (result == RD_PROXY_MORE && kept + (size_t)count == sizeof bytes)) {
        rd_conn_refuse_without_proxy_header(conn, NULL);
        return false;
    }
    size_t taken = result == RD_PROXY_HEADER ? header.length - kept : (size_t)count;
    bool fine = recv(conn->fd, bytes + kept, taken, 0) == (ssize_t)taken;
    if (fine && result == RD_PROXY_MORE) fine = keep(conn, bytes + kept, taken);
    if (fine && header.has_peer) fine = take_peer(conn, &header.peer);
    if (!fine) rd_conn_break(conn);
    if (!fine || result == RD_PROXY_MORE) return false;
    rd_input_free(conn->input);
    conn->input = NULL;
    conn->awaits_proxy = false;
    return !header.has_peer || is_admitted(conn, &header.peer);
}
