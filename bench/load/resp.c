/* This file owns RESP: Redis's protocol, as version 2 and 3 have it for these commands. */
#include "protocol.h"
#include "resp.h"

#include <stdio.h>
#include <string.h>

void bench_resp_append_key(struct bench_operation *operation) {
    bench_operation_append_text(operation, "$%u\r\n", operation->key_size);
    bench_operation_append_key(operation);
    bench_operation_append(operation, "\r\n", 2);
}

void bench_resp_append_value(struct bench_operation *operation, const char *value, size_t size) {
    bench_operation_append_text(operation, "$%zu\r\n", size);
    bench_operation_append(operation, value, size);
    bench_operation_append(operation, "\r\n", 2);
}

size_t bench_resp_header_size(char kind, size_t number) {
    return (size_t)snprintf(NULL, 0, "%c%zu\r\n", kind, number);
}

size_t bench_resp_hit_size(const struct bench_options *options) {
    return bench_resp_header_size('$', options->value_size) + options->value_size + 2;
}

static void append_get(struct bench_operation *operation) {
    bench_operation_append_text(operation, "*2\r\n$3\r\nGET\r\n");
    bench_resp_append_key(operation);
}

static void append_set(struct bench_operation *operation, const struct bench_options *options, const char *value,
                       size_t value_size) {
    bench_operation_append_text(operation, "*%d\r\n$3\r\nSET\r\n", options->ttl ? 5 : 3);
    bench_resp_append_key(operation);
    bench_resp_append_value(operation, value, value_size);
    if (!options->ttl) return;
    int digits = snprintf(NULL, 0, "%lu", options->ttl);
    bench_operation_append_text(operation, "$2\r\nEX\r\n$%d\r\n%lu\r\n", digits, options->ttl);
}

static void get(struct bench_operation *operation, const struct bench_options *options) {
    char start[32];
    bench_operation_init(operation, 1, options->key_size, BENCH_RESP_ROOM);
    append_get(operation);
    snprintf(start, sizeof start, "$%u\r\n", options->value_size);
    bench_operation_expect(operation, start, bench_resp_hit_size(options), 1, 1);
}

static void get_many(struct bench_operation *operation, const struct bench_options *options) {
    char start[32];
    uint32_t width = options->width;
    bench_operation_init(operation, width, options->key_size, BENCH_RESP_ROOM + width * BENCH_RESP_KEY_ROOM);
    bench_operation_append_text(operation, "*%u\r\n$4\r\nMGET\r\n", width + 1);
    for (uint32_t i = 0; i < width; i++) bench_resp_append_key(operation);
    snprintf(start, sizeof start, "*%u\r\n$%u\r\n", width, options->value_size);
    bench_operation_expect(operation, start, bench_resp_header_size('*', width) + width * bench_resp_hit_size(options), 1, width);
}

static void set(struct bench_operation *operation, const struct bench_options *options, const char *value,
                size_t value_size) {
    bench_operation_init(operation, 1, options->key_size, BENCH_RESP_ROOM + value_size);
    append_set(operation, options, value, value_size);
    bench_operation_expect(operation, "+OK\r\n", strlen("+OK\r\n"), 1, 0);
}

static void increment(struct bench_operation *operation, const struct bench_options *options) {
    bench_operation_init(operation, 1, options->key_size, BENCH_RESP_ROOM);
    bench_operation_append_text(operation, "*2\r\n$4\r\nINCR\r\n");
    bench_resp_append_key(operation);
    bench_operation_expect(operation, ":", 1 + BENCH_COUNTER_SIZE + 2, 1, 0);
}

static void transaction(struct bench_operation *operation, const struct bench_options *options, const char *value) {
    uint32_t width = options->width, sets = width / 2, gets = width - sets;
    bench_operation_init(operation, width, options->key_size,
                         BENCH_RESP_ROOM + width * BENCH_RESP_ROOM + (size_t)sets * options->value_size);
    bench_operation_append_text(operation, "*1\r\n$5\r\nMULTI\r\n");
    for (uint32_t i = 0; i < width; i++) {
        if (i % 2 == 0) append_get(operation);
        else append_set(operation, options, value, options->value_size);
    }
    bench_operation_append_text(operation, "*1\r\n$4\r\nEXEC\r\n");
    size_t queued = strlen("+OK\r\n") + width * strlen("+QUEUED\r\n");
    size_t results = bench_resp_header_size('*', width) + gets * bench_resp_hit_size(options) + sets * strlen("+OK\r\n");
    bench_operation_expect(operation, "+OK\r\n+QUEUED\r\n", queued + results, width + 2, gets);
}

static void ping(struct bench_operation *operation, const struct bench_options *options) {
    bench_operation_init(operation, 0, options->key_size, BENCH_RESP_ROOM);
    bench_operation_append_text(operation, "*1\r\n$4\r\nPING\r\n");
    bench_operation_expect(operation, "+PONG\r\n", strlen("+PONG\r\n"), 1, 0);
}

/* The number behind the first byte; -2: there is none that can be right. */
static int64_t number_of(const char *line, size_t size) {
    if (bench_walk_line_is(line + 1, size - 1, "-1")) return -1;
    int64_t number = 0;
    if (size < 2 || size > 11) return -2;
    for (size_t i = 1; i < size; i++) {
        if (line[i] < '0' || line[i] > '9') return -2;
        number = number * 10 + (line[i] - '0');
    }
    return number;
}

static bool take_line(struct bench_walk *walk, const char *line, size_t size, uint32_t value_size) {
    int64_t number;
    walk->left--;
    switch (line[0]) {
    case '$':
        number = number_of(line, size);
        if (number >= 0 && number != value_size) return false;
        if (number < -1) return false;
        if (number < 0) {
            walk->nulls++;
        } else {
            walk->hits++;
            walk->passing = (size_t)number + 2;
        }
        return true;
    case '_':
        walk->nulls++;
        return size == 1;
    case '*':
        number = number_of(line, size);
        if (number < 0 || number > UINT32_MAX - (int64_t)walk->left) return false;
        walk->left += (uint32_t)number;
        return true;
    case '+': return bench_walk_line_is(line, size, "+OK") || bench_walk_line_is(line, size, "+QUEUED");
    default: return false;
    }
}

const struct bench_protocol bench_resp = {
    .get = get,
    .get_many = get_many,
    .set = set,
    .increment = increment,
    .transaction = transaction,
    .ping = ping,
    .take_line = take_line,
    .names_misses = true,
};
