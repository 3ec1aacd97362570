/*
 * This file owns accepting: a thread of its own that binds, listens, admits, and hands each socket to the worker with
 * the fewest connections. It serves none itself.
 */
#ifndef RD_LISTENER_H
#define RD_LISTENER_H

#include "base/counters.h"
#include "redistill_hot.h"

struct rd_server;
struct rd_listener;

/* Binds every endpoint of the server. *error says which one failed. */
RD_MUST_USE enum rd_status rd_listener_open(struct rd_server *server, struct rd_listener **listener,
                                            struct rd_error *error);
RD_MUST_USE enum rd_status rd_listener_start(struct rd_listener *listener);
/* Stops accepting and ends the thread. The sockets are closed. Once. */
void rd_listener_stop(struct rd_listener *listener);
void rd_listener_free(struct rd_listener *listener);

/* Before it stops: another descriptor of each endpoint's socket, -1 where there is none. Files of Unix sockets stay. */
void rd_listener_lend(struct rd_listener *listener, int *descriptors);

/*
 * Any thread: accepts whoever waits, so that a client whose connect() has returned is there for what is asked next.
 */
void rd_listener_catch_up(struct rd_listener *listener);

/*
 * Any thread: what the settings say of TCP holds for connections that come from now on. It is set on the listening
 * sockets, whose options Linux copies to those that are accepted (tcp(7)), so that connecting costs no call for it.
 */
void rd_listener_set_options(struct rd_listener *listener);

uint16_t rd_listener_port(const struct rd_listener *listener, size_t endpoint);
struct rd_counters *rd_listener_counters(struct rd_listener *listener);

#endif
