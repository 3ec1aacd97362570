/* This file owns the commands on hashes, sets and lists, in RESP. */
#include "collection.h"

#include "resp.h"

#include <stdio.h>
#include <string.h>

/* Of a field's name, and of a member. */
#define BENCH_NAME_SIZE 8
#define BENCH_NAME_MAX 10000000u
/* More than a name takes with its header and line end. */
#define BENCH_NAME_ROOM ((size_t)32)

static void append_name(struct bench_operation *operation, char kind, uint32_t number) {
    char name[BENCH_NAME_SIZE + 1];
    snprintf(name, sizeof name, "%c%07u", kind, number % BENCH_NAME_MAX);
    bench_resp_append_value(operation, name, BENCH_NAME_SIZE);
}

static void append_head(struct bench_operation *operation, const char *command, uint32_t arguments) {
    bench_operation_append_text(operation, "*%u\r\n$%zu\r\n%s\r\n", arguments + 2, strlen(command), command);
    bench_resp_append_key(operation);
}

/* Room for so many names and values behind one key, or two. */
static void init(struct bench_operation *operation, const struct bench_options *options, uint32_t keys, uint32_t names,
                 uint32_t values) {
    size_t value_room = options->value_size + BENCH_NAME_ROOM;
    bench_operation_init(operation, keys, options->key_size, keys * BENCH_RESP_ROOM + names * BENCH_NAME_ROOM + values * value_room);
}

/* One reply, an integer. */
static void expect_integer(struct bench_operation *operation, uint32_t value) {
    char text[16];
    int size = snprintf(text, sizeof text, ":%u\r\n", value);
    bench_operation_expect(operation, text, (size_t)size, 1, 0);
}

/* One reply, an array of so many values, with or without the names in front of each. */
static void expect_all(struct bench_operation *operation, const struct bench_options *options, bool named) {
    char text[16];
    uint32_t count = named ? options->width * 2 : options->width;
    size_t size = (size_t)snprintf(text, sizeof text, "*%u\r\n", count);
    if (named) size += options->width * (bench_resp_header_size('$', BENCH_NAME_SIZE) + BENCH_NAME_SIZE + 2);
    bench_operation_expect(operation, text, size + options->width * bench_resp_hit_size(options), 1, 0);
}

static void set_field(struct bench_operation *operation, const struct bench_options *options, const char *value) {
    init(operation, options, 1, 1, 1);
    append_head(operation, "HSET", 2);
    append_name(operation, 'f', options->width / 2);
    bench_resp_append_value(operation, value, options->value_size);
    expect_integer(operation, 0);
}

static void get_field(struct bench_operation *operation, const struct bench_options *options) {
    char start[32];
    init(operation, options, 1, 1, 0);
    append_head(operation, "HGET", 1);
    append_name(operation, 'f', options->width / 2);
    snprintf(start, sizeof start, "$%u\r\n", options->value_size);
    bench_operation_expect(operation, start, bench_resp_hit_size(options), 1, 0);
}

static void get_fields(struct bench_operation *operation, const struct bench_options *options) {
    init(operation, options, 1, 0, 0);
    append_head(operation, "HGETALL", 0);
    expect_all(operation, options, true);
}

/* Into the key's set, and out of it again. Where another connection comes between, one of them finds nothing to do. */
static void add_member(struct bench_operation *operation, const struct bench_options *options) {
    init(operation, options, 2, 2, 0);
    append_head(operation, "SADD", 1);
    append_name(operation, 'm', options->width);
    append_head(operation, "SREM", 1);
    append_name(operation, 'm', options->width);
    operation->is_one_key = true;
    bench_operation_expect(operation, ":", 2 * strlen(":1\r\n"), 2, 0);
}

static void ask_member(struct bench_operation *operation, const struct bench_options *options) {
    init(operation, options, 1, 1, 0);
    append_head(operation, "SISMEMBER", 1);
    append_name(operation, 'm', options->width / 2);
    expect_integer(operation, 1);
}

/* In at one end, and out at the other. */
static void push(struct bench_operation *operation, const struct bench_options *options, const char *value) {
    init(operation, options, 2, 0, 1);
    append_head(operation, "LPUSH", 1);
    bench_resp_append_value(operation, value, options->value_size);
    append_head(operation, "RPOP", 0);
    operation->is_one_key = true;
    bench_operation_expect(operation, ":", bench_resp_header_size(':', options->width + 1) + bench_resp_hit_size(options), 2, 0);
}

static void get_range(struct bench_operation *operation, const struct bench_options *options) {
    init(operation, options, 1, 2, 0);
    append_head(operation, "LRANGE", 2);
    bench_resp_append_value(operation, "0", 1);
    bench_resp_append_value(operation, "-1", 2);
    expect_all(operation, options, false);
}

void bench_collection_main(struct bench_operation *operation, const struct bench_options *options, const char *value) {
    switch (options->command) {
    case BENCH_COMMAND_HSET: set_field(operation, options, value); break;
    case BENCH_COMMAND_HGET: get_field(operation, options); break;
    case BENCH_COMMAND_HGETALL: get_fields(operation, options); break;
    case BENCH_COMMAND_SADD: add_member(operation, options); break;
    case BENCH_COMMAND_SISMEMBER: ask_member(operation, options); break;
    case BENCH_COMMAND_LPUSH: push(operation, options, value); break;
    case BENCH_COMMAND_LRANGE: get_range(operation, options); break;
    default: break; /* not on collections */
    }
}

static bool is_on_sets(const struct bench_options *options) {
    return options->command == BENCH_COMMAND_SADD || options->command == BENCH_COMMAND_SISMEMBER;
}

static bool is_on_lists(const struct bench_options *options) {
    return options->command == BENCH_COMMAND_LPUSH || options->command == BENCH_COMMAND_LRANGE;
}

void bench_collection_fill(struct bench_operation *operation, const struct bench_options *options, const char *value) {
    bool is_set = is_on_sets(options), is_list = is_on_lists(options);
    uint32_t width = options->width;
    init(operation, options, 1, width, is_set ? 0 : width);
    append_head(operation, is_set ? "SADD" : is_list ? "RPUSH" : "HSET", is_set || is_list ? width : 2 * width);
    for (uint32_t i = 0; i < width; i++) {
        if (!is_list) append_name(operation, is_set ? 'm' : 'f', i);
        if (!is_set) bench_resp_append_value(operation, value, options->value_size);
    }
    expect_integer(operation, width);
}
