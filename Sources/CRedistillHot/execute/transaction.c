/* This file owns the life of a transaction: queueing, watching, forgetting. EXEC is in exec.c. */
#include "execute/transaction.h"

#include <stdlib.h>

#include "call/handler.h"
#include "base/heap.h"

struct rd_transaction *rd_transaction_of(struct rd_conn *conn) {
    if (conn->transaction && conn->transaction->dropped) rd_transaction_end(conn);
    if (!conn->transaction) conn->transaction = calloc(1, sizeof *conn->transaction);
    return conn->transaction;
}

static void count(struct rd_conn *conn, uint64_t bytes) {
    struct rd_loop *loop = conn->loop;
    conn->transaction->bytes += bytes;
    rd_clients_note(conn);
    /* As Redis: what is queued counts as an unfinished request, and one that is too large ends the connection. */
    uint64_t limit = (uint64_t)rd_setting(loop->settings, RD_SET_QUERY_BUFFER_LIMIT);
    if (limit == 0 || conn->transaction->bytes <= limit || conn->dead) return;
    rd_counter_add(&loop->counters.closed_query, 1);
    rd_conn_break(conn);
}

static uint32_t first_slot(const struct rd_watches *watches, uint64_t hash) {
    return (uint32_t)(hash >> 16) & (watches->capacity - 1);
}

/*
 * Where the connection watches the key, or may. With the lock of the key's shard, which keeps the keyspace of what has its
 * hash; of others only what is immutable is looked at.
 */
static struct rd_watch *slot_of(const struct rd_watches *watches, uint64_t hash, uint32_t space) {
    for (uint32_t at = first_slot(watches, hash);; at = (at + 1) & (watches->capacity - 1)) {
        const struct rd_watched *watched = watches->slots[at].watched;
        if (!watched || (watched->hash == hash && watched->space == space)) return &watches->slots[at];
    }
}

static struct rd_watch *free_slot(const struct rd_watches *watches, uint64_t hash) {
    uint32_t at = first_slot(watches, hash);
    while (watches->slots[at].watched) at = (at + 1) & (watches->capacity - 1);
    return &watches->slots[at];
}

#define LEAST_WATCHES 8

/* Room for one more. */
static enum rd_status grow(struct rd_watches *watches) {
    if (watches->count < watches->capacity / 2) return RD_OK;
    struct rd_watches grown = {.capacity = watches->capacity ? watches->capacity * 2 : LEAST_WATCHES};
    grown.slots = calloc(grown.capacity, sizeof grown.slots[0]);
    if (!grown.slots) return RD_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < watches->capacity; i++) {
        if (watches->slots[i].watched) *free_slot(&grown, watches->slots[i].watched->hash) = watches->slots[i];
    }
    grown.count = watches->count;
    free(watches->slots);
    *watches = grown;
    return RD_OK;
}

enum rd_status rd_transaction_watch(const struct rd_call *call, struct rd_slice name) {
    struct rd_conn *conn = call->conn;
    struct rd_watches *watches = &conn->transaction->watches;
    uint64_t hash = rd_store_hash(call->store, name);
    if (grow(watches) != RD_OK) return RD_ERR_NO_MEMORY;
    struct rd_shard *shard = rd_store_shard(call->store, hash);
    if (!rd_call_lock(call, shard)) return RD_ERR_STATE;
    struct rd_key key = rd_key_of(name, rd_call_space(call));
    struct rd_watch *watch = slot_of(watches, hash, key.space);
    if (watch->watched) {
        rd_call_unlock(call, shard);
        return RD_OK;
    }
    /* A key that has expired already is gone for the watcher, and its removal later must not count as a change. */
    (void)rd_shard_find(shard, hash, key, call->now);
    struct rd_watched *watched = rd_watched_begin(shard, hash, key);
    if (watched) *watch = (struct rd_watch){watched, watched->changes};
    rd_call_unlock(call, shard);
    if (!watched) return RD_ERR_NO_MEMORY;
    conn->transaction->asked = conn->asked && (watches->count == 0 || conn->transaction->asked);
    struct rd_counters *counters = &conn->loop->counters;
    if (watches->count++ == 0) rd_counter_add(&counters->watching, 1);
    rd_counter_add(&counters->watches, 1);
    atomic_store_explicit(&conn->watches, watches->count, memory_order_relaxed);
    count(conn, sizeof *watched + key.length + 2 * sizeof *watch);
    return RD_OK;
}

/* Another node has the key now, and whoever changes it there is not seen here. Who was sent to ask has watched it here. */
static bool is_elsewhere(const struct rd_call *call, const struct rd_watched *watched) {
    const struct rd_cluster *cluster = call->loop->cluster;
    bool is_asked = call->conn->asked && call->conn->transaction->asked;
    return cluster && !is_asked && !rd_cluster_has(cluster, rd_slot_of(rd_key_name(rd_watched_key(watched))));
}

bool rd_transaction_is_touched(const struct rd_call *call) {
    const struct rd_watches *watches = &call->conn->transaction->watches;
    for (uint32_t i = 0; i < watches->capacity; i++) {
        const struct rd_watch *watch = &watches->slots[i];
        if (!watch->watched) continue;
        /* Removes it when it has expired, which tells its watchers. */
        uint64_t hash = watch->watched->hash;
        (void)rd_shard_find(rd_store_shard(call->store, hash), hash, rd_watched_key(watch->watched), call->now);
        if (watch->watched->changes != watch->seen || is_elsewhere(call, watch->watched)) return true;
    }
    return false;
}

void rd_transaction_hide_watches(struct rd_conn *conn) {
    struct rd_counters *counters = &conn->loop->counters;
    if (conn->watches) rd_counter_add(&counters->watching, -(uint64_t)1);
    rd_counter_add(&counters->watches, -(uint64_t)conn->watches);
    conn->watches = 0;
}

static void end_watches(struct rd_store *store, struct rd_watches *watches) {
    for (uint32_t i = 0; i < watches->capacity; i++) {
        struct rd_watched *watched = watches->slots[i].watched;
        if (!watched) continue;
        struct rd_shard *shard = rd_store_shard(store, watched->hash);
        rd_shard_lock(shard);
        rd_watched_end(shard, watched);
        rd_shard_unlock(shard);
    }
    free(watches->slots);
}

static void free_queued(struct rd_queued *queued) {
    if (queued->received) rd_received_end(queued->received);
    free(queued->received);
    free(queued);
}

static void forget_queued(struct rd_conn *conn) {
    struct rd_transaction *transaction = conn->transaction;
    conn->queued_commands = -1;
    conn->queued_bytes = 0;
    while (transaction->first) {
        struct rd_queued *next = transaction->first->next;
        transaction->bytes -= rd_heap_size(transaction->first);
        free_queued(transaction->first);
        transaction->first = next;
    }
    transaction->last = NULL;
    transaction->blob_bytes = 0;
}

void rd_transaction_drop(struct rd_conn *conn) {
    struct rd_transaction *transaction = conn->transaction;
    if (!transaction || transaction->watches.count == 0 || !rd_store_is_busy(conn->loop->store)) {
        rd_transaction_end(conn);
        return;
    }
    forget_queued(conn);
    transaction->queueing = transaction->writes = transaction->runs_scripts = transaction->spoiled = false;
    transaction->count = 0;
    transaction->dropped = true;
    rd_clients_note(conn);
}

void rd_transaction_end(struct rd_conn *conn) {
    struct rd_transaction *transaction = conn->transaction;
    if (!transaction) return;
    rd_transaction_hide_watches(conn);
    end_watches(conn->loop->store, &transaction->watches);
    forget_queued(conn);
    conn->transaction = NULL;
    free(transaction);
    rd_clients_note(conn);
}

bool rd_transaction_takes(const struct rd_call *call) {
    return call->conn->transaction->queueing && !(call->command->flags & RD_CMD_AT_ONCE);
}

void rd_transaction_spoil(struct rd_conn *conn) {
    if (conn->transaction->queueing) conn->transaction->spoiled = true;
}

bool rd_transaction_is_out_of_memory(const struct rd_call *call) {
    uint64_t limit = atomic_load_explicit(&call->store->limit, memory_order_relaxed);
    if (limit == 0 || rd_store_used(call->store) <= limit) return false;
    return strcmp(rd_store_policy(call->store)->name, "noeviction") == 0;
}

struct rd_placement rd_transaction_placement(const struct rd_conn *conn) {
    struct rd_placement placement = RD_NO_PLACEMENT;
    const struct rd_queued *queued = rd_transaction_is_open(conn) ? conn->transaction->first : NULL;
    for (; queued && placement.place == RD_KEYS_HERE; queued = queued->next) {
        placement = rd_placement_of(conn, queued->command, queued->argv, queued->argc, placement);
    }
    return placement;
}

/* A copy of the call. Arguments in blobs stay there, and the blobs change hands: buffers are used again after this. */
static struct rd_queued *copy_call(struct rd_call *call, size_t *bytes) {
    struct rd_received *received = NULL;
    if (call->received && call->received->count && !(received = calloc(1, sizeof *received))) return NULL;
    size_t room = 0;
    for (uint32_t i = 0; i < call->argc; i++) {
        if (rd_received_place(call->received, i) == RD_IN_BUFFER) room += call->argv[i].length;
    }
    struct rd_queued *queued = malloc(sizeof *queued + call->argc * sizeof queued->argv[0] + room);
    if (!queued) {
        free(received);
        return NULL;
    }
    *bytes = rd_heap_size(queued);
    *queued = (struct rd_queued){.command = call->command, .received = received, .shard = call->shard,
                                 .hash = call->hash, .argc = call->argc, .number = call->number};
    char *place = (char *)(queued->argv + call->argc);
    for (uint32_t i = 0; i < call->argc; i++) {
        queued->argv[i] = call->argv[i];
        if (rd_received_place(call->received, i) != RD_IN_BUFFER) continue;
        memcpy(place, call->argv[i].bytes, call->argv[i].length);
        queued->argv[i].bytes = place;
        place += call->argv[i].length;
    }
    if (received) rd_received_give(call->received, received);
    return queued;
}

void rd_transaction_queue(struct rd_call *call) {
    struct rd_transaction *transaction = call->conn->transaction;
    if (call->command->flags & RD_CMD_NO_MULTI) {
        rd_transaction_spoil(call->conn);
        rd_reply_fail(call->reply, "ERR Command not allowed inside a transaction");
        return;
    }
    bool lacks_memory = (call->command->flags & RD_CMD_DENYOOM) && rd_transaction_is_out_of_memory(call);
    size_t bytes;
    struct rd_queued *queued = lacks_memory ? NULL : copy_call(call, &bytes);
    if (!queued) {
        rd_transaction_spoil(call->conn);
        rd_reply_oom(call->reply);
        return;
    }
    if (transaction->last) transaction->last->next = queued;
    else transaction->first = queued;
    transaction->last = queued;
    call->conn->queued_commands = (int32_t)++transaction->count;
    transaction->writes |= rd_command_may_write(call->command);
    transaction->runs_scripts |= (call->command->flags & RD_CMD_SCRIPT) != 0;
    uint64_t all = call->conn->queued_bytes + (uint64_t)bytes;
    call->conn->queued_bytes = all < UINT32_MAX ? (uint32_t)all : UINT32_MAX;
    if (queued->received) transaction->blob_bytes += queued->received->bytes;
    count(call->conn, bytes);
    rd_reply_literal(call->reply, "+QUEUED\r\n");
}
