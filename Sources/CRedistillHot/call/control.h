/*
 * This file owns what handlers ask of the server around them, and of the control plane behind it: the one way up, as a
 * table that the server fills in. Several threads may use it at once.
 */
#ifndef RD_CONTROL_H
#define RD_CONTROL_H

#include "redistill_hot.h"

struct rd_command_index;

struct rd_control {
    const struct rd_callbacks *callbacks;    /* the control plane's own; each slot may be NULL */
    const struct rd_command_index *commands; /* what COMMAND tells of */
    struct rd_server *server;                /* what the slots below are called with */
    /* Accepts whoever waits, so that a client whose connect() has returned is there for what is asked next. */
    void (*catch_up)(struct rd_server *server);
    /* Sums what all threads have counted; some microseconds for each of them. */
    void (*statistics)(const struct rd_server *server, struct rd_statistics *statistics);
    /* Of the command of that number, with RD_LATENCY_BUCKETS places at `latency`; false when there is none. */
    bool (*command_statistics)(const struct rd_server *server, size_t number, struct rd_command_statistics *statistics,
                               uint64_t *latency);
    /* CONFIG RESETSTAT. Needs no lock, and loses what is counted meanwhile. */
    void (*reset_statistics)(struct rd_server *server);
    /* Has what the heap holds free given back, soon, by another thread. */
    void (*purge)(struct rd_server *server);
};

#endif
