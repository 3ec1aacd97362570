/* This file owns how a connection is shown by CLIENT LIST and CLIENT INFO. */
#ifndef RD_CLIENT_LINE_H
#define RD_CLIENT_LINE_H

#include "call/command.h"
#include "connection/conn.h"

/*
 * Appends the connection's line. With the connections lock of its worker held; all else that is read of it is atomic,
 * and written where it changes, not with each command. `call` is the one that asks.
 */
void rd_client_line(struct rd_reply *text, const struct rd_conn *conn, const struct rd_call *call, int64_t now_ms);

#endif
