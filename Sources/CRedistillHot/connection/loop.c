/* This file owns the queue, the clocks and the list of a loop. */
#include "connection/loop.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/wake.h"
#include "connection/conn.h"

void rd_loop_read_clock(struct rd_loop *loop) {
    if (loop->clock_is_fresh) return;
    loop->now_ms = rd_unix_ms();
    loop->monotonic_ms = rd_monotonic_ms();
    loop->clock_is_fresh = true;
}

enum rd_status rd_loop_reserve_queue(struct rd_loop *loop) {
    /* In one turn each may be served, and then be queued for the next. */
    uint32_t wanted = 2 * atomic_load_explicit(&loop->connection_count, memory_order_relaxed);
    if (wanted <= loop->ready_capacity) return RD_OK;
    uint32_t capacity = loop->ready_capacity ? loop->ready_capacity : 64;
    while (capacity < wanted) capacity *= 2;
    struct rd_conn **ready = realloc(loop->ready, capacity * sizeof *ready);
    if (!ready) return RD_ERR_NO_MEMORY;
    loop->ready = ready;
    loop->ready_capacity = capacity;
    return RD_OK;
}

void rd_loop_queue(struct rd_loop *loop, struct rd_conn *conn) {
    if (conn->queued) return;
    loop->ready[loop->ready_count++] = conn;
    conn->queued = true;
}

void rd_loop_unqueue(struct rd_loop *loop, struct rd_conn *conn) {
    for (uint32_t i = 0; i < loop->ready_count; i++) {
        if (loop->ready[i] == conn) loop->ready[i] = NULL;
    }
    conn->queued = false;
}

void rd_loop_link(struct rd_loop *loop, struct rd_conn *conn) {
    conn->next = loop->connections;
    if (conn->next) conn->next->previous = conn;
    loop->connections = conn;
}

void rd_loop_unlink(struct rd_loop *loop, struct rd_conn *conn) {
    if (conn->next) conn->next->previous = conn->previous;
    if (conn->previous) conn->previous->next = conn->next;
    else loop->connections = conn->next;
    for (struct rd_visit *visit = loop->visits; visit; visit = visit->next) {
        if (visit->at == conn) visit->at = conn->next;
    }
}

void rd_loop_wake(struct rd_loop *loop) {
    rd_wake(loop->wake_fd);
}
