/* This file owns DEBUG: what test suites ask of a server. It needs enable_debug_command. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "call/handler.h"
#include "base/digest.h"
#include "connection/conn.h"
#include "resp/rdb.h"
#include "shape/look.h"

/* Every subcommand: its words after DEBUG, at least and at most, and what it does. */
struct debug {
    const char *name;
    uint32_t least, most;
    void (*run)(struct rd_call *call);
};

static void sleep_for(struct rd_call *call) {
    char text[64], *end;
    struct rd_slice argument = call->argv[2];
    if (argument.length >= sizeof text) argument.length = sizeof text - 1;
    memcpy(text, argument.bytes, argument.length);
    text[argument.length] = 0;
    double seconds = strtod(text, &end);
    if (*end == 0 && seconds > 0 && seconds < 1e6) {
        struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
        while (nanosleep(&time, &time) != 0 && errno == EINTR) {
        }
    }
    rd_reply_ok(call->reply);
}

/* To see what a crash leaves behind. */
static void fault(struct rd_call *call) {
    char *page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) rd_reply_oom(call->reply);
    else *(volatile char *)page = 1;
}

static void set_active_expire(struct rd_call *call) {
    bool on = !rd_slice_is(call->argv[2], "0");
    atomic_store_explicit(&call->loop->shared->sweeps_not, !on, memory_order_relaxed);
    rd_reply_ok(call->reply);
}

/* Of Redis's commands that are not for scripts, only DEBUG itself is any use to a test of ours. */
static void set_disable_deny_scripts(struct rd_call *call) {
    bool on = !rd_slice_is(call->argv[2], "0");
    atomic_store_explicit(&call->loop->shared->scripts_debug, on, memory_order_relaxed);
    rd_reply_ok(call->reply);
}

/* Nothing is on disk, so that a save and a reload are nothing at all; nor are there hash tables to hold still. */
static void nothing(struct rd_call *call) {
    rd_reply_ok(call->reply);
}

static void reply_error(struct rd_call *call) {
    rd_reply_error(call->reply, call->argv[2].bytes, call->argv[2].length);
}

/* The found entry of argv[at], with its shard locked until release; NULL when it is not there. */
static struct rd_entry *hold(struct rd_call *call, uint32_t at, struct rd_shard **shard) {
    uint64_t hash = rd_store_hash(call->store, call->argv[at]);
    *shard = rd_store_shard(call->store, hash);
    rd_call_wait_lock(call, *shard);
    return rd_shard_find(*shard, hash, rd_call_key_at(call, at), call->now).entry;
}

static void describe_object(struct rd_call *call) {
    struct rd_shard *shard;
    const struct rd_entry *entry = hold(call, 2, &shard);
    char text[256];
    int length = 0;
    if (entry) {
        length = snprintf(text, sizeof text, "Value at:%p refcount:1 encoding:%s serializedlength:%llu lru:0 "
                          "lru_seconds_idle:0", (const void *)entry, rd_encoding_of(entry),
                          (unsigned long long)rd_entry_weight(entry) + 1);
    }
    rd_call_unlock(call, shard);
    if (entry) rd_reply_simple(call->reply, text, (size_t)length);
    else rd_reply_fail(call->reply, "ERR no such key");
}

/* As Redis: forty hexadecimal digits, the same for the same content, zeroes for none. */
struct sum {
    uint64_t parts[3];
};

static uint64_t digest_of(const struct rd_entry *entry) {
    return rd_entry_is_shaped(entry) ? rd_shape_digest(entry) : rd_digest(rd_entry_value(entry));
}

static void add_entry(struct sum *sum, const struct rd_entry *entry, uint32_t database) {
    uint64_t key = rd_digest(rd_entry_key(entry)) + database, value = digest_of(entry);
    uint64_t expiry = (uint64_t)rd_entry_expiry(entry);
    sum->parts[0] ^= key * 0x9e3779b97f4a7c15u + value;
    sum->parts[1] ^= (key ^ expiry) * 0xc2b2ae3d27d4eb4fu + value;
    sum->parts[2] ^= (value * 0x165667b19e3779f9u + key) & UINT32_MAX;
}

static void reply_sum(struct rd_reply *reply, const struct sum *sum, bool simple) {
    char text[48];
    int length = snprintf(text, sizeof text, "%016llx%016llx%08llx", (unsigned long long)sum->parts[0],
                          (unsigned long long)sum->parts[1], (unsigned long long)sum->parts[2]);
    if (simple) rd_reply_simple(reply, text, (size_t)length);
    else rd_reply_bulk(reply, text, (size_t)length);
}

struct walk {
    const struct rd_shard *shard;
    int64_t now;
    uint32_t database;
    struct sum sum;
};

static void visit(void *context, uint32_t reference) {
    struct walk *walk = context;
    const struct rd_entry *entry = rd_shard_entry(walk->shard, reference);
    if (rd_entry_has_expired(entry, walk->now)) return;
    add_entry(&walk->sum, entry, walk->database);
}

/* A key of another database adds something else than the same of the first. */
static void add_table(struct walk *walk, struct rd_table *table, uint32_t database) {
    uint32_t cursor = 0;
    walk->database = database;
    if (!table) return;
    do cursor = rd_table_scan(table, cursor, visit, walk);
    while (cursor);
}

static void digest(struct rd_call *call) {
    struct walk walk = {.now = call->now};
    for (uint32_t i = 0; i < call->store->shard_count; i++) {
        struct rd_shard *shard = &call->store->shards[i];
        walk.shard = shard;
        rd_call_wait_lock(call, shard);
        for (uint32_t database = 0; database < call->store->databases.count; database++) {
            add_table(&walk, rd_shard_table(shard, rd_databases_space(&call->store->databases, database)), database);
        }
        rd_call_unlock(call, shard);
    }
    reply_sum(call->reply, &walk.sum, true);
}

static void digest_values(struct rd_call *call) {
    rd_reply_array(call->reply, call->argc - 2);
    for (uint32_t i = 2; i < call->argc; i++) {
        struct rd_shard *shard;
        struct sum sum = {{0}};
        const struct rd_entry *entry = hold(call, i, &shard);
        if (entry) sum.parts[0] = sum.parts[1] = digest_of(entry);
        rd_call_unlock(call, shard);
        reply_sum(call->reply, &sum, true);
    }
}

/* POPULATE count [prefix] [size]: keys "prefix:n" that are not there yet, with values "value:n" cut or filled. */
static void populate(struct rd_call *call) {
    int64_t count, size = 0;
    struct rd_slice prefix = call->argc > 3 ? call->argv[3] : (struct rd_slice){"key", 3};
    if (!rd_call_integer(call, call->argv[2], &count)) return;
    if (call->argc > 4 && !rd_call_integer(call, call->argv[4], &size)) return;
    if (count < 0 || size < 0 || (uint64_t)size > rd_call_value_limit(call) || prefix.length > RD_KEY_INLINE_MAX) {
        rd_reply_fail(call->reply, "ERR value is out of range, must be positive");
        return;
    }
    char *value = calloc(1, (size_t)size + 64);
    enum rd_status status = value ? RD_OK : RD_ERR_NO_MEMORY;
    for (int64_t i = 0; i < count && status == RD_OK; i++) {
        char key[RD_KEY_INLINE_MAX + 32];
        int length = snprintf(key, sizeof key, "%.*s:%lld", (int)prefix.length, prefix.bytes, (long long)i);
        int digits = snprintf(value, 64, "value:%lld", (long long)i);
        struct rd_slice name = {key, (size_t)length};
        uint64_t hash = rd_store_hash(call->store, name);
        struct rd_shard *shard = rd_store_shard(call->store, hash);
        rd_call_wait_lock(call, shard);
        struct rd_key whole = rd_key_of(name, rd_call_space(call));
        struct rd_found found = rd_shard_find(shard, hash, whole, call->now);
        struct rd_new_value new = {.value = {value, size ? (size_t)size : (size_t)digits}};
        if (!found.entry) status = rd_shard_put(shard, hash, whole, &found, &new);
        rd_call_unlock(call, shard);
    }
    free(value);
    if (status == RD_OK) rd_reply_ok(call->reply);
    else rd_reply_oom(call->reply);
}

static void reply_numbers(struct rd_reply *reply, const char *header_3, const char *header_2) {
    if (reply->protocol == 3) rd_reply_raw(reply, header_3, strlen(header_3));
    else rd_reply_raw(reply, header_2, strlen(header_2));
}

static void protocol(struct rd_call *call) {
    struct rd_slice type = call->argv[2];
    struct rd_reply *reply = call->reply;
    if (rd_slice_is(type, "string")) rd_reply_text(reply, "Hello World");
    else if (rd_slice_is(type, "integer")) rd_reply_integer(reply, 12345);
    else if (rd_slice_is(type, "double")) reply_numbers(reply, ",3.141\r\n", "$5\r\n3.141\r\n");
    else if (rd_slice_is(type, "bignum")) {
        reply_numbers(reply, "(1234567999999999999999999999999999999\r\n",
                      "$37\r\n1234567999999999999999999999999999999\r\n");
    } else if (rd_slice_is(type, "null")) rd_reply_null(reply);
    else if (rd_slice_is(type, "array")) rd_reply_literal(reply, "*3\r\n:0\r\n:1\r\n:2\r\n");
    else if (rd_slice_is(type, "set")) reply_numbers(reply, "~3\r\n:0\r\n:1\r\n:2\r\n", "*3\r\n:0\r\n:1\r\n:2\r\n");
    else if (rd_slice_is(type, "map")) {
        rd_reply_map(reply, 3);
        rd_reply_literal(reply, ":0\r\n");
        rd_reply_boolean(reply, false);
        rd_reply_literal(reply, ":1\r\n");
        rd_reply_boolean(reply, true);
        rd_reply_literal(reply, ":2\r\n");
        rd_reply_boolean(reply, false);
    } else if (rd_slice_is(type, "attrib") && reply->protocol == 3) {
        rd_reply_literal(reply, "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"
                                "$39\r\nSome real reply following the attribute\r\n");
    } else if (rd_slice_is(type, "push") && reply->protocol == 3) {
        rd_reply_literal(reply, ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n");
    } else if (rd_slice_is(type, "attrib")) {
        rd_reply_text(reply, "Some real reply following the attribute");
    } else if (rd_slice_is(type, "push")) {
        rd_reply_fail(reply, "ERR RESP2 is not supported by this command");
    } else if (rd_slice_is(type, "verbatim")) rd_reply_verbatim(reply, "This is a verbatim\nstring", 25);
    else if (rd_slice_is(type, "true")) rd_reply_boolean(reply, true);
    else if (rd_slice_is(type, "false")) rd_reply_boolean(reply, false);
    else {
        rd_reply_fail(reply, "ERR Wrong protocol type name. Please use one of the following: "
                             "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
    }
}

static void help(struct rd_call *call) {
    static const char *const lines[] = {
        "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DIGEST",
        "    Output a hex signature representing the current DB content.",
        "DIGEST-VALUE <key> [<key> ...]",
        "    Output a hex signature of the values of all the specified keys.",
        "ERROR <string>",
        "    Return a Redis protocol error with <string> as message. Useful for clients",
        "    unit tests to simulate Redis errors.",
        "OBJECT <key>",
        "    Show low level info about `key` and associated value.",
        "POPULATE <count> [<prefix>] [<size>]",
        "    Create <count> string keys named key:<num>. If <prefix> is specified then",
        "    it is used instead of the 'key' prefix.",
        "PROTOCOL <type>",
        "    Reply with a test value of the specified type. <type> can be: string,",
        "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
        "    true, false.",
        "SET-ACTIVE-EXPIRE <0|1>",
        "    Setting it to 0 disables expiring keys in background when they are not",
        "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
        "    default.",
        "SEGFAULT",
        "    Crash the server with sigsegv.",
        "SLEEP <seconds>",
        "    Stop the worker that serves this connection for <seconds>. Decimals allowed.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

static const struct debug subcommands[] = {
    {"dict-resizing", 3, 3, nothing},
    {"digest", 2, 2, digest},
    {"digest-value", 3, UINT32_MAX, digest_values},
    {"error", 3, 3, reply_error},
    {"help", 2, 2, help},
    {"loadaof", 2, 2, nothing},
    {"log", 3, UINT32_MAX, nothing},
    {"object", 3, 4, describe_object},
    {"populate", 3, 5, populate},
    {"protocol", 3, 3, protocol},
    {"reload", 2, UINT32_MAX, nothing},
    {"set-active-expire", 3, 3, set_active_expire},
    {"set-disable-deny-scripts", 3, 3, set_disable_deny_scripts},
    {"segfault", 2, 2, fault},
    {"sleep", 3, 3, sleep_for},
};

/* From this machine: over a Unix socket, or from a loopback address. */
static bool is_local(const struct rd_conn *conn) {
    struct sockaddr_storage peer;
    rd_conn_address(conn, &peer);
    return rd_address_is_loopback(&peer);
}

/* https://redis.io/docs/latest/commands/debug/ */
static void cmd_debug(struct rd_call *call) {
    int64_t allowed = rd_setting(call->loop->settings, RD_SET_DEBUG_COMMAND);
    if (allowed == RD_DEBUG_NO || (allowed == RD_DEBUG_LOCAL && !is_local(call->conn))) {
        rd_reply_fail(call->reply, "ERR DEBUG command not allowed. If the enable-debug-command option is set to "
                                   "\"local\", you can run it from a local connection, otherwise you need to set this "
                                   "option in the configuration file, and then restart the server.");
        return;
    }
    for (size_t i = 0; i < sizeof subcommands / sizeof subcommands[0]; i++) {
        const struct debug *debug = &subcommands[i];
        if (!rd_slice_is(call->argv[1], debug->name) || call->argc < debug->least || call->argc > debug->most) continue;
        rd_call_tell(call, RD_EVENT_ADMIN_COMMAND);
        debug->run(call);
        return;
    }
    rd_call_refuse_subcommand(call);
}

const struct rd_command rd_debug_commands[] = {
    {"debug", -2, RD_CMD_OF_ADMIN | RD_CMD_ALL_KEYS, 0, 0, 0, cmd_debug,
     RD_DOCS("A container for debugging commands.", "1.0.0", "server", "Depends on subcommand.", .syntax = "",
             .also = "syscmd")},
    RD_END_OF_COMMANDS,
};
