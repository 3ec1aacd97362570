/* This file owns the server's life: created, started, drained, destroyed. */
#include "server/server.h"

#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "serve/table.h"
#include "evict/policies.h"
#include "redistill_succession.h"
#include "server/http.h"
#include "server/kept_layout.h"
#include "server/listener.h"
#include "shape/shape.h"

#define MOST_WORKERS 1024
#define LEAST_READ_BUFFER (16u << 10)
#define MOST_READ_BUFFER (64u << 20)

static enum rd_status fail(struct rd_error *error, enum rd_status status, const char *message) {
    error->status = status;
    snprintf(error->message, sizeof error->message, "%s", message);
    return status;
}

uint32_t rd_allowed_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint32_t)CPU_COUNT(&set) : 1;
}

static enum rd_status copy_endpoints(struct rd_server *server, const struct rd_options *options) {
    server->endpoints = calloc(options->endpoint_count, sizeof *server->endpoints);
    if (!server->endpoints) return RD_ERR_NO_MEMORY;
    for (size_t i = 0; i < options->endpoint_count; i++) {
        server->endpoints[i] = options->endpoints[i];
        server->endpoints[i].address = strdup(options->endpoints[i].address);
        server->endpoint_count = i + 1;
        if (!server->endpoints[i].address) return RD_ERR_NO_MEMORY;
    }
    if (options->http_enabled) {
        server->http_enabled = true;
        server->http_port = options->http_port;
        server->http_address = strdup(options->http_address ? options->http_address : "127.0.0.1");
        if (!server->http_address) return RD_ERR_NO_MEMORY;
    }
    return RD_OK;
}

static enum rd_status take_settings(struct rd_server *server, const struct rd_options *options, struct rd_error *error) {
    for (enum rd_setting i = 0; i < RD_SETTING_COUNT; i++) {
        int64_t value = options->settings[i] < 0 ? rd_setting_default(i) : options->settings[i];
        if (!rd_setting_allows(i, value)) {
            error->status = RD_ERR_INVALID;
            snprintf(error->message, sizeof error->message, "setting %d is out of range: %lld", i, (long long)value);
            return RD_ERR_INVALID;
        }
        atomic_init(&server->shared.settings.values[i], value);
    }
    return RD_OK;
}

/* What the threads are given: everything that they share is there, and stays until they have ended. */
static void fill_setup(struct rd_server *server, const struct rd_options *options) {
    server->shared.owns_process = options->owns_process;
    server->shared.started_ms = rd_unix_ms();
    server->observers.trackers.shared = &server->shared;
    server->measure.store = server->store;
    server->measure.settings = &server->shared.settings;
    server->measure.feeder = &server->feeder;
    server->measure.owns_process = options->owns_process;
    rd_server_fill_control(server);
    server->setup.shared = &server->shared;
    server->setup.store = server->store;
    server->setup.observers = &server->observers;
    server->setup.control = &server->control;
    server->setup.commands = &server->commands;
    server->setup.tls = &server->tls;
    server->setup.measure = &server->measure;
    server->setup.crash = options->crash;
    server->setup.pins = options->pin_workers;
}

static enum rd_status create_workers(struct rd_server *server, struct rd_error *error) {
    server->workers = aligned_alloc(_Alignof(struct rd_worker), server->worker_count * sizeof *server->workers);
    if (!server->workers) return fail(error, RD_ERR_NO_MEMORY, "out of memory for the workers");
    memset(server->workers, 0, server->worker_count * sizeof *server->workers);
    struct rd_loop **last = &server->shared.loops;
    for (uint32_t i = 0; i < server->worker_count; i++) {
        if (rd_worker_init(&server->workers[i], &server->setup, i) != RD_OK) {
            return fail(error, RD_ERR_NO_MEMORY, "cannot create the workers");
        }
        *last = &server->workers[i].loop;
        last = &server->workers[i].loop.next;
        server->shared.loop_count++;
    }
    return RD_OK;
}

static enum rd_status create(struct rd_server *server, const struct rd_options *options, struct rd_error *error) {
    if (options->endpoint_count == 0) return fail(error, RD_ERR_INVALID, "there is no address to listen on");
    server->worker_count = options->workers ? options->workers : rd_allowed_processors();
    if (server->worker_count > MOST_WORKERS) return fail(error, RD_ERR_INVALID, "workers is out of range (1..1024)");
    if (options->num_shards > RD_MOST_SHARDS || (options->num_shards & (options->num_shards - 1)) != 0) {
        return fail(error, RD_ERR_INVALID, "num_shards is not a power of two from 1 to 65536");
    }
    uint32_t read_buffer = options->read_buffer_size ? options->read_buffer_size : 64u << 10;
    if (read_buffer < LEAST_READ_BUFFER || read_buffer > MOST_READ_BUFFER) {
        return fail(error, RD_ERR_INVALID, "the read buffer is not from 16 KiB to 64 MiB");
    }
    server->listen_backlog = options->listen_backlog ? options->listen_backlog : 511;
    enum rd_status status = take_settings(server, options, error);
    if (status != RD_OK) return status;
    if (copy_endpoints(server, options) != RD_OK) return fail(error, RD_ERR_NO_MEMORY, "out of memory");
    rd_command_index_init(&server->commands, rd_command_families);
    if (rd_auth_guard_init(&server->shared.auth_guard) != RD_OK) return fail(error, RD_ERR_NO_MEMORY, "out of memory");

    const struct rd_policy *policy = rd_policy_named(options->eviction_policy ? options->eviction_policy : "noeviction");
    if (!policy) return fail(error, RD_ERR_INVALID, "there is no eviction policy of that name");
    uint64_t limit = (uint64_t)rd_setting(&server->shared.settings, RD_SET_MAX_MEMORY);
    struct rd_store_options store = {
        .shards = options->num_shards ? options->num_shards : rd_store_usual_shards(limit, server->worker_count),
        /* The thread of snapshots locks shards, too; and after a crash the locks say what was being changed. */
        .shared = server->worker_count > 1 || options->snapshot_path || options->keeping == RD_KEEP_AFTER_CRASH,
        .limit = limit,
        .policy = policy,
        .databases = options->databases ? options->databases : 16,
        .shapes = &rd_shapes,
    };
    unsigned shared = 0;
    for (uint32_t i = 0; i < RD_SPACES; i++) shared += options->database_shares[i];
    if (shared > 100) return fail(error, RD_ERR_INVALID, "the shares of databases are more than 100 percent");
    if (shared) store.shares = options->database_shares;
    server->keep = (struct rd_keep){.fd = options->parked_store ? options->parked_store : -1,
                                    .fingerprint = rd_kept_fingerprint(), .any_shards = options->num_shards == 0,
                                    .after_crash = options->keeping == RD_KEEP_AFTER_CRASH,
                                    .most_resident = options->recovery_memory};
    bool keeps = options->keeping != RD_KEEP_NOTHING;
    if (server->keep.fd >= 0 && !keeps) close(server->keep.fd);
    if (rd_store_open(&store, keeps ? &server->keep : NULL, &server->store) != RD_OK) {
        return fail(error, RD_ERR_NO_MEMORY, "out of memory for the store");
    }
    /* Half a snapshot would be taken for the whole: then not before it is loaded. */
    if (server->keep.adopted || !options->snapshot_path) rd_store_guard(server->store, &server->keep);
    if (rd_following_init(&server->observers.following, server->store) != RD_OK) {
        return fail(error, RD_ERR_NO_MEMORY, "out of memory for who follows keys");
    }
    atomic_store(&server->store->samples, (uint32_t)rd_setting(&server->shared.settings, RD_SET_EVICTION_SAMPLES));
    atomic_store(&server->store->lfu_decay_minutes, (uint32_t)rd_setting(&server->shared.settings, RD_SET_LFU_DECAY_TIME));

    if (options->snapshot_path) {
        struct rd_snapshots *snapshots = &server->snapshots;
        status = rd_snapshots_init(snapshots, options->snapshot_path, server->store, &server->shared, options->crash);
        if (status != RD_OK) return fail(error, status, "out of memory");
        server->shared.snapshots = snapshots;
    }
    server->setup.read_buffer_size = read_buffer;
    fill_setup(server, options);
    return create_workers(server, error);
}

/* Frees everything but the store, which it returns. */
static struct rd_store *release(struct rd_server *server) {
    if (server->snapshots.path) rd_snapshots_destroy(&server->snapshots);
    if (server->setup.crash) atomic_store(&server->setup.crash->tail, NULL);
    if (server->workers) {
        for (uint32_t i = 0; i < server->worker_count; i++) rd_worker_destroy(&server->workers[i]);
        free(server->workers);
    }
    for (size_t i = 0; i < RD_LOG_KINDS; i++) rd_command_log_clear(&server->observers.logs[i]);
    rd_access_log_clear(&server->observers.access);
    (void)rd_users_replace(&server->shared.users, NULL);
    rd_cluster_release(server->shared.clusters.current);
    rd_auth_guard_destroy(&server->shared.auth_guard);
    rd_following_destroy(&server->observers.following);
    for (size_t i = 0; i < server->endpoint_count; i++) free((char *)server->endpoints[i].address);
    free(server->endpoints);
    free(server->http_address);
    rd_tls_context_destroy(&server->tls);
    if (server->callbacks.release) server->callbacks.release(server->callbacks.context);
    struct rd_store *store = server->store;
    free(server);
    return store;
}

enum rd_status rd_server_create(const struct rd_options *options, const struct rd_callbacks *callbacks,
                                struct rd_server **out, struct rd_error *error) {
    *out = NULL;
    *error = (struct rd_error){.status = RD_OK};
    struct rd_server *server = aligned_alloc(128, (sizeof *server + 127) & ~(size_t)127);
    if (!server) {
        if (callbacks->release) callbacks->release(callbacks->context);
        return fail(error, RD_ERR_NO_MEMORY, "out of memory");
    }
    memset(server, 0, sizeof *server);
    server->callbacks = *callbacks;
    server->shared.events.tell = callbacks->event;
    server->shared.events.context = callbacks->context;
    rd_tls_context_init(&server->tls);
    enum rd_status status = create(server, options, error);
    if (status != RD_OK) {
        rd_store_close(release(server));
        return status;
    }
    *out = server;
    return RD_OK;
}

enum rd_status rd_server_start(struct rd_server *server, struct rd_error *error) {
    *error = (struct rd_error){.status = RD_OK};
    if (atomic_load(&server->state) != RD_SERVER_CREATED) return fail(error, RD_ERR_STATE, "the server was started before");
    enum rd_status status = rd_listener_open(server, &server->listener, error);
    if (status != RD_OK) return status;
    if (server->http_enabled) {
        status = rd_http_open(server, &server->http, error);
        if (status != RD_OK) goto failed;
    }
    rd_measure_take(&server->measure);
    if (server->setup.crash) rd_server_tell_crash(server);
    struct rd_statistics statistics;
    rd_server_statistics(server, &statistics);
    server->initial_memory = statistics.memory_used;
    server->feeder.crash = server->setup.crash;
    status = rd_feeder_start(&server->feeder, &server->store->pool);
    /*
     * Not before, so that no key counts as what the start took; and before anybody is served. What a process before has
     * left is newer than its snapshot.
     */
    bool loads = server->snapshots.path && !server->keep.adopted;
    if (status == RD_OK && loads) status = rd_snapshots_load(&server->snapshots, &server->keep);
    uint32_t started = 0;
    for (; status == RD_OK && started < server->worker_count; started++) {
        if (rd_worker_start(&server->workers[started]) != RD_OK) break;
    }
    atomic_store(&server->state, RD_SERVER_RUNNING);
    if (started == server->worker_count && rd_listener_start(server->listener) == RD_OK &&
        (!server->http || rd_http_start(server->http) == RD_OK)) {
        return RD_OK;
    }
    status = fail(error, RD_ERR_THREAD, "cannot create a thread");
    for (uint32_t i = 0; i < started; i++) {
        rd_inbox_ask(&server->workers[i].loop, RD_STOP);
        pthread_join(server->workers[i].thread, NULL);
    }
    if (server->snapshots.path) rd_snapshots_cancel(&server->snapshots);
    rd_feeder_stop(&server->feeder);
    atomic_store(&server->state, RD_SERVER_CREATED);
failed:
    rd_listener_free(server->listener);
    rd_http_free(server->http);
    server->listener = NULL;
    server->http = NULL;
    return status;
}

void rd_server_begin_drain(struct rd_server *server) {
    int expected = RD_SERVER_RUNNING;
    if (!atomic_compare_exchange_strong(&server->state, &expected, RD_SERVER_DRAINING)) return;
    rd_listener_stop(server->listener);
    for (uint32_t i = 0; i < server->worker_count; i++) rd_inbox_ask(&server->workers[i].loop, RD_DRAIN);
}

enum rd_status rd_server_wait_drained(struct rd_server *server, uint64_t deadline_ms) {
    int64_t last = rd_monotonic_ms(), end = last + (int64_t)deadline_ms;
    while (rd_server_connections(server) > 0) {
        int64_t now = rd_monotonic_ms();
        if (now - last > RD_STANDSTILL_MS) end += now - last; /* so were the workers */
        if (now >= end) return RD_ERR_TIMEOUT;
        last = now;
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    return RD_OK;
}

/* Ends its threads and connections; the store is left. */
static struct rd_store *end(struct rd_server *server) {
    if (atomic_load(&server->state) != RD_SERVER_CREATED) {
        atomic_store(&server->shared.ends, true);
        rd_listener_stop(server->listener);
        for (uint32_t i = 0; i < server->worker_count; i++) rd_inbox_ask(&server->workers[i].loop, RD_STOP);
        for (uint32_t i = 0; i < server->worker_count; i++) pthread_join(server->workers[i].thread, NULL);
        if (server->snapshots.path) rd_snapshots_cancel(&server->snapshots);
        rd_feeder_stop(&server->feeder);
        rd_http_free(server->http);
        rd_listener_free(server->listener);
    }
    return release(server);
}

void rd_server_destroy(struct rd_server *server) {
    if (server) rd_store_close(end(server));
}

int rd_server_park(struct rd_server *server) {
    return rd_store_park(end(server));
}

void rd_server_lend_listeners(struct rd_server *server, int *descriptors) {
    rd_listener_lend(server->listener, descriptors);
}

struct rd_adoption rd_server_adoption(const struct rd_server *server) {
    const struct rd_recovery *recovery = &server->keep.recovery;
    return (struct rd_adoption){
        .has_adopted = server->keep.adopted,
        .why_not = server->keep.why_cold,
        .after_crash = recovery->shards > 0,
        .shards = recovery->shards,
        .lost_shards = recovery->lost_shards,
        .lost_keys = recovery->lost_keys,
    };
}

int rd_server_store_descriptor(const struct rd_server *server) {
    return rd_store_descriptor(server->store);
}

void rd_server_set_tls(struct rd_server *server, void *ssl_ctx) {
    rd_tls_context_replace(&server->tls, ssl_ctx);
}

uint16_t rd_server_port(const struct rd_server *server, size_t index) {
    return server->listener ? rd_listener_port(server->listener, index) : 0;
}

uint16_t rd_server_http_port(const struct rd_server *server) {
    return server->http ? rd_http_bound_port(server->http) : 0;
}

uint32_t rd_server_workers(const struct rd_server *server) {
    return server->worker_count;
}

uint32_t rd_server_shards(const struct rd_server *server) {
    return server->store->shard_count;
}

const char *rd_libevent_version(void) {
    return event_get_version();
}

void rd_libevent_set_log(void (*tell)(int severity, const char *message)) {
    event_set_log_callback(tell);
}

uint32_t rd_server_connections(const struct rd_server *server) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < server->worker_count; i++) {
        count += atomic_load_explicit(&server->workers[i].loop.connection_count, memory_order_acquire);
    }
    return count;
}
