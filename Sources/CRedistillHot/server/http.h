/*
 * This file owns the HTTP endpoint for health, metrics and the status page: a control thread of its own, off the workers, that accepts
 * and keeps at most so many connections. What is answered is decided in Swift.
 */
#ifndef RD_HTTP_H
#define RD_HTTP_H

#include "base/counters.h"
#include "redistill_hot.h"

struct rd_server;
struct rd_http;
struct rd_http_conn;
struct event_base;

/* Binds the server's HTTP address. */
RD_MUST_USE enum rd_status rd_http_open(struct rd_server *server, struct rd_http **http, struct rd_error *error);
RD_MUST_USE enum rd_status rd_http_start(struct rd_http *http);
/* Ends the thread and closes the socket. NULL is allowed. */
void rd_http_free(struct rd_http *http);
uint16_t rd_http_bound_port(const struct rd_http *http);
struct rd_counters *rd_http_counters(struct rd_http *http);

/* For its connections, on its thread. */
struct event_base *rd_http_base(struct rd_http *http);
void rd_http_link(struct rd_http_conn *conn);
void rd_http_unlink(struct rd_http_conn *conn);
void rd_http_ask(struct rd_http *http, const struct rd_http_request *request, struct rd_http_answer *answer);
void rd_http_note_timeout(struct rd_http *http);

#endif
