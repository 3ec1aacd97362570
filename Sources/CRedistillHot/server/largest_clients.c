/* This file owns what the control plane is told of the clients that make the server hold most. */
#include <stdio.h>

#include "base/address_table.h"
#include "base/clock.h"
#include "connection/client_info.h"
#include "connection/clients.h"
#include "connection/conn.h"
#include "server/server.h"

_Static_assert(RD_PEER_SIZE >= RD_ADDRESS_SIZE, "every address fits");

struct ranking {
    struct rd_client_size *clients;
    size_t count, capacity;
    int64_t now_ms;
};

#define relaxed(field) atomic_load_explicit(&(field), memory_order_relaxed)

/* Another thread's clock may be a turn ahead of this one's. */
static int64_t seconds_since(int64_t then_ms, int64_t now_ms) {
    return now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;
}

static void describe(const struct rd_conn *conn, uint64_t bytes, int64_t now_ms, struct rd_client_size *client) {
    const struct rd_command *last = relaxed(conn->last_command);
    const struct rd_held *held = atomic_load_explicit(&conn->held, memory_order_acquire);
    *client = (struct rd_client_size){
        .id = conn->id, .bytes = bytes, .command = last ? last->name : "",
        .input = held ? relaxed(held->kept_bytes) : 0, .output = held ? relaxed(held->waiting_bytes) : 0,
        .age_s = seconds_since(conn->created_ms, now_ms),
        .idle_s = seconds_since(relaxed(conn->active_ms), now_ms)};
    rd_conn_peer(conn, client->peer, sizeof client->peer);
    snprintf(client->name, sizeof client->name, "%s", conn->info && conn->info->name ? conn->info->name : "");
}

/* With the connections lock of its loop held. */
static void rank(void *context, struct rd_conn *conn) {
    struct ranking *ranking = context;
    struct rd_client_size *clients = ranking->clients;
    uint64_t bytes = rd_client_bytes(conn);
    if (ranking->count == ranking->capacity && clients[ranking->count - 1].bytes >= bytes) return;
    size_t place = ranking->count < ranking->capacity ? ranking->count++ : ranking->count - 1;
    for (; place > 0 && clients[place - 1].bytes < bytes; place--) clients[place] = clients[place - 1];
    describe(conn, bytes, ranking->now_ms, &clients[place]);
}

size_t rd_server_largest_clients(struct rd_server *server, struct rd_client_size *clients, size_t capacity) {
    struct ranking ranking = {.clients = clients, .capacity = capacity, .now_ms = rd_monotonic_ms()};
    if (capacity) rd_shared_visit(&server->shared, rank, &ranking);
    return ranking.count;
}
