/* This file owns the table of actions, and each of them. */
#include "actions.h"

#include <sys/socket.h>

#include "server/server.h"
#include "traffic.h"

#define IN(profile) (1u << PROFILE_##profile)
#define ANYWHERE (IN(MODEL) | IN(LIMITS) | IN(WILD) | IN(AUTH) | IN(FAULTS))
#define HARSH (IN(LIMITS) | IN(WILD) | IN(AUTH) | IN(FAULTS))

struct action {
    const char *name;
    uint32_t profiles, weight;
    void (*run)(struct world *world, struct client *client, struct fuzz_random *random);
};

static bool is_modelled(const struct world *world, const struct client *client) {
    return world->profile == PROFILE_MODEL && (client - world->clients) % 2 == 0;
}

static void send_pieces(struct world *world, struct client *client, struct fuzz_random *random) {
    for (uint32_t i = 1 + fuzz_below(random, 6); i > 0 && client->fd >= 0 && client_unsent(client); i--) {
        uint32_t dice = fuzz_below(random, 100);
        size_t piece = dice < 60 ? client_next_cut(client, random) : dice < 80 ? 1 + fuzz_below(random, 100) : 1 + fuzz_below(random, 70000);
        world_send(world, client, piece);
    }
}

/* It speaks TLS, and has not said hello yet. */
static bool is_fresh(const struct client *client) {
    return client->tls && !client->tls->is_begun && client->tls->sent == 0;
}

static void talk(struct world *world, struct client *client, struct fuzz_random *random) {
    if (client->has_ended || client->is_doomed) {
        client_close(client, fuzz_chance(random, 50));
        return;
    }
    /* What waits is bounded, but not by dropping anything. */
    if (client_unsent(client) > 4u << 20) {
        world_sync(world);
        if (client->fd < 0) return;
    }
    if (is_fresh(client) && !is_modelled(world, client) && fuzz_chance(random, 15)) {
        traffic_broken_tls(client, random);
        return;
    }
    uint32_t dice = fuzz_below(random, 100);
    if (is_modelled(world, client)) traffic_model(world, client, random);
    else if (fuzz_chance(random, 12)) traffic_scripts(world, client, random);
    else if (world->profile == PROFILE_AUTH && fuzz_chance(random, 30)) traffic_passwords(world, client, random);
    else if (dice < 30) traffic_named(world, client, random);
    else if (dice < 38) {
        traffic_large(world, client, random);
        if (fuzz_chance(random, 60)) send_pieces(world, client, random);
        if (client->fd < 0) return;
    }
    else if (dice < 60) traffic_any(world, client, random);
    else if (dice < 80) traffic_transaction(world, client, random);
    else traffic_modes(world, client, random);
    if (fuzz_chance(random, 40)) world_send(world, client, SIZE_MAX);
}

static void send_bytes(struct world *world, struct client *client, struct fuzz_random *random) {
    for (uint32_t i = 1 + fuzz_below(random, 150); i > 0 && client->fd >= 0 && client_unsent(client); i--) {
        world_send(world, client, 1);
    }
}

static void send_all(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)random;
    world_send(world, client, SIZE_MAX);
}

static void receive(struct world *world, struct client *client, struct fuzz_random *random) {
    if (fuzz_chance(random, 50)) world_read(world);
    else client_read(client, 1 + fuzz_below(random, 5000));
}

static void stop_reading(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)world;
    (void)random;
    client->does_not_read = true;
}

static void sync_all(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    world_sync(world);
    if (fuzz_chance(random, 40)) world_check_store(world);
}

/* Everybody's request comes in part, within a record where it can be, and the workers wait for the rest. */
static void rest(struct world *world, struct client *client, struct fuzz_random *random) {
    world_sync(world);
    for (uint32_t i = 0; i < world->client_count; i++) {
        client = &world->clients[i];
        if (client->fd < 0 || client->is_doomed || client->has_ended || fuzz_chance(random, 40)) continue;
        client_add_token(client);
        client_add_token(client);
        if (fuzz_chance(random, 70)) client_seal(client);
        world_send(world, client, 2 + fuzz_below(random, 60));
    }
    world_check_rest(world);
}

static void leave(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)world;
    client_close(client, fuzz_chance(random, 50));
}

/* By TLS, by the socket, or both. */
static void end_sending(struct world *world, struct client *client, struct fuzz_random *random) {
    world_send(world, client, SIZE_MAX);
    if (client->fd < 0 || client_unsent(client)) return;
    bool says_goodbye = client->tls && fuzz_chance(random, 70), stays = says_goodbye && fuzz_chance(random, 40);
    if (says_goodbye) {
        tls_seal_goodbye(client->tls);
        world_send(world, client, fuzz_chance(random, 80) ? SIZE_MAX : 1 + fuzz_below(random, 20));
        if (client->fd < 0) return;
        stays &= client_unsent(client) == 0 && client->tls->has_gone;
    }
    if (!stays) shutdown(client->fd, SHUT_WR);
    client->has_ended = true;
}

static void break_protocol(struct world *world, struct client *client, struct fuzz_random *random) {
    if (client->has_ended || client->is_doomed || is_modelled(world, client)) return;
    if (client->tls && fuzz_chance(random, 60)) traffic_broken_tls(client, random);
    else traffic_broken(world, client, random);
    if (fuzz_chance(random, 70)) send_pieces(world, client, random);
}

static void advance_clock(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    static const long long steps[] = {1, 999, 1000, 1001, 2000, 10000, 61000, 1001000};
    world_sync(world);
    world_set_clock(world, world->now_ms + FUZZ_PICK(random, steps));
}

static void jump_clock(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    static const long long steps[] = {-86400000, 86400000, -1000, 1, 3600000, -1, 31536000000ll};
    long long at = world->now_ms + FUZZ_PICK(random, steps);
    world->now_ms = at > 0 ? at : 1;
    probe_fault_stop_clock(world->fault, world->now_ms);
}

struct choice {
    enum rd_setting setting;
    int64_t values[6];
};

/* Whatever settings there are, at the ends of what they allow too; those that a test cannot wait for are left out. */
static void change_any(struct world *world, struct fuzz_random *random) {
    static const int64_t values[] = {0, 1, 2, 10, 100, 1000, 65536, 1 << 20, 1 << 30, INT64_MAX};
    enum rd_setting setting = fuzz_below(random, RD_SETTING_COUNT);
    int64_t value = FUZZ_PICK(random, values);
    bool is_left_out = setting == RD_SET_CONNECTION_RATE || setting == RD_SET_CONNECTION_RATE_PER_ADDRESS ||
                       setting == RD_SET_AUTH_REQUIRED || setting == RD_SET_AUTH_FAILURE_DELAY ||
                       setting == RD_SET_MAX_BULK_LENGTH || setting == RD_SET_SCRIPT_TIME_LIMIT || setting == RD_SET_PROTECTED_MODE;
    if (!is_left_out) (void)rd_server_set(world->server, setting, value);
}

static void change_setting(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    static const struct choice memory = {RD_SET_MAX_MEMORY, {0, 36000, 100000, 2 << 20, 6 << 20, 20 << 20}};
    static const struct choice choices[] = {
        {RD_SET_MAX_CONNECTIONS, {0, 1, 3, 10, 10000, 10000}},
        {RD_SET_IDLE_TIMEOUT, {0, 0, 0, 1, 1000, 100000}},
        {RD_SET_EVICTION_SAMPLES, {1, 5, 10, 64, 5, 5}},
        {RD_SET_MAX_BULK_LENGTH, {1024, 40000, 200000, 8 << 20, 8 << 20, 8 << 20}},
        {RD_SET_QUERY_BUFFER_LIMIT, {65536, 100000, 1 << 20, 1 << 30, 1 << 30, 1 << 30}},
        {RD_SET_OUTPUT_LIMIT, {0, 0, 1, 20000, 200000, 2000000}},
        {RD_SET_OUTPUT_SOFT_LIMIT, {0, 0, 1, 20000, 200000, 2000000}},
        {RD_SET_OUTPUT_SOFT_TIME, {0, 1, 10, 100, 1000, 0}},
        {RD_SET_BATCH_SIZE, {1, 2, 3, 64, 255, 256}},
        {RD_SET_EXPIRE_EFFORT, {1, 10, 1, 5, 10, 10}},
        {RD_SET_SLOWLOG_SLOWER_THAN, {0, 0, 1, 100, 10000, RD_SLOWLOG_OFF}},
        {RD_SET_SLOWLOG_MAX_LEN, {0, 1, 2, 10, 128, 1000}},
        {RD_SET_SLOWLOG_ENTRY_ARGS, {2, 3, 32, 32, 1000, 1000000}},
        {RD_SET_SLOWLOG_ENTRY_BYTES, {1, 8, 128, 128, 5000, 100000}},
        {RD_SET_LARGE_REQUEST, {0, 0, 100, 20000, 1 << 20, RD_SLOWLOG_OFF}},
        {RD_SET_LARGE_REQUEST_MAX_LEN, {0, 1, 2, 10, 128, 1000}},
        {RD_SET_LARGE_REPLY, {0, 0, 100, 20000, 1 << 20, RD_SLOWLOG_OFF}},
        {RD_SET_LARGE_REPLY_MAX_LEN, {0, 1, 2, 10, 128, 1000}},
        {RD_SET_LATENCY_THRESHOLD, {0, 1, 1, 2, 100, 0}},
        {RD_SET_DEBUG_COMMAND, {RD_DEBUG_NO, RD_DEBUG_LOCAL, RD_DEBUG_YES, RD_DEBUG_YES, RD_DEBUG_YES, RD_DEBUG_YES}},
        {RD_SET_TCP_NODELAY, {0, 1, 0, 1, 1, 1}},
        {RD_SET_TLS_HANDSHAKE_LIMIT, {0, 0, 1, 2, 5, 1000}},
        {RD_SET_TLS_HANDSHAKE_TIMEOUT, {100, 200, 1000, 10000, 10000, 10000}},
        {RD_SET_AUTH_REQUIRED, {0, 0, 0, 0, 0, 0}},
    };
    const struct choice *choice = fuzz_chance(random, 45) ? &memory : &FUZZ_PICK(random, choices);
    int64_t value = FUZZ_PICK(random, choice->values);
    if (choice->setting == RD_SET_MAX_MEMORY && fuzz_chance(random, 20)) value = 1 + fuzz_below(random, 3 << 20);
    if (choice->setting == RD_SET_AUTH_REQUIRED && world->profile == PROFILE_AUTH) value = fuzz_below(random, 2);
    static const int64_t script_limits[] = {1, 1, 2, 3, 5, 10, 50};
    if (world->leniency.busy && fuzz_chance(random, 20)) {
        (void)rd_server_set(world->server, RD_SET_SCRIPT_TIME_LIMIT, FUZZ_PICK(random, script_limits));
        return;
    }
    if (fuzz_chance(random, 10)) {
        change_any(world, random);
        return;
    }
    if (rd_server_set(world->server, choice->setting, value) != RD_OK) world_complain("a setting is refused", choice->setting, value);
    if (world->is_verbose) fprintf(stderr, "  setting %d = %lld\n", choice->setting, (long long)value);
}

/* How large a value with a shape is packed shows in no answer. */
static void change_limits(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    static const enum rd_setting entries[] = {RD_SET_HASH_ENTRIES, RD_SET_SET_ENTRIES, RD_SET_SET_INTEGERS, RD_SET_ZSET_ENTRIES, RD_SET_LIST_ENTRIES};
    static const enum rd_setting values[] = {RD_SET_HASH_VALUE, RD_SET_SET_VALUE, RD_SET_ZSET_VALUE};
    static const int64_t most[] = {0, 1, 2, 5, 10, 30, 128, 512}, longest[] = {0, 5, 64, 64, 100, 65536};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (rd_server_set(world->server, entries[i], FUZZ_PICK(random, most)) != RD_OK) world_complain("a limit is refused", (long long)i, 0);
    }
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (rd_server_set(world->server, values[i], FUZZ_PICK(random, longest)) != RD_OK) world_complain("a limit is refused", (long long)i, 1);
    }
}

static void change_policy(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    uint32_t count = 0;
    while (rd_policy_name(count)) count++;
    const char *name = rd_policy_name(fuzz_below(random, count));
    if (rd_server_set_policy(world->server, name) != RD_OK) world_complain("a policy is refused", 0, 1);
    if (world->is_verbose) fprintf(stderr, "  policy %s\n", name);
}

static void replace_certificate(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    world_replace_certificate(world, random, world->leniency.closes && fuzz_chance(random, 10));
}

static bool is_fine(enum rd_status status) {
    return status == RD_OK || status == RD_ERR_NO_MEMORY; /* in runs where allocations fail */
}

/* Who they are, and whether they may do what they could before; their connections end where they may not. */
static void change_users(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    if (!world->leniency.closes) return;
    static const char *const names[] = {"app", "reader"}, *const patterns[] = {"g:*", "k*", "*1", "[a-m]*"};
    bool fits = true;
    probe_fault_enter(world->fault); /* its blocks are the server's from here on */
    struct rd_user_list *list = fuzz_chance(random, 80) ? rd_user_list_new() : NULL;
    for (size_t i = 0; list && i < 2; i++) {
        struct rd_slice name = {names[i], strlen(names[i])};
        if (fuzz_chance(random, 20)) continue;
        enum rd_status status = rd_user_list_add(list, name, fuzz_below(random, 3), true);
        fits &= is_fine(status);
        if (status != RD_OK) continue;
        const char *pattern = FUZZ_PICK(random, patterns);
        if (fuzz_chance(random, 60)) fits &= is_fine(rd_user_list_add_key(list, (struct rd_slice){pattern, strlen(pattern)}));
        if (fuzz_chance(random, 30)) fits &= is_fine(rd_user_list_add_database(list, fuzz_below(random, 4)));
    }
    rd_server_set_users(world->server, list);
    probe_fault_leave();
    if (!fits) world_complain("a user is refused", 0, 1);
}

static void restore(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    (void)random;
    world_restore_settings(world);
}

static void look(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    struct rd_statistics statistics;
    struct rd_command_statistics command;
    struct rd_error_count errors[64];
    uint64_t latency[RD_LATENCY_BUCKETS];
    rd_server_statistics(world->server, &statistics);
    for (size_t i = 0; rd_server_command_statistics(world->server, i, &command, fuzz_chance(random, 20) ? latency : NULL); i++) {
    }
    (void)rd_server_error_counts(world->server, errors, 64);
    if (fuzz_chance(random, 20)) rd_server_reset_statistics(world->server);
}

static void fail_allocations(struct world *world, struct client *client, struct fuzz_random *random) {
    (void)client;
    if (fuzz_chance(random, 40)) probe_fault_disarm(world->fault);
    else probe_fault_arm(world->fault, 1 + fuzz_below(random, 60), fuzz_chance(random, 30));
}

static const struct action table[] = {
    {"talk", ANYWHERE, 300, talk},
    {"send pieces", ANYWHERE, 250, send_pieces},
    {"send bytes", ANYWHERE, 20, send_bytes},
    {"send all", ANYWHERE, 80, send_all},
    {"receive", ANYWHERE, 100, receive},
    {"stop reading", ANYWHERE, 20, stop_reading},
    {"sync", ANYWHERE, 20, sync_all},
    {"rest", ANYWHERE, 4, rest},
    {"leave", HARSH, 15, leave},
    {"change users", HARSH, 4, change_users},
    {"end sending", ANYWHERE, 5, end_sending},
    {"break the protocol", ANYWHERE, 10, break_protocol},
    {"advance the clock", IN(MODEL), 15, advance_clock},
    {"limits", ANYWHERE, 6, change_limits},
    {"jump the clock", HARSH, 10, jump_clock},
    {"setting", HARSH, 40, change_setting},
    {"policy", HARSH, 15, change_policy},
    {"restore", HARSH, 5, restore},
    {"certificate", ANYWHERE, 6, replace_certificate},
    {"look", ANYWHERE, 8, look},
    {"fail", IN(FAULTS), 60, fail_allocations},
};

static const struct action *choose(const struct world *world, struct fuzz_random *random) {
    uint32_t all = 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].profiles & (1u << world->profile)) all += table[i].weight;
    }
    uint32_t dice = fuzz_below(random, all);
    for (size_t i = 0;; i++) {
        if (!(table[i].profiles & (1u << world->profile))) continue;
        if (dice < table[i].weight) return &table[i];
        dice -= table[i].weight;
    }
}

uint32_t actions_count(uint64_t seed) {
    struct fuzz_random random = fuzz_random_of(seed, UINT64_MAX - 4);
    return 50 + fuzz_below(&random, fuzz_chance(&random, 20) ? 3000 : 900);
}

void actions_do(struct world *world, uint32_t number) {
    struct fuzz_random random = fuzz_random_of(world->seed, number);
    const struct action *action = choose(world, &random);
    uint32_t index = fuzz_below(&random, world->client_count);
    if (world->is_verbose) fprintf(stderr, "%u: client %u: %s\n", number, index, action->name);
    action->run(world, world_client(world, index), &random);
}
