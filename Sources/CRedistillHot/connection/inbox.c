/* This file owns handing sockets over. */
#include "connection/inbox.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "connection/conn.h"

static bool make_room(struct rd_inbox *inbox) {
    if (inbox->count < inbox->capacity) return true;
    uint32_t capacity = inbox->capacity ? inbox->capacity * 2 : 16;
    struct rd_handover *handovers = realloc(inbox->handovers, capacity * sizeof *handovers);
    if (!handovers) return false;
    inbox->handovers = handovers;
    inbox->capacity = capacity;
    return true;
}

void rd_inbox_hand_over(struct rd_loop *loop, struct rd_handover handover) {
    struct rd_shared *shared = loop->shared;
    struct rd_inbox *inbox = &loop->inbox;
    handover.id = atomic_fetch_add_explicit(&shared->next_connection_id, 1, memory_order_relaxed) + 1;
    handover.created_ms = rd_monotonic_ms();
    rd_lock_acquire(&inbox->lock);
    if (!make_room(inbox)) {
        rd_lock_release(&inbox->lock);
        close(handover.fd);
        rd_kept_address_drop(handover.peer);
        if (handover.tls) atomic_fetch_sub(&shared->handshakes, 1);
        return;
    }
    inbox->handovers[inbox->count++] = handover;
    atomic_fetch_add_explicit(&loop->connection_count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&loop->living_count, 1, memory_order_relaxed);
    rd_lock_release(&inbox->lock);
    rd_loop_wake(loop);
}

void rd_inbox_ask(struct rd_loop *loop, enum rd_wish wish) {
    rd_lock_acquire(&loop->inbox.lock);
    loop->inbox.wishes |= (uint8_t)wish;
    rd_lock_release(&loop->inbox.lock);
    rd_loop_wake(loop);
}

bool rd_inbox_peek(struct rd_loop *loop, struct rd_handover *handover) {
    struct rd_inbox *inbox = &loop->inbox;
    rd_lock_acquire(&inbox->lock);
    bool any = inbox->taken < inbox->count;
    if (any) {
        *handover = inbox->handovers[inbox->taken];
    } else {
        free(inbox->handovers);
        inbox->handovers = NULL;
        inbox->taken = inbox->count = inbox->capacity = 0;
    }
    rd_lock_release(&inbox->lock);
    return any;
}

bool rd_inbox_settle(struct rd_loop *loop, struct rd_conn *conn) {
    struct rd_inbox *inbox = &loop->inbox;
    rd_lock_acquire(&inbox->lock);
    rd_lock_acquire(&loop->connections_lock);
    bool kill = inbox->handovers[inbox->taken++].kill;
    if (conn) {
        atomic_store_explicit(&conn->kill, kill, memory_order_relaxed);
        rd_loop_link(loop, conn);
    } else {
        if (!kill) atomic_fetch_sub_explicit(&loop->living_count, 1, memory_order_relaxed);
        atomic_fetch_sub_explicit(&loop->connection_count, 1, memory_order_release);
    }
    rd_lock_release(&loop->connections_lock);
    rd_lock_release(&inbox->lock);
    return kill;
}

uint8_t rd_inbox_wishes(struct rd_loop *loop) {
    struct rd_inbox *inbox = &loop->inbox;
    rd_lock_acquire(&inbox->lock);
    uint8_t wishes = inbox->wishes;
    inbox->wishes &= RD_STOP;
    rd_lock_release(&inbox->lock);
    return wishes;
}

void rd_inbox_destroy(struct rd_inbox *inbox) {
    for (uint32_t i = inbox->taken; i < inbox->count; i++) {
        close(inbox->handovers[i].fd);
        rd_kept_address_drop(inbox->handovers[i].peer);
    }
    free(inbox->handovers);
    memset(inbox, 0, sizeof *inbox);
}
