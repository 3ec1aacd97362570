/* This file owns the slots. They run on workers, several at once. */
#include "callbacks.h"

#include "probe_script.h"

static bool authenticate(void *context, const struct rd_peer *peer, struct rd_slice user, struct rd_slice password) {
    (void)context;
    (void)peer;
    (void)user; /* one password for all, whom the server knows */
    return password.length == 6 && memcmp(password.bytes, "secret", 6) == 0;
}

static void info(void *context, const struct rd_slice *sections, size_t count, struct rd_reply *reply) {
    const struct world *world = context;
    struct rd_statistics statistics;
    rd_server_statistics(world->server, &statistics);
    char text[4096];
    size_t length = 0;
    for (size_t i = 0; i < count && i < 8; i++) length += sections[i].length;
    length = (size_t)snprintf(text, sizeof text, "used_memory:%llu\r\nkeys:%llu\r\nnamed:%zu\r\n",
                              (unsigned long long)statistics.memory_used, (unsigned long long)statistics.keys, length);
    rd_reply_verbatim(reply, text, length);
}

static void config_get(void *context, const struct rd_slice *patterns, size_t count, struct rd_reply *reply) {
    (void)context;
    rd_reply_map(reply, count);
    for (size_t i = 0; i < count; i++) {
        rd_reply_bulk(reply, patterns[i].bytes, patterns[i].length);
        rd_reply_bulk(reply, "value", 5);
    }
}

static bool is(struct rd_slice slice, const char *text) {
    return slice.length == strlen(text) && memcmp(slice.bytes, text, slice.length) == 0;
}

static void config_set(void *context, const struct rd_peer *peer, const struct rd_slice *pairs, size_t count,
                       struct rd_reply *reply) {
    (void)peer;
    const struct world *world = context;
    for (size_t i = 0; i + 1 < count; i += 2) {
        char text[24] = "";
        memcpy(text, pairs[i + 1].bytes, pairs[i + 1].length < 20 ? pairs[i + 1].length : 20);
        long long value = atoll(text);
        enum rd_status status = RD_OK;
        if (is(pairs[i], "maxmemory")) status = rd_server_set(world->server, RD_SET_MAX_MEMORY, value);
        else if (is(pairs[i], "query")) status = rd_server_set(world->server, RD_SET_QUERY_BUFFER_LIMIT, value);
        else if (is(pairs[i], "policy")) status = rd_server_set_policy(world->server, rd_policy_name((size_t)value & 7));
        if (status == RD_OK) continue;
        rd_reply_error(reply, "ERR no such setting", 19);
        return;
    }
    rd_reply_ok(reply);
}

static void config_rewrite(void *context, const struct rd_peer *peer, struct rd_reply *reply) {
    (void)context;
    (void)peer;
    rd_reply_ok(reply);
}

static void script(void *context, const struct rd_script_request *request, struct rd_reply *reply) {
    const struct world *world = context;
    probe_script_answer(world->scripts, request, reply);
}

static void ask_for_stop(void *context, const struct rd_peer *peer, bool now, enum rd_stop_save save) {
    (void)context;
    (void)peer;
    (void)now;
    (void)save;
}

static void event(void *context, const struct rd_event *event) {
    const struct world *world = context;
    if (world->is_verbose) fprintf(stderr, "  event %d: %s %s\n", event->kind, event->peer, event->detail);
    if (event->kind == RD_EVENT_WORKER_FAILED) world_complain("a worker gave up", 0, 1);
    if (strlen(event->peer) + strlen(event->detail) > 4096) abort();
}

static void release(void *context) {
    struct world *world = context;
    world->server = NULL;
}

struct rd_callbacks callbacks_of(struct world *world) {
    return (struct rd_callbacks){
        .context = world,
        .authenticate = authenticate,
        .info = info,
        .config_get = config_get,
        .config_set = config_set,
        .config_rewrite = config_rewrite,
        .script = script,
        .shutdown = ask_for_stop,
        .event = event,
        .release = release,
    };
}
