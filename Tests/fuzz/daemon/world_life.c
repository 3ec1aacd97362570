/* This file owns the beginning of a world from its seed, and its end, at which nothing may be left. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "callbacks.h"
#include "certificate.h"
#include "probe_script.h"
#include "server/server.h"
#include "world.h"

#define START_MS 1800000000000ll
#define PATIENCE_MS 30000
#define BUFFERS_KEPT (256u << 10)
/* OpenSSL keeps as much for each thread that it once served: its random numbers and its errors, 5,904 bytes. */
#define TLS_KEPT (8u << 10)
/*
 * What OpenSSL keeps for the process is now and then renewed by a thread of the server: one run in some hundreds ended
 * with one block more, and alive were those of ossl_method_store_cache_set. Of what is lost the leak checker tells.
 */
#define METHODS_CACHED 8
#define DAY_MS 86400000
/* No script of a run is so long, however slow the machine. */
#define NEVER_BUSY_MS 600000

static enum profile choose_profile(struct fuzz_random *random) {
    uint32_t dice = fuzz_below(random, 100);
    return dice < 28 ? PROFILE_MODEL : dice < 55 ? PROFILE_LIMITS : dice < 80 ? PROFILE_WILD
         : dice < 88 ? PROFILE_AUTH : PROFILE_FAULTS;
}

static const char *const profile_names[] = {"model", "limits", "wild", "auth", "faults"};

void world_restore_settings(struct world *world) {
    for (int i = 0; i < RD_SETTING_COUNT; i++) {
        int64_t value = world->server->shared.settings.values[i];
        switch (i) {
        case RD_SET_MAX_MEMORY: case RD_SET_IDLE_TIMEOUT: case RD_SET_OUTPUT_LIMIT: case RD_SET_OUTPUT_SOFT_LIMIT:
        case RD_SET_CONNECTION_RATE: case RD_SET_CONNECTION_RATE_PER_ADDRESS: case RD_SET_AUTH_TIMEOUT:
        case RD_SET_MAX_CLIENT_MEMORY: value = 0; break;
        case RD_SET_QUERY_BUFFER_LIMIT: value = 1 << 30; break;
        case RD_SET_MAX_BULK_LENGTH: value = 8 << 20; break;
        case RD_SET_MAX_CONNECTIONS: value = 10000; break;
        case RD_SET_AUTH_FAILURE_DELAY: value = 5; break;
        case RD_SET_AUTH_REQUIRED: value = world->profile == PROFILE_AUTH; break;
        case RD_SET_DEBUG_COMMAND: value = RD_DEBUG_YES; break;
        case RD_SET_PROTECTED_MODE: value = 0; break;
        case RD_SET_TLS_HANDSHAKE_TIMEOUT: value = DAY_MS; break;
        case RD_SET_TLS_HANDSHAKE_LIMIT: value = 0; break;
        case RD_SET_SCRIPT_TIME_LIMIT: value = world->leniency.busy ? 3 : NEVER_BUSY_MS; break;
        default: continue;
        }
        if (rd_server_set(world->server, i, value) != RD_OK) abort();
    }
}

/* Who speaks TLS, in most runs some. With dice of their own, so that the rest is as it would be without them. */
static void choose_tls(struct world *world) {
    struct fuzz_random random = fuzz_random_of(world->seed, UINT64_MAX - 5);
    uint32_t dice = fuzz_below(&random, 100);
    world->tls_indices = dice < 30 ? 0 : dice < 80 ? (uint32_t)fuzz_next(&random) : UINT32_MAX;
    world->with_proxy = fuzz_chance(&random, 40);
    tls_clients_begin(&world->tls);
}

static void tell_beginning(const struct world *world, const struct rd_options *options) {
    if (!world->is_verbose) return;
    fprintf(stderr, "seed %llu: %s, %u workers, %u shards, %u clients, TLS mask %x%s, values to %zu%s\n",
            (unsigned long long)world->seed, profile_names[world->profile], world->workers, options->num_shards,
            world->client_count, world->tls_indices, world->with_proxy ? " by a proxy" : "", world->words.longest,
            world->steps ? ", step by step" : "");
}

/* What is made within is the server's, and counted. */
static void start(struct world *world, const struct rd_options *options) {
    struct fuzz_random random = fuzz_random_of(world->seed, UINT64_MAX - 6);
    struct rd_callbacks callbacks = callbacks_of(world);
    struct rd_error error;
    certificate_warm_up();
    world->scripts = probe_scripts_new();
    world->fault = probe_fault_new();
    probe_fault_stop_clock(world->fault, world->now_ms);
    probe_fault_enter(world->fault);
    enum rd_status status = rd_server_create(options, &callbacks, &world->server, &error);
    if (status == RD_OK) {
        rd_server_set_tls(world->server, certificate_context(&random));
        world_restore_settings(world);
        status = rd_server_start(world->server, &error);
    }
    probe_fault_leave();
    if (status == RD_OK) return;
    fprintf(stderr, "fuzz: cannot start: %s\n", error.message);
    abort();
}

static void set_up(struct world *world, struct fuzz_random *random) {
    world->profile = choose_profile(random);
    world->steps = fuzz_chance(random, 50);
    uint32_t workers = 1 + fuzz_below(random, 3);
    if (!world->workers) world->workers = workers;
    world->client_count = 2 + fuzz_below(random, WORLD_CLIENTS - 1);
    world->leniency.closes = world->profile != PROFILE_MODEL;
    world->leniency.garbles = world->profile == PROFILE_FAULTS;
    world->leniency.refuses = world->profile == PROFILE_AUTH || world->profile == PROFILE_FAULTS;
    world->leniency.busy = world->profile != PROFILE_MODEL && fuzz_chance(random, 50);
    static const size_t longest[] = {300, 40000, 200000, 1100000};
    world->words.longest = FUZZ_PICK(random, longest);
    world->now_ms = START_MS;
    for (uint32_t i = 0; i < WORLD_CLIENTS; i++) world->clients[i].fd = -1;
    snprintf(world->socket_path, sizeof world->socket_path, "/tmp/redistill-fuzz-%d.sock", (int)getpid());
    snprintf(world->tls_path, sizeof world->tls_path, "/tmp/redistill-fuzz-%d-tls.sock", (int)getpid());
    choose_tls(world);
}

void world_begin(struct world *world, uint64_t seed, uint32_t workers, bool is_verbose) {
    struct fuzz_random random = fuzz_random_of(seed, UINT64_MAX - 1);
    memset(world, 0, sizeof *world);
    world->seed = seed;
    world->workers = workers;
    world->is_verbose = is_verbose;
    set_up(world, &random);
    static const uint32_t shards[] = {0, 1, 2, 16, 256}, buffers[] = {0, 16 << 10, 64 << 10, 256 << 10};
    static const int64_t batches[] = {-1, 1, 2, 256};
    static const uint32_t databases[] = {0, 2, 3, 256};
    struct rd_endpoint endpoints[] = {
        {.address = world->socket_path, .unix_socket = true},
        {.address = "127.0.0.1"},
        {.address = world->tls_path, .unix_socket = true, .tls = true},
        {.address = "127.0.0.1", .tls = true, .proxy_protocol = world->with_proxy},
    };
    struct rd_options options = {
        .workers = world->workers,
        /* The model knows one. */
        .databases = world->profile == PROFILE_MODEL ? 1 : FUZZ_PICK(&random, databases),
        .num_shards = FUZZ_PICK(&random, shards),
        .read_buffer_size = FUZZ_PICK(&random, buffers),
        .endpoints = endpoints,
        .endpoint_count = sizeof endpoints / sizeof endpoints[0],
    };
    for (int i = 0; i < RD_SETTING_COUNT; i++) options.settings[i] = -1;
    static const uint8_t shares[] = {40, 20, 30};
    if (fuzz_chance(&random, 30)) memcpy(options.database_shares, shares, sizeof shares);
    options.settings[RD_SET_BATCH_SIZE] = FUZZ_PICK(&random, batches);
    tell_beginning(world, &options);
    start(world, &options);
    world->at_rest = probe_fault_held(world->fault);
    struct rd_statistics statistics;
    rd_server_statistics(world->server, &statistics);
    world->buffers_at_rest = statistics.memory_buffers;
}

static void let_all_go(struct world *world) {
    struct fuzz_random random = fuzz_random_of(world->seed, UINT64_MAX - 2);
    for (uint32_t i = 0; i < world->client_count; i++) {
        client_close(&world->clients[i], fuzz_chance(&random, 50));
        model_end(&world->clients[i].model);
    }
}

/* Waits until the figure is as expected. */
#define WAIT_FOR(what, figure, expected)                                                                  \
    do {                                                                                                  \
        int64_t since = rd_monotonic_ms();                                                                \
        long long came;                                                                                   \
        while ((came = (long long)(figure)) != (long long)(expected)) {                                   \
            if (rd_monotonic_ms() - since > PATIENCE_MS) world_complain(what, (long long)(expected), came); \
            nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);                                       \
        }                                                                                                 \
    } while (0)

static struct rd_statistics statistics_of(const struct world *world) {
    struct rd_statistics statistics;
    rd_server_statistics(world->server, &statistics);
    return statistics;
}

/* What is counted of OpenSSL's with nobody connected, but for what it keeps by itself; below nothing is wrong too. */
static int64_t tls_excess(const struct world *world) {
    int64_t held = (int64_t)statistics_of(world).memory_tls;
    return held < 0 || held > world->workers * TLS_KEPT ? held : 0;
}

static void expect_nobody(struct world *world) {
    WAIT_FOR("connections left", statistics_of(world).connections_active, 0);
    WAIT_FOR("descriptors left", probe_fault_held(world->fault).descriptors, world->at_rest.descriptors);
    WAIT_FOR("bytes of connections left", statistics_of(world).memory_connections, 0);
    WAIT_FOR("TLS handshakes left", statistics_of(world).tls_handshakes_active, 0);
    WAIT_FOR("bytes of TLS beyond what workers keep", tls_excess(world), 0);
    /* A worker keeps small buffers for its next requests. */
    uint64_t most = world->buffers_at_rest + world->workers * BUFFERS_KEPT;
    WAIT_FOR("buffers within what workers keep", statistics_of(world).memory_buffers <= most, true);
    WAIT_FOR("paused connections left", statistics_of(world).connections_paused, 0);
    WAIT_FOR("monitors left", statistics_of(world).connections_monitoring, 0);
    WAIT_FOR("trackers left", statistics_of(world).connections_tracking, 0);
    WAIT_FOR("tracked keys left", statistics_of(world).keys_tracked, 0);
    WAIT_FOR("watchers left", statistics_of(world).connections_watching, 0);
    WAIT_FOR("watched keys left", statistics_of(world).keys_watched, 0);
}

/* A client of its own, for two requests that are answered in any way. */
static void ask(struct world *world, const char *requests) {
    struct client *client = world_client(world, 0);
    client_add_raw(client, requests, strlen(requests));
    client_owe(client, OWED_ANY, "", 0);
    client_owe(client, OWED_ANY, "", 0);
    client_add_token(client);
    bool closes = world->leniency.closes, refuses = world->leniency.refuses;
    world->leniency.closes = world->leniency.refuses = false;
    world_sync(world);
    world->leniency.closes = closes;
    world->leniency.refuses = refuses;
    client_close(client, false);
    expect_nobody(world);
}

/*
 * INFO has the listener accept whoever waits still: a client may have sent a write and gone before it was. After that
 * FLUSHALL empties the store, and what is then left of values is held by nobody.
 */
static void expect_no_values(struct world *world) {
    ask(world, "AUTH secret\r\nINFO server\r\n");
    ask(world, "AUTH secret\r\nFLUSHALL SYNC\r\n");
    WAIT_FOR("keys left after FLUSHALL", statistics_of(world).keys, 0);
    WAIT_FOR("bytes of values left after FLUSHALL", statistics_of(world).memory_values, 0);
}

/* Says where what is lost was allocated; only in builds with the leak checker. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

void world_end(struct world *world) {
    struct fuzz_random random = fuzz_random_of(world->seed, UINT64_MAX - 3);
    probe_fault_disarm(world->fault);
    bool is_cut_short = fuzz_chance(&random, 15);
    if (!is_cut_short) {
        world_restore_settings(world);
        world_replace_certificate(world, &random, false);
        world_unpause(world);
        world_sync(world);
        world_check_store(world);
        let_all_go(world);
        world_unpause(world);
        expect_nobody(world);
        world_check_store(world);
        expect_no_values(world);
    }
    if (fuzz_chance(&random, 60)) {
        rd_server_begin_drain(world->server);
        (void)rd_server_wait_drained(world->server, fuzz_below(&random, 50));
    }
    probe_fault_enter(world->fault);
    rd_server_destroy(world->server);
    probe_fault_leave();
    let_all_go(world);
    tls_clients_end(&world->tls);
    probe_scripts_free(world->scripts);
    if (world->server) world_complain("releases of the callbacks", 1, 0);
    struct probe_fault_held held = probe_fault_held(world->fault);
    bool is_lost = held.blocks && __lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0;
    if (is_lost || llabs(held.blocks) > METHODS_CACHED) world_complain("blocks of memory left", 0, held.blocks);
    if (held.mapped) world_complain("mapped bytes left", 0, held.mapped);
    if (held.descriptors) world_complain("descriptors left at the end", 0, held.descriptors);
    probe_fault_free(world->fault);
}
