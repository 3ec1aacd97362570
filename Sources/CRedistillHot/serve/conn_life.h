/* This file owns a connection's beginning and end on its worker. */
#ifndef RD_CONN_LIFE_H
#define RD_CONN_LIFE_H

#include "connection/conn.h"

/* Takes over the socket. NULL when memory is out (the socket is still the caller's). Then the worker links it. */
struct rd_conn *rd_conn_open(struct rd_loop *loop, const struct rd_handover *handover, void *ssl_ctx);
/* Frees everything and closes the socket. Never while its commands are in a batch. */
void rd_conn_close(struct rd_conn *conn);

/* May it be closed now without taking replies back? Otherwise it is asked again by the tick. */
bool rd_conn_is_done(struct rd_conn *conn);

#endif
