/*
 * This file owns the slowing of password guesses. Each attempt is checked at once, so that a right password waits for
 * nobody; a wrong one is answered late, and until then its connection is held: nothing more is read from it. So a guess
 * costs whoever guesses a connection, and a worker nothing. How many connections may be held at once is bounded, for
 * each address and in all; beyond, a wrong attempt is answered and its connection closed.
 */
#ifndef RD_AUTH_GUARD_H
#define RD_AUTH_GUARD_H

#include "base/address_table.h"
#include "base/lock.h"

struct rd_conn;

/* Wrong passwords that an address has free; they are forgotten this long after the last one. */
#define RD_AUTH_FREE_FAILURES 10
#define RD_AUTH_MEMORY_MS 60000
/* The delay doubles after as many more wrong ones again, this often. */
#define RD_AUTH_DOUBLINGS 2
/* Connections held at once: in all, and of one address. */
#define RD_AUTH_HELD_MAX 1024
#define RD_AUTH_HELD_PER_ADDRESS 256

/* A wrong attempt whose answer is due later. Fixed while it is held, so that its connection's worker reads it freely. */
struct rd_auth_hold {
    uint64_t key;     /* of the address */
    int64_t until_ms; /* monotonic */
    uint16_t next;    /* the next free one's number, 0 for none */
};

struct rd_auth_guard {
    struct rd_lock lock;             /* guards everything here but what a hold says; a leaf */
    struct rd_address_table *table;
    uint32_t held;
    uint16_t free;                   /* number of the first free hold, 0 for none */
    struct rd_auth_hold holds[RD_AUTH_HELD_MAX]; /* number n is holds[n - 1] */
};

RD_MUST_USE enum rd_status rd_auth_guard_init(struct rd_auth_guard *guard);
void rd_auth_guard_destroy(struct rd_auth_guard *guard);

/* What becomes of the connection that a wrong password came from. */
enum rd_auth_verdict {
    RD_AUTH_ANSWER, /* it is answered now and goes on */
    RD_AUTH_HOLD,   /* *number is its hold's, to be given back by rd_auth_guard_release */
    RD_AUTH_CLOSE,  /* as many as may be are held already: answered now, then closed if nobody has let it in before */
};
/* delay_ms is the first delay, 0 for none; `most` connections may be served at once. */
enum rd_auth_verdict rd_auth_guard_failed(struct rd_auth_guard *guard, const struct rd_conn *conn, int64_t now_ms,
                                          int64_t delay_ms, int64_t most, uint16_t *number);
void rd_auth_guard_release(struct rd_auth_guard *guard, uint16_t number);

/* Whether the hold's time is over. Its connection's worker asks. */
static inline bool rd_auth_hold_is_over(const struct rd_auth_guard *guard, uint16_t number, int64_t now_ms) {
    return guard->holds[number - 1].until_ms <= now_ms;
}

#endif
