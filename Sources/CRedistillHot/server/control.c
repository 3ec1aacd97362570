/* This file owns what the control plane asks of a running server: settings, policy, statistics. */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/heap.h"
#include "connection/login.h"
#include "evict/policies.h"
#include "redistill_succession.h"
#include "server/http.h"
#include "server/listener.h"
#include "server/server.h"
#include "serve/worker.h"
#include "store/relief.h"
#include "store/sizes.h"

enum rd_status rd_server_set(struct rd_server *server, enum rd_setting setting, int64_t value) {
    if (!rd_setting_allows(setting, value)) return RD_ERR_INVALID;
    atomic_store_explicit(&server->shared.settings.values[setting], value, memory_order_relaxed);
    if (setting == RD_SET_MAX_MEMORY) rd_store_set_limit(server->store, (uint64_t)value);
    if (setting == RD_SET_LFU_DECAY_TIME) atomic_store(&server->store->lfu_decay_minutes, (uint32_t)value);
    if (setting == RD_SET_EVICTION_SAMPLES) atomic_store(&server->store->samples, (uint32_t)value);
    bool is_of_tcp = setting == RD_SET_TCP_NODELAY || setting == RD_SET_TCP_KEEPALIVE;
    if (is_of_tcp && server->listener) rd_listener_set_options(server->listener);
    return RD_OK;
}

int64_t rd_server_get(const struct rd_server *server, enum rd_setting setting) {
    return (unsigned)setting < RD_SETTING_COUNT ? rd_setting(&server->shared.settings, setting) : 0;
}

enum rd_status rd_server_set_policy(struct rd_server *server, const char *name) {
    const struct rd_policy *policy = rd_policy_named(name);
    if (!policy) return RD_ERR_INVALID;
    atomic_store(&server->store->policy, policy);
    return RD_OK;
}

const char *rd_server_policy(const struct rd_server *server) {
    return atomic_load(&server->store->policy)->name;
}

static uint64_t processor_ns(const struct rd_worker *worker) {
    clockid_t clock;
    struct timespec time;
    if (pthread_getcpuclockid(worker->thread, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void rd_server_statistics(const struct rd_server *server, struct rd_statistics *statistics) {
    memset(statistics, 0, sizeof *statistics);
    for (uint32_t i = 0; i < server->worker_count; i++) {
        const struct rd_worker *worker = &server->workers[i];
        rd_counters_add_to(&worker->loop.counters, statistics);
        if (atomic_load(&server->state) != RD_SERVER_CREATED) statistics->worker_ns += processor_ns(worker);
        rd_clients_add_to(&worker->loop.clients, statistics);
        statistics->writes_refused += rd_error_codes_count(&worker->error_codes, "OOM");
        statistics->memory_tracking += rd_counter_get(&worker->observer.telling.reader_bytes);
        statistics->memory_tracking += atomic_load_explicit(&worker->observer.telling.told_bytes, memory_order_relaxed);
        statistics->connections_active += atomic_load_explicit(&worker->loop.living_count, memory_order_acquire);
    }
    if (server->listener) rd_counters_add_to(rd_listener_counters(server->listener), statistics);
    statistics->memory_feeds = atomic_load_explicit(&server->shared.clients.feeds, memory_order_relaxed);
    if (server->http) rd_counters_add_to(rd_http_counters(server->http), statistics);
    statistics->tls_handshakes_active = atomic_load_explicit(&server->shared.handshakes, memory_order_relaxed);
    statistics->own_slots = rd_clusters_own_slots(&((struct rd_server *)server)->shared.clusters);
    statistics->connections_monitoring = atomic_load_explicit(&server->observers.monitors.count, memory_order_relaxed);
    statistics->connections_tracking = atomic_load_explicit(&server->observers.trackers.count, memory_order_relaxed);
    statistics->keys_tracked = rd_trackers_keys(&((struct rd_server *)server)->observers.trackers, &statistics->prefixes_tracked);
    int64_t since = atomic_load_explicit(&server->measure.over_limit_since_ms, memory_order_relaxed);
    statistics->over_limit_now_ms = since ? (uint64_t)(rd_monotonic_ms() - since) : 0;
    statistics->over_limit_ms =
        atomic_load_explicit(&server->measure.over_limit_ms, memory_order_relaxed) + statistics->over_limit_now_ms;
    rd_store_statistics(server->store, rd_unix_ms(), statistics);
    statistics->memory_tracking += rd_following_bytes(&server->observers.following);
    statistics->memory_initial = server->initial_memory ? server->initial_memory : statistics->memory_used;
    if (statistics->memory_initial > statistics->memory_used) statistics->memory_initial = statistics->memory_used;
    /* Arguments that are still to become values, and values that are none any more. */
    uint64_t arrived = statistics->memory_client_values + statistics->memory_orphans;
    statistics->memory_values -= arrived < statistics->memory_values ? arrived : statistics->memory_values;
    statistics->memory_dataset -= arrived < statistics->memory_dataset ? arrived : statistics->memory_dataset;
    statistics->memory_clients = statistics->memory_connections + statistics->memory_tls +
                                 statistics->memory_client_input + statistics->memory_client_values +
                                 statistics->memory_client_output + statistics->memory_client_queues +
                                 statistics->memory_orphans + statistics->memory_tracking + statistics->memory_feeds;
    struct rd_heap heap;
    rd_heap_look(&heap);
    statistics->memory_heap_used = heap.used;
    statistics->memory_heap_free = heap.free;
    statistics->memory_heap_overhead = heap.overhead;
    /* The peak is of what anybody saw, as in Redis. */
    uint64_t *used = &statistics->memory_used;
    _Atomic uint64_t *peak = &((struct rd_server *)server)->peak_memory;
    if (*used > atomic_load_explicit(peak, memory_order_relaxed)) atomic_store_explicit(peak, *used, memory_order_relaxed);
    statistics->memory_peak = atomic_load_explicit(peak, memory_order_relaxed);
}

bool rd_server_database_statistics(const struct rd_server *server, uint32_t number,
                                   struct rd_database_statistics *statistics) {
    const struct rd_store *store = server->store;
    if (number >= store->databases.count) return false;
    rd_store_database_statistics(store, number, rd_unix_ms(), statistics);
    return true;
}

uint64_t rd_server_resident(const struct rd_server *server) {
    return rd_process_resident(server->store->pool.region);
}

bool rd_server_sizes(struct rd_server *server, uint32_t number, struct rd_sizes *sizes) {
    if (number >= server->store->databases.count) return false;
    rd_store_sizes(server->store, number, rd_unix_ms(), sizes);
    return true;
}

bool rd_server_command_statistics(const struct rd_server *server, size_t number,
                                  struct rd_command_statistics *statistics, uint64_t *latency) {
    *statistics = (struct rd_command_statistics){0};
    if (number >= server->commands.numbered) return false;
    statistics->name = server->commands.rows[number]->name;
    if (latency) memset(latency, 0, RD_LATENCY_BUCKETS * sizeof *latency);
    for (uint32_t i = 0; i < server->worker_count; i++) {
        rd_stats_add_to(&server->workers[i].observer.stats, (uint32_t)number, statistics, latency);
    }
    return true;
}

size_t rd_server_error_counts(const struct rd_server *server, struct rd_error_count *counts, size_t capacity) {
    size_t count = 0;
    for (uint32_t i = 0; i < server->worker_count; i++) {
        count = rd_error_codes_add_to(&server->workers[i].error_codes, counts, count, capacity);
    }
    return count;
}

void rd_server_reset_statistics(struct rd_server *server) {
    for (uint32_t i = 0; i < server->worker_count; i++) {
        rd_counters_reset(&server->workers[i].loop.counters);
        rd_counter_set(&server->workers[i].loop.clients.evicted, 0);
        rd_counter_set(&server->workers[i].loop.clients.strangers_closed, 0);
        rd_stats_reset(&server->workers[i].observer.stats);
        rd_error_codes_reset(&server->workers[i].error_codes);
    }
    if (server->listener) rd_counters_reset(rd_listener_counters(server->listener));
    atomic_store(&server->measure.over_limit_ms, 0);
    if (server->http) rd_counters_reset(rd_http_counters(server->http));
    for (uint32_t i = 0; i < server->store->shard_count; i++) {
        struct rd_shard *shard = &server->store->shards[i];
        /* Without the lock, which an EXEC around CONFIG RESETSTAT may hold; what is counted meanwhile may be lost. */
        rd_counter_set(&shard->expired, 0);
        rd_counter_set(&shard->expired_fields, 0);
        rd_counter_set(&shard->evicted, 0);
    }
}

/* Whoever logs in meanwhile as one who is gone is found out at the next command. */
static void close_if_gone(void *context, struct rd_conn *conn) {
    (void)context;
    const struct rd_user *user = rd_conn_user(conn);
    if (user && atomic_load(&user->gone)) atomic_store_explicit(&conn->kill, true, memory_order_relaxed);
}

void rd_server_set_users(struct rd_server *server, struct rd_user_list *list) {
    bool lost = rd_users_replace(&server->shared.users, list);
    if (lost) rd_shared_visit(&server->shared, close_if_gone, NULL);
}

bool rd_server_key_positions(const struct rd_server *server, struct rd_slice name, struct rd_key_positions *positions) {
    const struct rd_command *command = rd_command_find(&server->commands, name).row;
    if (!command || command->flags & (RD_CMD_CONTAINER | RD_CMD_MOVABLE_KEYS | RD_CMD_ALL_KEYS)) return false;
    *positions = (struct rd_key_positions){command->first_key, command->last_key, command->step};
    return true;
}

static void catch_up(struct rd_server *server) {
    rd_listener_catch_up(server->listener);
}

static void purge(struct rd_server *server) {
    rd_feeder_purge(&server->feeder);
}

void rd_server_fill_control(struct rd_server *server) {
    server->control = (struct rd_control){
        .callbacks = &server->callbacks,
        .commands = &server->commands,
        .server = server,
        .catch_up = catch_up,
        .statistics = rd_server_statistics,
        .command_statistics = rd_server_command_statistics,
        .reset_statistics = rd_server_reset_statistics,
        .purge = purge,
    };
}
