/* This file owns the command line. */
#include "options.h"

#include "fail.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for the largest 32-bit key number behind the one-letter prefix. */
#define BENCH_KEY_SIZE_MIN 11
#define BENCH_KEY_SIZE_MAX 1024
#define BENCH_VALUE_SIZE_MAX (512 << 20)
#define BENCH_PIPELINE_MAX 4096
#define BENCH_WIDTH_MAX 10000
/* memcached takes a larger one as a date. */
#define BENCH_MEMCACHED_TTL_MAX 2592000
#define BENCH_CONNECTIONS_MAX 60000

static const char usage[] =
    "usage: bench-load --port PORT [options]\n"
    "  --preload              SET every key before anything else\n"
    "  --seconds S            measured window (3); 0 = none, as after a mere --preload\n"
    "  --operations N         end the window after N operations instead\n"
    "  --warmup S             the same load before the window, not measured (0.5)\n"
    "  --threads N            (1)\n"
    "  --connections N        of all threads together (50)\n"
    "  --pipeline N           requests sent and awaited together (1)\n"
    "  --keys N               (1000000)\n"
    "  --first-key N          number of the first of them (0)\n"
    "  --key-size BYTES       (16)\n"
    "  --value-size BYTES     (64)\n"
    "  --command NAME         get, mget, incr, multi (a transaction of GET and SET in turn), ping, or on collections:\n"
    "                         hset, hget, hgetall, sadd (with an SREM), sismember, lpush (with an RPOP), lrange (get)\n"
    "  --width N              keys of each mget, commands of each multi, elements of each collection (10)\n"
    "  --set-share F          SETs instead of that command, 0..1 (0.1 with get, otherwise 0)\n"
    "  --misses               count the keys that are not there instead of failing\n"
    "  --zipf S               Zipf keys with this exponent instead of uniform ones\n"
    "  --ttl S                every SET carries EX S\n"
    "  --rate N               operations a second, latency from the intended time, instead of as fast as it goes\n"
    "  --seed N               (1)\n"
    "  --protocol NAME        resp or memcached, whose text protocol is meant (resp)\n"
    "  --password TEXT        AUTH on each connection before anything else\n"
    "  --reconnect            each batch on a connection of its own: connect, send, receive, close\n"
    "  --tls                  the server speaks TLS\n"
    "  --server-pid PID       measure that process's CPU time over the window\n"
    "  --idle N               hold N connections, each after one PING, until stdin closes; nothing else\n";

/* getopt's value of a long option; above the letters. */
enum option_code {
    OPTION_PORT = 256, OPTION_PRELOAD, OPTION_SECONDS, OPTION_OPERATIONS, OPTION_WARMUP, OPTION_THREADS,
    OPTION_CONNECTIONS, OPTION_PIPELINE, OPTION_KEYS, OPTION_FIRST_KEY, OPTION_KEY_SIZE, OPTION_VALUE_SIZE,
    OPTION_SET_SHARE, OPTION_ZIPF, OPTION_TTL, OPTION_RATE, OPTION_SEED, OPTION_TLS, OPTION_SERVER_PID,
    OPTION_IDLE, OPTION_COMMAND, OPTION_WIDTH, OPTION_MISSES, OPTION_PROTOCOL, OPTION_PASSWORD, OPTION_RECONNECT,
    OPTION_HELP,
};

static const struct option names[] = {
    {"port", required_argument, NULL, OPTION_PORT},
    {"preload", no_argument, NULL, OPTION_PRELOAD},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"operations", required_argument, NULL, OPTION_OPERATIONS},
    {"warmup", required_argument, NULL, OPTION_WARMUP},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"connections", required_argument, NULL, OPTION_CONNECTIONS},
    {"pipeline", required_argument, NULL, OPTION_PIPELINE},
    {"keys", required_argument, NULL, OPTION_KEYS},
    {"first-key", required_argument, NULL, OPTION_FIRST_KEY},
    {"key-size", required_argument, NULL, OPTION_KEY_SIZE},
    {"value-size", required_argument, NULL, OPTION_VALUE_SIZE},
    {"set-share", required_argument, NULL, OPTION_SET_SHARE},
    {"zipf", required_argument, NULL, OPTION_ZIPF},
    {"ttl", required_argument, NULL, OPTION_TTL},
    {"rate", required_argument, NULL, OPTION_RATE},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"tls", no_argument, NULL, OPTION_TLS},
    {"server-pid", required_argument, NULL, OPTION_SERVER_PID},
    {"idle", required_argument, NULL, OPTION_IDLE},
    {"command", required_argument, NULL, OPTION_COMMAND},
    {"width", required_argument, NULL, OPTION_WIDTH},
    {"misses", no_argument, NULL, OPTION_MISSES},
    {"protocol", required_argument, NULL, OPTION_PROTOCOL},
    {"password", required_argument, NULL, OPTION_PASSWORD},
    {"reconnect", no_argument, NULL, OPTION_RECONNECT},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* In the order of enum bench_command. */
static const char *const commands[] = {"get", "mget", "incr", "multi", "ping", "hset", "hget", "hgetall", "sadd",
                                       "sismember", "lpush", "lrange", NULL};
static const char *const protocols[] = {"resp", "memcached", NULL};

static uint64_t whole(const char *name, const char *text, uint64_t least, uint64_t most) {
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || value < least || value > most) {
        bench_fail("--%s %s: a whole number from %lu to %lu is needed", name, text, least, most);
    }
    return value;
}

static double real(const char *name, const char *text, double most) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= 0) || value > most) {
        bench_fail("--%s %s: a number from 0 to %g is needed", name, text, most);
    }
    return value;
}

/* The place of `text` among `choices`, which NULL ends. */
static uint32_t choice(const char *name, const char *text, const char *const *choices) {
    for (uint32_t i = 0; choices[i]; i++) {
        if (strcmp(text, choices[i]) == 0) return i;
    }
    char known[128] = "";
    for (uint32_t i = 0; choices[i]; i++) {
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "", choices[i]);
    }
    bench_fail("--%s %s: one of %s is needed", name, text, known);
}

static const char *password_of(const char *text) {
    if (strlen(text) > BENCH_PASSWORD_MAX) bench_fail("--password: longer than %d bytes", BENCH_PASSWORD_MAX);
    return text;
}

static void apply(struct bench_options *options, int code, const char *name, const char *text) {
    switch (code) {
    case OPTION_PORT: options->port = (uint16_t)whole(name, text, 1, UINT16_MAX); break;
    case OPTION_PRELOAD: options->preload = true; break;
    case OPTION_SECONDS: options->seconds = real(name, text, 1e6); break;
    case OPTION_OPERATIONS: options->operations = whole(name, text, 1, UINT64_MAX); break;
    case OPTION_WARMUP: options->warmup = real(name, text, 1e6); break;
    case OPTION_THREADS: options->threads = (uint32_t)whole(name, text, 1, 256); break;
    case OPTION_CONNECTIONS: options->connections = (uint32_t)whole(name, text, 1, BENCH_CONNECTIONS_MAX); break;
    case OPTION_PIPELINE: options->pipeline = (uint32_t)whole(name, text, 1, BENCH_PIPELINE_MAX); break;
    case OPTION_KEYS: options->keys = (uint32_t)whole(name, text, 1, UINT32_MAX); break;
    case OPTION_FIRST_KEY: options->first_key = (uint32_t)whole(name, text, 0, UINT32_MAX); break;
    case OPTION_KEY_SIZE:
        options->key_size = (uint32_t)whole(name, text, BENCH_KEY_SIZE_MIN, BENCH_KEY_SIZE_MAX);
        break;
    case OPTION_VALUE_SIZE: options->value_size = (uint32_t)whole(name, text, 0, BENCH_VALUE_SIZE_MAX); break;
    case OPTION_SET_SHARE: options->set_share = real(name, text, 1); break;
    case OPTION_ZIPF: options->zipf = real(name, text, 10); break;
    case OPTION_TTL: options->ttl = whole(name, text, 1, 1000000000); break;
    case OPTION_RATE: options->rate = real(name, text, 1e9); break;
    case OPTION_SEED: options->seed = whole(name, text, 0, UINT64_MAX); break;
    case OPTION_TLS: options->tls = true; break;
    case OPTION_SERVER_PID: options->server_pid = (pid_t)whole(name, text, 1, INT32_MAX); break;
    case OPTION_IDLE: options->idle = (uint32_t)whole(name, text, 1, BENCH_CONNECTIONS_MAX); break;
    case OPTION_COMMAND: options->command = choice(name, text, commands); break;
    case OPTION_WIDTH: options->width = (uint32_t)whole(name, text, 1, BENCH_WIDTH_MAX); break;
    case OPTION_MISSES: options->misses = true; break;
    case OPTION_PROTOCOL: options->memcached = choice(name, text, protocols) == 1; break;
    case OPTION_PASSWORD: options->password = password_of(text); break;
    case OPTION_RECONNECT: options->reconnect = true; break;
    case OPTION_HELP:
        fputs(usage, stdout);
        exit(0);
    default:
        fputs(usage, stderr);
        exit(2);
    }
}

/* What a command leaves room for; the share of SETs that was not given. */
static void check_command(struct bench_options *options) {
    const char *name = commands[options->command];
    bool gets = options->command == BENCH_COMMAND_GET || options->command == BENCH_COMMAND_MGET;
    if (!gets && options->set_share > 0) bench_fail("--set-share: there are no SETs beside --command %s", name);
    if (!gets && options->misses && options->command != BENCH_COMMAND_MULTI) {
        bench_fail("--misses: --command %s asks for no value", name);
    }
    if (options->set_share < 0) options->set_share = options->command == BENCH_COMMAND_GET ? 0.1 : 0;
}

static void check_memcached(const struct bench_options *options) {
    if (options->command == BENCH_COMMAND_MULTI) bench_fail("--command multi: memcached has no transactions");
    if (bench_command_is_on_collections(options->command)) {
        bench_fail("--command %s: memcached has no collections", commands[options->command]);
    }
    if (options->password) bench_fail("--password: memcached's text protocol has no AUTH");
    if (options->key_size > BENCH_MEMCACHED_KEY_MAX) {
        bench_fail("--key-size %u: memcached takes at most %d bytes", options->key_size, BENCH_MEMCACHED_KEY_MAX);
    }
    if (options->ttl > BENCH_MEMCACHED_TTL_MAX) {
        bench_fail("--ttl %lu: memcached takes more than %d s as a date", options->ttl, BENCH_MEMCACHED_TTL_MAX);
    }
}

struct bench_options bench_options_parse(int argc, char **argv) {
    struct bench_options options = {
        .threads = 1, .connections = 50, .pipeline = 1, .keys = 1000000, .key_size = 16, .value_size = 64,
        .width = 10, .set_share = -1, .warmup = 0.5, .seconds = 3, .seed = 1,
    };
    int code, index = 0;
    while ((code = getopt_long(argc, argv, "", names, &index)) != -1) apply(&options, code, names[index].name, optarg);
    if (optind != argc) bench_fail("%s: not an option", argv[optind]);
    if (options.port == 0) bench_fail("--port is needed");
    if (options.first_key > UINT32_MAX - options.keys) bench_fail("--first-key: not so many keys follow it");
    if (options.threads > options.connections) bench_fail("--threads: more than --connections");
    check_command(&options);
    if (options.memcached) check_memcached(&options);
    if (options.reconnect && (options.tls || options.password)) {
        bench_fail("--reconnect: not with --tls or --password, whose answers are awaited before anything else");
    }
    return options;
}
