/* This file owns the server: what its threads share, their creation and their end. */
#ifndef RD_SERVER_H
#define RD_SERVER_H

#include "base/crash.h"
#include "call/index.h"
#include "call/control.h"
#include "connection/loop.h"
#include "connection/tls_context.h"
#include "memory/feeder.h"
#include "observe/observer.h"
#include "redistill_hot.h"
#include "serve/measure.h"
#include "serve/worker.h"
#include "snapshot/snapshots.h"
#include "store/store.h"

struct rd_listener;
struct rd_http;

enum rd_server_state {
    RD_SERVER_CREATED,
    RD_SERVER_RUNNING,
    RD_SERVER_DRAINING,
};

struct rd_server {
    /* Immutable after creation. */
    struct rd_callbacks callbacks;
    struct rd_endpoint *endpoints; /* strings owned */
    size_t endpoint_count;
    uint32_t worker_count;
    uint32_t listen_backlog;
    bool http_enabled;
    char *http_address;            /* owned */
    uint16_t http_port;
    struct rd_crash_tail crash_tail;
    struct rd_command_index commands;
    struct rd_control control;
    struct rd_worker_setup setup;

    struct rd_shared shared;
    struct rd_store store;
    struct rd_observers observers;
    struct rd_worker *workers;     /* owned, as what follows */
    struct rd_listener *listener;
    struct rd_http *http;
    struct rd_feeder feeder;
    struct rd_measure measure;
    struct rd_tls_context tls;
    struct rd_snapshots snapshots;  /* its path is NULL: there are none */

    _Atomic uint64_t peak_memory;
    uint64_t initial_memory;       /* used at the start; immutable from then on */
    _Atomic int state;             /* enum rd_server_state */
};

/* Fills in what handlers ask of the server. */
void rd_server_fill_control(struct rd_server *server);

/* Lets the report of a crash end with the workers' last commands. */
void rd_server_tell_crash(struct rd_server *server);

/* Connections of all workers. */
uint32_t rd_server_connections(const struct rd_server *server);

#endif
