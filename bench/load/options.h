/* This file owns the command line: what is asked for, checked. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

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
    double set_share;       /* 0..1 */
    double zipf;            /* exponent; 0 = uniform */
    double rate;            /* operations a second; 0 = as fast as it goes */
    double warmup;          /* seconds */
    double seconds;         /* of the measured window; 0 with operations 0: no window */
    uint64_t operations;    /* ends the window at this count instead of by time */
    uint64_t ttl;           /* seconds; 0 = SETs carry none */
    uint64_t seed;
    bool tls;
    bool preload;           /* SET every key first */
    uint32_t idle;          /* hold so many idle connections instead of all the above */
};

/* Defaults, then the command line. A mistake ends the process with one line that names it. */
struct bench_options bench_options_parse(int argc, char **argv);

#endif
