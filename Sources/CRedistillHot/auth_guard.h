/*
 * This file owns the slowing of password guesses: after a few wrong ones from an address, the attempts from there take
 * turns, one in RD_SET_AUTH_FAILURE_DELAY. An attempt waits with its connection suspended, so that no worker does.
 */
#ifndef RD_AUTH_GUARD_H
#define RD_AUTH_GUARD_H

#include "address_table.h"
#include "lock.h"

struct rd_conn;

/* Wrong passwords that an address has free; they are forgotten this long after the last one. */
#define RD_AUTH_FREE_FAILURES 10
#define RD_AUTH_MEMORY_MS 60000
/* An attempt whose turn would come later than this is refused at once. */
#define RD_AUTH_LONGEST_WAIT_MS 10000

struct rd_auth_guard {
    struct rd_lock lock;             /* guards the table; a leaf */
    struct rd_address_table *table;
    _Atomic int64_t last_failure_ms; /* 0: never; nobody is slowed long after it, and the table is not looked at */
};

RD_MUST_USE enum rd_status rd_auth_guard_init(struct rd_auth_guard *guard);
void rd_auth_guard_destroy(struct rd_auth_guard *guard);

/* A wrong password came from the connection's peer. */
void rd_auth_guard_failed(struct rd_auth_guard *guard, const struct rd_conn *conn, int64_t now_ms);
/* Milliseconds that an attempt of this peer has to wait, and takes its turn; 0: go on, -1: too many wait already. */
int64_t rd_auth_guard_wait(struct rd_auth_guard *guard, const struct rd_conn *conn, int64_t now_ms, int64_t delay_ms);

#endif
