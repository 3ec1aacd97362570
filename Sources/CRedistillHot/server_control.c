/* This file owns what the control plane asks of a running server: settings, policy, statistics. */
#include <string.h>

#include "evict.h"
#include "http.h"
#include "listener.h"
#include "relief.h"
#include "server.h"
#include "settings.h"
#include "worker.h"

void rd_server_measure(struct rd_server *server) {
    rd_store_measure(&server->store, server->owns_process ? rd_process_resident() : 0);
}

enum rd_status rd_server_set(struct rd_server *server, enum rd_setting setting, int64_t value) {
    if (!rd_setting_allows(setting, value)) return RD_ERR_INVALID;
    atomic_store_explicit(&server->settings[setting], value, memory_order_relaxed);
    if (setting == RD_SET_MAX_MEMORY) rd_store_set_limit(&server->store, (uint64_t)value);
    if (setting == RD_SET_EVICTION_SAMPLES) atomic_store(&server->store.samples, (uint32_t)value);
    return RD_OK;
}

int64_t rd_server_get(const struct rd_server *server, enum rd_setting setting) {
    return (unsigned)setting < RD_SETTING_COUNT ? rd_setting(server, setting) : 0;
}

enum rd_status rd_server_set_policy(struct rd_server *server, const char *name) {
    const struct rd_policy *policy = rd_policy_named(name);
    if (!policy) return RD_ERR_INVALID;
    atomic_store(&server->store.policy, policy);
    return RD_OK;
}

const char *rd_server_policy(const struct rd_server *server) {
    return atomic_load(&server->store.policy)->name;
}

void rd_server_statistics(const struct rd_server *server, struct rd_statistics *statistics) {
    memset(statistics, 0, sizeof *statistics);
    for (uint32_t i = 0; i < server->worker_count; i++) {
        const struct rd_worker *worker = &server->workers[i];
        rd_counters_add_to(&worker->counters, statistics);
        statistics->connections_active += atomic_load_explicit(&worker->living_count, memory_order_acquire);
    }
    if (server->listener) rd_counters_add_to(rd_listener_counters(server->listener), statistics);
    if (server->http) rd_counters_add_to(rd_http_counters(server->http), statistics);
    statistics->tls_handshakes_active = atomic_load_explicit(&server->handshakes, memory_order_relaxed);
    statistics->connections_monitoring = atomic_load_explicit(&server->monitors.count, memory_order_relaxed);
    statistics->connections_tracking = atomic_load_explicit(&server->trackers.count, memory_order_relaxed);
    statistics->keys_tracked = rd_trackers_keys(&((struct rd_server *)server)->trackers);
    rd_store_statistics(&server->store, rd_unix_ms(), statistics);
    /* The peak is of what anybody saw, as in Redis. */
    uint64_t *used = &statistics->memory_used;
    _Atomic uint64_t *peak = &((struct rd_server *)server)->peak_memory;
    if (*used > atomic_load_explicit(peak, memory_order_relaxed)) atomic_store_explicit(peak, *used, memory_order_relaxed);
    statistics->memory_peak = atomic_load_explicit(peak, memory_order_relaxed);
}

bool rd_server_command_statistics(const struct rd_server *server, size_t number,
                                  struct rd_command_statistics *statistics, uint64_t *latency) {
    *statistics = (struct rd_command_statistics){0};
    if (number >= server->commands.numbered) return false;
    statistics->name = rd_command_numbered(&server->commands, (uint32_t)number)->full_name;
    if (latency) memset(latency, 0, RD_LATENCY_BUCKETS * sizeof *latency);
    for (uint32_t i = 0; i < server->worker_count; i++) {
        rd_stats_add_to(&server->workers[i].stats, (uint32_t)number, statistics, latency);
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
        rd_counters_reset(&server->workers[i].counters);
        rd_stats_reset(&server->workers[i].stats);
        rd_error_codes_reset(&server->workers[i].error_codes);
    }
    if (server->listener) rd_counters_reset(rd_listener_counters(server->listener));
    if (server->http) rd_counters_reset(rd_http_counters(server->http));
    for (uint32_t i = 0; i < server->store.shard_count; i++) {
        struct rd_shard *shard = &server->store.shards[i];
        /* Without the lock, which an EXEC around CONFIG RESETSTAT may hold; what is counted meanwhile may be lost. */
        rd_counter_set(&shard->expired, 0);
        rd_counter_set(&shard->evicted, 0);
    }
}
