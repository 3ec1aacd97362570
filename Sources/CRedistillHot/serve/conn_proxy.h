/* This file owns what a connection does with a PROXY protocol header: where one is awaited, and where none is. */
#ifndef RD_CONN_PROXY_H
#define RD_CONN_PROXY_H

#include "connection/conn.h"

/* Reads the header that the connection awaits. False: it is not here yet, or the connection ends. */
RD_MUST_USE bool rd_conn_read_proxy_header(struct rd_conn *conn);

/* For want of one, or because one came where none is expected: without an answer, counted and told. */
void rd_conn_refuse_without_proxy_header(struct rd_conn *conn, const char *why);
void rd_conn_refuse_proxy_header(struct rd_conn *conn);

#endif
