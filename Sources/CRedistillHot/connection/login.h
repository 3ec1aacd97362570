/* This file owns who a connection is: nobody yet, default, or one of the users. On the connection's thread. */
#ifndef RD_LOGIN_H
#define RD_LOGIN_H

#include "connection/conn.h"
#include "connection/user.h"

/* It is this user from now on, whose reference changes hands; NULL: default. RD_ERR_NO_MEMORY changes nothing, that either. */
RD_MUST_USE enum rd_status rd_conn_log_in(struct rd_conn *conn, struct rd_user *user);
/* As at its beginning: default where there is no password, else nobody yet. */
void rd_conn_log_out(struct rd_conn *conn);

/* Whether each of its commands may run unasked: in a cluster never, during the loading not until one finds that it is over. */
void rd_conn_note_rights(struct rd_conn *conn);

/* NULL: default, or nobody yet. Other threads: with the connections lock held. */
static inline const struct rd_user *rd_conn_user(const struct rd_conn *conn) {
    return conn->info ? conn->info->user : NULL;
}

/* A reload has taken the user away, or changed what it may do: nothing more is to be done for it. */
static inline bool rd_conn_user_is_gone(const struct rd_conn *conn) {
    const struct rd_user *user = rd_conn_user(conn);
    return user && atomic_load_explicit(&user->gone, memory_order_relaxed);
}

static inline const char *rd_conn_user_name(const struct rd_conn *conn) {
    const struct rd_user *user = rd_conn_user(conn);
    return user ? user->name : "default";
}

#endif
