/* This file owns HRANDFIELD: fields that are chosen by chance. */
#include "collection/argument.h"
#include "collection/field.h"
#include "collection/picks.h"

/* A field, in RESP3 with its value as a pair. */
static void reply_field(struct rd_reply *reply, const char *item, bool with_value) {
    if (with_value && reply->protocol == 3) rd_reply_array(reply, 2);
    rd_reply_part(reply, item);
    if (with_value) rd_reply_part(reply, rd_part_after(item));
}

static void reply_length(struct rd_reply *reply, uint64_t fields, bool with_values) {
    rd_reply_array(reply, with_values && reply->protocol != 3 ? fields * 2 : fields);
}

/* Fields that are there: passed one by one where some may be over. */
static uint64_t count_fields(struct rd_call *call, struct rd_shape *shape) {
    if (!rd_fields_may_be_over(call, shape)) return shape->count;
    uint64_t count = 0;
    struct rd_place_in at;
    for (bool more = rd_shape_seek(shape, 0, &at); more; more = rd_shape_next(shape, &at)) {
        count += !rd_field_is_over(call, shape, at.item);
    }
    return count;
}

/* Tries to meet by chance what is not over, before the next one that is not is taken. */
#define TRIES 100

/* To any field; one is there. */
static void seek_any(struct rd_call *call, struct rd_shape *shape, struct rd_place_in *at) {
    for (int tries = 0; tries < TRIES; tries++) {
        (void)rd_shape_seek(shape, rd_shard_random(shape->shard) % shape->count, at);
        if (!rd_field_is_over(call, shape, at->item)) return;
    }
    while (rd_field_is_over(call, shape, at->item)) {
        if (!rd_shape_next(shape, at)) (void)rd_shape_seek(shape, 0, at);
    }
}

/* Each of them any of the fields, so that one may come often. */
static void reply_any(struct rd_call *call, struct rd_shape *shape, uint64_t count, bool with_values) {
    reply_length(call->reply, count, with_values);
    struct rd_place_in at;
    for (; count > 0 && !call->reply->failed; count--) {
        seek_any(call, shape, &at);
        reply_field(call->reply, at.item, with_values);
    }
}

/* Knuth's algorithm S: of the fields that are left, each is chosen as likely as what is still wanted is among them. */
static void reply_in_passing(struct rd_call *call, struct rd_shape *shape, uint64_t fields, uint64_t count, bool with_values) {
    struct rd_place_in at;
    for (bool more = rd_shape_seek(shape, 0, &at); more && count > 0; more = rd_shape_next(shape, &at)) {
        if (rd_field_is_over(call, shape, at.item)) continue;
        if (rd_shard_random(shape->shard) % fields-- >= count) continue;
        reply_field(call->reply, at.item, with_values);
        if (call->reply->failed) return;
        count--;
    }
}

/* So many of the fields, or all. */
static void reply_distinct(struct rd_call *call, struct rd_shape *shape, uint64_t fields, uint64_t count, bool with_values) {
    struct rd_sample sample;
    bool passes = count >= fields || fields < shape->count;
    if (!passes && !rd_sample_begin(call, &sample, shape, count)) return;
    reply_length(call->reply, count < fields ? count : fields, with_values);
    if (passes) {
        reply_in_passing(call, shape, fields, count < fields ? count : fields, with_values);
        return;
    }
    const char *item;
    while (!call->reply->failed && (item = rd_sample_next(&sample))) reply_field(call->reply, item, with_values);
    rd_sample_end(&sample);
}

/* https://redis.io/docs/latest/commands/hrandfield/ */
static void cmd_hrandfield(struct rd_call *call) {
    struct rd_shape shape;
    int64_t count = 0;
    bool with_values = false;
    if (call->argc > 2 && !rd_call_random_count(call, "withvalues", &count, &with_values)) return;
    if (!rd_call_open_to_read(call, &shape, RD_VALUE_HASH)) return;
    uint64_t fields = count_fields(call, &shape);
    struct rd_place_in at;
    if (fields == 0 || (count == 0 && call->argc > 2)) {
        if (call->argc > 2) rd_reply_array(call->reply, 0);
        else rd_reply_null(call->reply);
    } else if (call->argc == 2) {
        seek_any(call, &shape, &at);
        rd_reply_part(call->reply, at.item);
    } else if (count < 0) {
        reply_any(call, &shape, (uint64_t)-count, with_values);
    } else {
        reply_distinct(call, &shape, fields, (uint64_t)count, with_values);
    }
}

const struct rd_command rd_hash_random_commands[] = {
    {"hrandfield", -2, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_hrandfield,
     RD_DOCS("Returns one or more random fields from a hash.", "6.2.0", "hash",
             "O(N) where N is the number of fields returned, and a bit for each field of the hash.", .also = "@hash",
             .syntax = "key [options{count:integer [WITHVALUES]}]", .tips = "nondeterministic_output")},
    RD_END_OF_COMMANDS,
};
