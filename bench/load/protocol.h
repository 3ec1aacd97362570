/*
 * This file owns the protocols: how each says what the load can ask for, and how its answers are walked through. Each
 * function fills an operation, which the caller frees (bench_operation_free).
 */
#ifndef BENCH_PROTOCOL_H
#define BENCH_PROTOCOL_H

#include "operation.h"
#include "options.h"
#include "walk.h"

/* What INCR's keys are preloaded with: so many digits that the size of the answer stays the same. */
#define BENCH_COUNTER "1000000000"
#define BENCH_COUNTER_SIZE 10

struct bench_protocol {
    /* The value of one key. */
    void (*get)(struct bench_operation *operation, const struct bench_options *options);
    /* The values of options->width keys in one command. */
    void (*get_many)(struct bench_operation *operation, const struct bench_options *options);
    /* `value` for one key; with options->ttl it expires. */
    void (*set)(struct bench_operation *operation, const struct bench_options *options, const char *value,
                size_t value_size);
    /* One more for a key that holds BENCH_COUNTER or more. */
    void (*increment)(struct bench_operation *operation, const struct bench_options *options);
    /* options->width commands, GET and SET in turn. NULL: there is none, which the command line made sure of. */
    void (*transaction)(struct bench_operation *operation, const struct bench_options *options, const char *value);
    /* The least that it answers. */
    void (*ping)(struct bench_operation *operation, const struct bench_options *options);
    bench_walk_line *take_line;
    bool names_misses;      /* a missed key has a reply of its own; otherwise it is left out */
};

extern const struct bench_protocol bench_resp;
extern const struct bench_protocol bench_memcached;

const struct bench_protocol *bench_protocol_of(const struct bench_options *options);

#endif
