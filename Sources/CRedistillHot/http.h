/*
 * This file owns the HTTP endpoint for health and metrics: libevent's evhttp on a control thread of its own, off the
 * workers. What is answered is decided in Swift.
 */
#ifndef RD_HTTP_H
#define RD_HTTP_H

#include "redistill_hot.h"

struct rd_server;
struct rd_http;

/* Binds the server's HTTP address. */
RD_MUST_USE enum rd_status rd_http_open(struct rd_server *server, struct rd_http **http, struct rd_error *error);
RD_MUST_USE enum rd_status rd_http_start(struct rd_http *http);
/* Ends the thread and closes the socket. NULL is allowed. */
void rd_http_free(struct rd_http *http);
uint16_t rd_http_bound_port(const struct rd_http *http);

#endif
