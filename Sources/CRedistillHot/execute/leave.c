/* This file owns the order in which a connection leaves. */
#include "execute/leave.h"

#include "execute/transaction.h"
#include "connection/conn.h"
#include "observe/monitor.h"
#include "observe/tracking.h"

bool rd_conn_may_leave(const struct rd_conn *conn) {
    if (conn->awaits_call) return false;
    return !rd_store_is_busy(conn->loop->store) || (!conn->tracker && (!conn->transaction || conn->watches == 0));
}

void rd_conn_leave(struct rd_conn *conn) {
    struct rd_loop *loop = conn->loop;
    if (conn->left) return;
    rd_monitor_end(conn);
    rd_tracking_end(conn, false);
    rd_transaction_end(conn);
    rd_lock_acquire(&loop->connections_lock);
    conn->left = true;
    if (!atomic_load_explicit(&conn->kill, memory_order_relaxed)) {
        atomic_fetch_sub_explicit(&loop->living_count, 1, memory_order_release);
    }
    rd_lock_release(&loop->connections_lock);
    rd_tracking_lose(conn);
}
