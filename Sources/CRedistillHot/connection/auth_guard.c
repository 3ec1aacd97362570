/* This file owns the delays of wrong password attempts. */
#include "connection/auth_guard.h"

#include <stdlib.h>

#include "connection/conn.h"

/* No address has this key: they are odd. */
#define UNIX_SOCKET_KEY 2

enum rd_status rd_auth_guard_init(struct rd_auth_guard *guard) {
    guard->table = rd_address_table_new();
    for (uint16_t i = 0; i < RD_AUTH_HELD_MAX; i++) guard->holds[i].next = (uint16_t)((i + 2) % (RD_AUTH_HELD_MAX + 1));
    guard->free = 1;
    return guard->table ? RD_OK : RD_ERR_NO_MEMORY;
}

void rd_auth_guard_destroy(struct rd_auth_guard *guard) {
    free(guard->table);
    guard->table = NULL;
}

/* Who comes over a Unix socket, or is gone already, counts as one address. */
static uint64_t key_of(const struct rd_auth_guard *guard, const struct rd_conn *conn) {
    struct sockaddr_storage address;
    rd_conn_address(conn, &address);
    uint64_t key = rd_address_key(guard->table, &address);
    return key ? key : UNIX_SOCKET_KEY;
}

/* How long the answer to the address's next wrong attempt takes, after `failures` of them. */
static int64_t delay_after(int64_t failures, int64_t delay_ms) {
    if (failures <= RD_AUTH_FREE_FAILURES) return 0;
    int64_t doublings = (failures - 1) / RD_AUTH_FREE_FAILURES - 1;
    return delay_ms << (doublings < RD_AUTH_DOUBLINGS ? doublings : RD_AUTH_DOUBLINGS);
}

/* With few connections allowed, those that are held must leave room for the others. */
static uint32_t share(uint32_t most_held, int64_t connections, int64_t part) {
    if (connections == 0 || connections / part >= most_held) return most_held;
    return connections > part ? (uint32_t)(connections / part) : 1;
}

static uint16_t take_hold(struct rd_auth_guard *guard, uint64_t key, int64_t until_ms) {
    uint16_t number = guard->free;
    struct rd_auth_hold *hold = &guard->holds[number - 1];
    guard->free = hold->next;
    guard->held++;
    *hold = (struct rd_auth_hold){.key = key, .until_ms = until_ms};
    return number;
}

enum rd_auth_verdict rd_auth_guard_failed(struct rd_auth_guard *guard, const struct rd_conn *conn, int64_t now_ms,
                                          int64_t delay_ms, int64_t most, uint16_t *number) {
    uint64_t key = key_of(guard, conn);
    enum rd_auth_verdict verdict = RD_AUTH_ANSWER;
    rd_lock_acquire(&guard->lock);
    struct rd_address *entry = rd_address_find(guard->table, key);
    if (entry && now_ms - entry->seen_ms > RD_AUTH_MEMORY_MS) entry->amount = 0;
    entry = rd_address_take(guard->table, key, now_ms);
    int64_t delay = delay_after(++entry->amount, delay_ms);
    if (delay) {
        bool has_room = guard->free && guard->held < share(RD_AUTH_HELD_MAX, most, 4) &&
                        entry->held < share(RD_AUTH_HELD_PER_ADDRESS, most, 8);
        verdict = has_room ? RD_AUTH_HOLD : RD_AUTH_CLOSE;
        if (has_room) {
            entry->held++;
            *number = take_hold(guard, key, now_ms + delay);
        }
    }
    rd_lock_release(&guard->lock);
    return verdict;
}

void rd_auth_guard_release(struct rd_auth_guard *guard, uint16_t number) {
    struct rd_auth_hold *hold = &guard->holds[number - 1];
    rd_lock_acquire(&guard->lock);
    struct rd_address *entry = rd_address_find(guard->table, hold->key);
    if (entry && entry->held > 0) entry->held--;
    hold->next = guard->free;
    guard->free = number;
    guard->held--;
    rd_lock_release(&guard->lock);
}
