/* This file owns walking the connections of a loop, and of them all, from any thread. */
#include "connection/conn.h"
#include "connection/loop.h"

/* Connections shown to a visitor under one hold of the lock: each costs some microseconds when it is described. */
#define VISIT_STEP 32

/* Shows a connection to the visitor; true when it is killed now and was not before. */
static bool show(struct rd_loop *loop, struct rd_conn *conn, void (*visit)(void *, struct rd_conn *), void *context) {
    if (conn->left || atomic_load_explicit(&conn->kill, memory_order_relaxed)) return false;
    visit(context, conn);
    if (!atomic_load_explicit(&conn->kill, memory_order_relaxed)) return false;
    atomic_fetch_sub_explicit(&loop->living_count, 1, memory_order_relaxed);
    return true;
}

/* Those on their way from the listener. With the inbox and the connections lock held. */
static bool visit_inbox(struct rd_loop *loop, void (*visit)(void *context, struct rd_conn *conn), void *context) {
    struct rd_inbox *inbox = &loop->inbox;
    bool killed = false;
    for (uint32_t i = inbox->taken; i < inbox->count; i++) {
        struct rd_handover *handover = &inbox->handovers[i];
        struct rd_conn conn = {.loop = loop, .fd = handover->fd, .id = handover->id, .kill = handover->kill,
                               .created_ms = handover->created_ms, .active_ms = handover->created_ms, .protocol = 2,
                               .queued_commands = -1, .unix_socket = handover->unix_socket, .peer = handover->peer};
        handover->kill |= show(loop, &conn, visit, context);
        killed |= handover->kill;
    }
    return killed;
}

/*
 * The inbox first, and the list from where it begins then: whoever moves from one to the other meanwhile comes in front
 * of that, so that each is seen once, though the lock is given back now and then for the loop and for others.
 */
static void visit_loop(struct rd_loop *loop, void (*visit)(void *context, struct rd_conn *conn), void *context) {
    rd_lock_acquire(&loop->inbox.lock);
    rd_lock_acquire(&loop->connections_lock);
    bool killed = visit_inbox(loop, visit, context);
    struct rd_visit cursor = {loop->connections, loop->visits};
    loop->visits = &cursor;
    rd_lock_release(&loop->inbox.lock);
    for (uint32_t visited = 1; cursor.at; visited++) {
        struct rd_conn *conn = cursor.at;
        cursor.at = conn->next;
        killed |= show(loop, conn, visit, context);
        if (visited % VISIT_STEP != 0) continue;
        rd_lock_release(&loop->connections_lock);
        rd_lock_acquire(&loop->connections_lock);
    }
    struct rd_visit **place = &loop->visits;
    while (*place != &cursor) place = &(*place)->next;
    *place = cursor.next;
    rd_lock_release(&loop->connections_lock);
    if (killed) rd_inbox_ask(loop, RD_LOOK_AFTER);
}

void rd_shared_visit(struct rd_shared *shared, void (*visit)(void *context, struct rd_conn *conn), void *context) {
    for (struct rd_loop *loop = shared->loops; loop; loop = loop->next) visit_loop(loop, visit, context);
}
