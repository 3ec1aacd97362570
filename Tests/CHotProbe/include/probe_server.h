/* This file owns what tests see of a server beyond its public header. */
#ifndef PROBE_SERVER_H
#define PROBE_SERVER_H

#include "redistill_hot.h"

/* Between these the workers wait, each between two commands. */
void probe_server_hold(struct rd_server *server);
void probe_server_release(struct rd_server *server);

/* It is the first node of a cluster of two, 192.0.2.1:1 and :2, one of which (0, 1) has all slots. Its map is another from now on. */
enum rd_status probe_server_set_owner(struct rd_server *server, uint16_t owner);

/* Walks the store of a running server, whose workers wait meanwhile. */
bool probe_server_check(struct rd_server *server);
/* A value in the store as a number, -1 without the key or when it is none. */
int64_t probe_server_counter(struct rd_server *server, struct rd_slice key);

/* Monotonic ms of one worker's last tick. */
int64_t probe_worker_tick_ms(const struct rd_server *server, uint32_t worker);
/* Processor time of one worker so far. */
int64_t probe_worker_us(const struct rd_server *server, uint32_t worker);
/* Connections of one worker. */
uint32_t probe_worker_connections(const struct rd_server *server, uint32_t worker);
/* Sockets of this process that are connected and whose own port is this one: the server's ends. */
size_t probe_connected_sockets(uint16_t port);
/* Of the first worker's newest connection, which must not come or go meanwhile; -1: there is none. */
int probe_newest_socket_option(const struct rd_server *server, int level, int option);

#endif
