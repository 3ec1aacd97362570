/* This file owns the names that clients give themselves, and how a connection is described to a person. */
#ifndef RD_CMD_CLIENT_H
#define RD_CMD_CLIENT_H

#include "connection/conn.h"

enum rd_client_field {
    RD_CLIENT_NAME,
    RD_CLIENT_LIBRARY,
    RD_CLIENT_LIBRARY_VERSION,
};

/* Printable, without spaces: the list's format would break otherwise. */
bool rd_client_name_is_valid(struct rd_slice name);

/* On the connection's worker. Empty takes the field away. */
RD_MUST_USE enum rd_status rd_client_set_name(struct rd_conn *conn, enum rd_client_field field, struct rd_slice text);

#endif
