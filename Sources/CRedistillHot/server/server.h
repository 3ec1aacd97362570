/* This file owns the server: what its threads share, their creation and their end. */
#ifndef RD_SERVER_H
#define RD_SERVER_H

#include <pthread.h>

#include "connection/auth_guard.h"
#include "serve/clients.h"
#include "base/clock.h"
#include "call/command.h"
#include "base/counters.h"
#include "base/crash.h"
#include "memory/feeder.h"
#include "observe/latency.h"
#include "observe/monitor.h"
#include "serve/pause.h"
#include "redistill_hot.h"
#include "observe/slowlog.h"
#include "store/store.h"
#include "observe/tracking.h"

struct rd_worker;
struct rd_listener;
struct rd_http;

enum rd_server_state {
    RD_SERVER_CREATED,
    RD_SERVER_RUNNING,
    RD_SERVER_DRAINING,
};

/* When an event of a kind was told last, and how many came since. */
struct rd_told {
    _Atomic int64_t at_ms;
    _Atomic uint64_t untold;
};

struct rd_server {
    /* Immutable after creation. */
    struct rd_callbacks callbacks;
    struct rd_endpoint *endpoints; /* strings owned */
    size_t endpoint_count;
    uint32_t worker_count;
    uint32_t read_buffer_size;
    uint32_t listen_backlog;
    bool pin_workers, http_enabled, owns_process;
    struct rd_crash *crash;        /* borrowed; NULL: crashes are not reported */
    char *http_address;
    uint16_t http_port;
    struct rd_command_index commands;

    struct rd_store store;
    struct rd_worker *workers;
    struct rd_listener *listener;
    struct rd_http *http;
    struct rd_feeder feeder;
    struct rd_clients clients;

    struct rd_slowlog slowlog;
    struct rd_latency latency;
    struct rd_monitors monitors;
    struct rd_trackers trackers;
    struct rd_following following;
    struct rd_pause pause;
    struct rd_auth_guard auth_guard;
    struct rd_told told[RD_EVENT_KINDS];
    _Atomic bool sweeps_not;       /* DEBUG SET-ACTIVE-EXPIRE 0: expired keys wait until they are asked for */
    _Atomic uint32_t handshakes;   /* TLS connections accepted whose handshake is not over */

    _Atomic int64_t settings[RD_SETTING_COUNT];
    _Atomic uint64_t next_connection_id;
    _Atomic uint64_t peak_memory;
    uint64_t initial_memory;       /* used at the start; immutable from then on */
    _Atomic int64_t over_limit_since_ms; /* monotonic; 0 = it is not above its limit */
    _Atomic uint64_t over_limit_ms; /* of the times before */
    _Atomic int state;             /* enum rd_server_state */

    pthread_mutex_t tls_lock;      /* guards tls: replaced by any thread, taken at each accept */
    void *tls;                     /* SSL_CTX; one reference */
};

static inline int64_t rd_setting(const struct rd_server *server, enum rd_setting setting) {
    return atomic_load_explicit(&server->settings[setting], memory_order_relaxed);
}

/* One more reference to the current SSL_CTX, or NULL. */
void *rd_server_tls(struct rd_server *server);
void rd_server_tls_release(void *ssl_ctx);

/* Tells the control plane of an event; strings may be NULL. What is too much for a second is told later. */
void rd_server_tell(struct rd_server *server, enum rd_event_kind kind, const char *peer, const char *detail);
/* The same of so many at once. */
void rd_server_tell_many(struct rd_server *server, enum rd_event_kind kind, const char *peer, const char *detail,
                         uint64_t count);
void rd_server_tell_rest(struct rd_server *server);

int64_t rd_unix_ms(void);

/* Tells the store what the process has resident. One thread at a time. */
void rd_server_measure(struct rd_server *server);

/* Connections of all workers. */
uint32_t rd_server_connections(const struct rd_server *server);

#endif
