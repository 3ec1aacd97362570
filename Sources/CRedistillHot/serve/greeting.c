/* This file owns first bytes that are no request. */
#include "serve/greeting.h"

#include "connection/conn.h"
#include "resp/proxy_header.h"
#include "serve/conn_proxy.h"

/*
 * Of the first bytes of a connection: is this a PROXY header, which would have its answer read as somebody else's, or
 * may it become one? Then it is kept like any unfinished request.
 */
static bool refuse_proxy(struct rd_conn *conn, const char *bytes, size_t length) {
    if (rd_counter_get(&conn->bytes_in) != length) return false;
    switch (rd_proxy_header_begins(bytes, length)) {
    case RD_PROXY_NONE: return false;
    case RD_PROXY_HEADER: rd_conn_refuse_proxy_header(conn); return true;
    case RD_PROXY_MORE: break;
    }
    if (!(conn->input = rd_input_keep(bytes, length))) rd_conn_break(conn);
    return true;
}

/* A client was told to speak TLS, and this port does not: a hello is not worth an answer that it can't read. */
static bool refuse_tls(struct rd_conn *conn, const char *bytes, size_t length) {
    if (length < 2 || bytes[0] != 0x16 || bytes[1] != 0x03 || conn->commands > 0 || conn->tls) return false;
    rd_conn_tell(conn, RD_EVENT_TLS_ON_PLAIN, &conn->loop->counters.tls_on_plain, NULL);
    rd_conn_break(conn);
    return true;
}

bool rd_greeting_takes(struct rd_conn *conn, const char *bytes, size_t length) {
    return refuse_tls(conn, bytes, length) || refuse_proxy(conn, bytes, length);
}

static void tell_handshake_failure(struct rd_conn *conn) {
    struct rd_counters *counters = &conn->loop->counters;
    if (conn->tls_is_plain) {
        rd_conn_tell(conn, RD_EVENT_PLAIN_ON_TLS, &counters->plain_on_tls, NULL);
        return;
    }
    if (!conn->tls_greeted) {
        rd_conn_tell(conn, RD_EVENT_TLS_NOT_BEGUN, &counters->tls_not_begun, NULL);
        return;
    }
    char reason[128];
    rd_transport_tls_reason(reason, sizeof reason);
    rd_conn_tell(conn, RD_EVENT_TLS_FAILED, &counters->tls_failures, reason);
}

void rd_greeting_end(struct rd_conn *conn) {
    if (conn->proxy_came) rd_conn_refuse_proxy_header(conn);
    else if (conn->tls_handshaking) tell_handshake_failure(conn);
}
