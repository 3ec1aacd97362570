/* This file owns the names that clients give themselves, and who they have logged in as. */
#ifndef RD_CLIENT_INFO_H
#define RD_CLIENT_INFO_H

#include "redistill_hot.h"

struct rd_conn;
struct rd_user;

/* What few connections have. Guarded by the connections lock of the connection's loop. */
struct rd_client_info {
    char *name, *library, *library_version; /* NULL when not set */
    struct rd_user *user; /* a reference; NULL: default, as without an info */
    uint64_t bytes; /* that all this takes */
};

enum rd_client_field {
    RD_CLIENT_NAME,
    RD_CLIENT_LIBRARY,
    RD_CLIENT_LIBRARY_VERSION,
};

/* Printable, without spaces: the list's format would break otherwise. */
bool rd_client_name_is_valid(struct rd_slice name);

/* On the connection's thread. Empty takes the field away. */
RD_MUST_USE enum rd_status rd_client_set_name(struct rd_conn *conn, enum rd_client_field field, struct rd_slice text);

/* On the connection's thread: takes over a reference, NULL for default, unless memory is out. */
RD_MUST_USE enum rd_status rd_client_set_user(struct rd_conn *conn, struct rd_user *user);

/* NULL is allowed. */
void rd_client_info_free(struct rd_client_info *info);

#endif
