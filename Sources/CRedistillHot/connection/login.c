/* This file owns logging in and out. */
#include "connection/login.h"

void rd_conn_note_rights(struct rd_conn *conn) {
    bool is_as_usual = !conn->loop->cluster && !rd_shared_is_loading(conn->loop->shared);
    conn->may_all = is_as_usual && conn->authenticated && !rd_conn_user(conn);
}

enum rd_status rd_conn_log_in(struct rd_conn *conn, struct rd_user *user) {
    enum rd_status status = rd_client_set_user(conn, user);
    if (status != RD_OK) return status;
    conn->authenticated = true;
    rd_conn_note_rights(conn);
    rd_clients_note(conn);
    return RD_OK;
}

void rd_conn_log_out(struct rd_conn *conn) {
    (void)rd_client_set_user(conn, NULL); /* which needs no memory */
    conn->authenticated = rd_setting(conn->loop->settings, RD_SET_AUTH_REQUIRED) == 0;
    rd_conn_note_rights(conn);
}
