/* This file owns the command line: what is asked for, checked. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* memcached takes no longer ones. */
#define BENCH_MEMCACHED_KEY_MAX 250
#define BENCH_PASSWORD_MAX 512

/* What is asked for, apart from the SETs of --set-share. */
enum bench_command {
    BENCH_COMMAND_GET,
    BENCH_COMMAND_MGET,
    BENCH_COMMAND_INCR,
    BENCH_COMMAND_MULTI,    /* a whole transaction: MULTI, GET and SET in turn, EXEC */
    BENCH_COMMAND_PING,
    /* On collections (collection.h). */
    BENCH_COMMAND_HSET,     /* over a field that is there */
    BENCH_COMMAND_HGET,
    BENCH_COMMAND_HGETALL,
    BENCH_COMMAND_SADD,     /* of a new member, and SREM of it */
    BENCH_COMMAND_SISMEMBER,
    BENCH_COMMAND_LPUSH,    /* and RPOP */
    BENCH_COMMAND_LRANGE,   /* all of it */
};

static inline bool bench_command_is_on_collections(enum bench_command command) {
    return command >= BENCH_COMMAND_HSET;
}

struct bench_options {
    uint16_t port;
    pid_t server_pid;       /* 0: the server's CPU time is not measured */
    uint32_t threads;
    uint32_t connections;   /* of all threads together */
    uint32_t pipeline;      /* requests of one batch: sent together, awaited together */
    uint32_t keys;
    uint32_t first_key;     /* number of the first of them */
    uint32_t key_size;
    uint32_t value_size;
    enum bench_command command;
    uint32_t width;         /* keys of an MGET, commands of a MULTI, elements of a collection */
    double set_share;       /* 0..1 */
    double zipf;            /* exponent; 0 = uniform */
    double rate;            /* operations a second; 0 = as fast as it goes */
    double warmup;          /* seconds */
    double seconds;         /* of the measured window; 0 with operations 0: no window */
    uint64_t operations;    /* ends the window at this count instead of by time */
    uint64_t ttl;           /* seconds; 0 = SETs carry none */
    uint64_t seed;
    const char *password;   /* borrowed from the command line; NULL = none */
    bool tls;
    bool memcached;         /* speak its text protocol instead of RESP */
    bool misses;            /* a key that isn't there is counted instead of failing the run */
    bool reconnect;         /* each batch on a connection of its own */
    bool preload;           /* SET every key first */
    uint32_t idle;          /* hold so many idle connections instead of all the above */
};

/* Defaults, then the command line. A mistake ends the process with one line that names it. */
struct bench_options bench_options_parse(int argc, char **argv);

#endif
