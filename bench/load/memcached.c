/* This file owns memcached's text protocol, as its doc/protocol.txt has it. */
#include "protocol.h"

#include <stdio.h>
#include <string.h>

/* More than the fixed parts of a command have: its name, flags, time to live and size. */
#define BENCH_MEMCACHED_ROOM ((size_t)96)

static size_t hit_size(const struct bench_options *options) {
    size_t header = (size_t)snprintf(NULL, 0, "VALUE  0 %u\r\n", options->value_size) + options->key_size;
    return header + options->value_size + 2;
}

static void get_of(struct bench_operation *operation, const struct bench_options *options, uint32_t keys) {
    bench_operation_init(operation, keys, options->key_size, BENCH_MEMCACHED_ROOM + keys);
    bench_operation_append_text(operation, "get");
    for (uint32_t i = 0; i < keys; i++) {
        bench_operation_append(operation, " ", 1);
        bench_operation_append_key(operation);
    }
    bench_operation_append(operation, "\r\n", 2);
    bench_operation_expect(operation, "VALUE k", keys * hit_size(options) + strlen("END\r\n"), 1, keys);
}

static void get(struct bench_operation *operation, const struct bench_options *options) {
    get_of(operation, options, 1);
}

static void get_many(struct bench_operation *operation, const struct bench_options *options) {
    get_of(operation, options, options->width);
}

static void set(struct bench_operation *operation, const struct bench_options *options, const char *value,
                size_t value_size) {
    bench_operation_init(operation, 1, options->key_size, BENCH_MEMCACHED_ROOM + value_size);
    bench_operation_append_text(operation, "set ");
    bench_operation_append_key(operation);
    bench_operation_append_text(operation, " 0 %lu %zu\r\n", options->ttl, value_size);
    bench_operation_append(operation, value, value_size);
    bench_operation_append(operation, "\r\n", 2);
    bench_operation_expect(operation, "STORED\r\n", strlen("STORED\r\n"), 1, 0);
}

static void increment(struct bench_operation *operation, const struct bench_options *options) {
    bench_operation_init(operation, 1, options->key_size, BENCH_MEMCACHED_ROOM);
    bench_operation_append_text(operation, "incr ");
    bench_operation_append_key(operation);
    bench_operation_append_text(operation, " 1\r\n");
    bench_operation_expect(operation, "1", BENCH_COUNTER_SIZE + 2, 1, 0);
}

/* `version` would do too, but how long its answer is differs from version to version. */
static void ping(struct bench_operation *operation, const struct bench_options *options) {
    bench_operation_init(operation, 0, options->key_size, BENCH_MEMCACHED_ROOM);
    bench_operation_append_text(operation, "mn\r\n");
    bench_operation_expect(operation, "MN\r\n", strlen("MN\r\n"), 1, 0);
}

static bool ends_with_size(const char *line, size_t size, uint32_t value_size) {
    char end[32];
    size_t length = (size_t)snprintf(end, sizeof end, " 0 %u", value_size);
    return size > length && memcmp(line + size - length, end, length) == 0;
}

static bool take_line(struct bench_walk *walk, const char *line, size_t size, uint32_t value_size) {
    if (bench_walk_line_is(line, size, "END") || bench_walk_line_is(line, size, "STORED")) {
        walk->left--;
        return true;
    }
    if (size < 7 || memcmp(line, "VALUE k", 7) != 0 || !ends_with_size(line, size, value_size)) return false;
    walk->hits++;
    walk->passing = (size_t)value_size + 2;
    return true;
}

const struct bench_protocol bench_memcached = {
    .get = get,
    .get_many = get_many,
    .set = set,
    .increment = increment,
    .ping = ping,
    .take_line = take_line,
};
