/* This file owns logging in and out. */
#include "connection/login.h"

/* Then each of its commands is asked about, until one finds that it is over (serve/dispatch.c). */
static bool is_loading(const struct rd_conn *conn) {
    return atomic_load_explicit(&conn->loop->shared->loading, memory_order_relaxed);
}

enum rd_status rd_conn_log_in(struct rd_conn *conn, struct rd_user *user) {
    enum rd_status status = rd_client_set_user(conn, user);
    if (status != RD_OK) return status;
    conn->authenticated = true;
    conn->may_all = user == NULL && !is_loading(conn) && !conn->loop->cluster;
    rd_clients_note(conn);
    return RD_OK;
}

void rd_conn_log_out(struct rd_conn *conn) {
    (void)rd_client_set_user(conn, NULL); /* which needs no memory */
    conn->authenticated = rd_setting(conn->loop->settings, RD_SET_AUTH_REQUIRED) == 0;
    conn->may_all = conn->authenticated && !is_loading(conn) && !conn->loop->cluster;
}
