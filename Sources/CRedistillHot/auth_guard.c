/* This file owns the turns of password attempts. */
#include "auth_guard.h"

#include <stdlib.h>

#include "conn.h"

enum rd_status rd_auth_guard_init(struct rd_auth_guard *guard) {
    guard->table = rd_address_table_new();
    return guard->table ? RD_OK : RD_ERR_NO_MEMORY;
}

void rd_auth_guard_destroy(struct rd_auth_guard *guard) {
    free(guard->table);
    guard->table = NULL;
}

static uint64_t key_of(const struct rd_auth_guard *guard, const struct rd_conn *conn) {
    struct sockaddr_storage address;
    rd_conn_address(conn, &address);
    return rd_address_key(guard->table, &address);
}

void rd_auth_guard_failed(struct rd_auth_guard *guard, const struct rd_conn *conn, int64_t now_ms) {
    uint64_t key = key_of(guard, conn);
    if (!key) return;
    rd_lock_acquire(&guard->lock);
    struct rd_address *entry = rd_address_find(guard->table, key);
    if (entry && now_ms - entry->seen_ms > RD_AUTH_MEMORY_MS) entry->amount = 0;
    entry = rd_address_take(guard->table, key, now_ms);
    entry->amount++;
    rd_lock_release(&guard->lock);
    atomic_store_explicit(&guard->last_failure_ms, now_ms, memory_order_relaxed);
}

int64_t rd_auth_guard_wait(struct rd_auth_guard *guard, const struct rd_conn *conn, int64_t now_ms, int64_t delay_ms) {
    int64_t last = atomic_load_explicit(&guard->last_failure_ms, memory_order_relaxed);
    if (delay_ms == 0 || last == 0 || now_ms - last > RD_AUTH_MEMORY_MS) return 0;
    uint64_t key = key_of(guard, conn);
    int64_t wait = 0;
    rd_lock_acquire(&guard->lock);
    struct rd_address *entry = key ? rd_address_find(guard->table, key) : NULL;
    if (entry && entry->amount >= RD_AUTH_FREE_FAILURES && now_ms - entry->seen_ms <= RD_AUTH_MEMORY_MS) {
        int64_t turn = entry->at_ms > now_ms ? entry->at_ms : now_ms;
        wait = turn - now_ms;
        if (wait > RD_AUTH_LONGEST_WAIT_MS) wait = -1;
        else entry->at_ms = turn + delay_ms;
    }
    rd_lock_release(&guard->lock);
    return wait;
}
