/*
 * This file owns one connection of the HTTP port: one request, one answer, and its end. All of it runs on the HTTP
 * thread.
 */
#ifndef RD_HTTP_CONN_H
#define RD_HTTP_CONN_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "redistill_hot.h"

struct rd_http;

/* The longest head of a request, by a byte. Health checks and scrapes are small; what is larger is no friend. */
#define RD_HTTP_HEAD_ROOM 8192

struct rd_http_conn {
    struct rd_http *http;
    struct rd_http_conn *next, *previous; /* of the server's list, the oldest first */
    struct event event;                   /* waits for bytes, or for room */
    struct event deadline;                /* of all that there is to do */
    int fd;
    bool answered;                        /* what still comes is thrown away */
    struct evbuffer *output;              /* the answer; NULL before */
    size_t length;                        /* read so far */
    char head[RD_HTTP_HEAD_ROOM];
};

/* Takes over the socket; closes it when memory is out. */
void rd_http_conn_open(struct rd_http *http, int fd);
void rd_http_conn_close(struct rd_http_conn *conn);

#endif
