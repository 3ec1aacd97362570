/* This file owns the commands on fields and their values: HSET, HGET and their relatives. */
#include <math.h>

#include "base/float_text.h"
#include "collection/field.h"
#include "shape/draw.h"

/* Sets the fields of the call's arguments, in pairs; false when it has replied an error. */
static bool set_pairs(struct rd_call *call, int64_t *created) {
    if (call->argc % 2) {
        rd_reply_wrong_arity(call->reply, call->command);
        return false;
    }
    struct rd_shape shape;
    if (!rd_call_open_to_write(call, &shape, RD_VALUE_HASH) || !rd_call_admit(call, &shape, 2)) return false;
    for (uint32_t i = 2; i < call->argc; i += 2) {
        struct rd_word value = rd_word_of(call->argv[i + 1]);
        bool is_new;
        if (!rd_field_set(call, &shape, call->argv[i], &value, 0, &is_new)) break;
        *created += is_new;
    }
    return rd_call_close(call, &shape);
}

/* https://redis.io/docs/latest/commands/hset/ */
static void cmd_hset(struct rd_call *call) {
    int64_t created = 0;
    if (set_pairs(call, &created)) rd_reply_integer(call->reply, created);
}

/* https://redis.io/docs/latest/commands/hmset/ */
static void cmd_hmset(struct rd_call *call) {
    int64_t created = 0;
    if (set_pairs(call, &created)) rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/hsetnx/ */
static void cmd_hsetnx(struct rd_call *call) {
    struct rd_shape shape;
    if (!rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    struct rd_word name = rd_word_of(call->argv[2]), value = rd_word_of(call->argv[3]);
    struct rd_place_in at;
    if (rd_field_find(call, &shape, &name, &at)) {
        rd_reply_literal(call->reply, ":0\r\n");
        return;
    }
    if (!rd_call_admit(call, &shape, 2)) return;
    bool created;
    (void)rd_field_set(call, &shape, call->argv[2], &value, 0, &created);
    if (rd_call_close(call, &shape)) rd_reply_literal(call->reply, ":1\r\n");
}

/* The value of a field that an argument names; NULL: it is not there. Valid as long as the place. */
static const char *value_of(struct rd_call *call, struct rd_shape *shape, uint32_t argument, struct rd_place_in *at) {
    struct rd_word name = rd_word_of(call->argv[argument]);
    return rd_field_find(call, shape, &name, at) ? rd_part_after(at->item) : NULL;
}

static void reply_value_of(struct rd_call *call, struct rd_shape *shape, uint32_t argument) {
    struct rd_place_in at;
    const char *value = value_of(call, shape, argument, &at);
    if (value) rd_reply_part(call->reply, value);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/hget/ */
static void cmd_hget(struct rd_call *call) {
    struct rd_shape shape;
    if (rd_call_open_to_read(call, &shape, RD_VALUE_HASH)) reply_value_of(call, &shape, 2);
}

/* https://redis.io/docs/latest/commands/hmget/ */
static void cmd_hmget(struct rd_call *call) {
    struct rd_shape shape;
    if (!rd_call_open_to_read(call, &shape, RD_VALUE_HASH)) return;
    rd_reply_array(call->reply, call->argc - 2);
    for (uint32_t i = 2; i < call->argc; i++) reply_value_of(call, &shape, i);
}

/* https://redis.io/docs/latest/commands/hexists/ */
static void cmd_hexists(struct rd_call *call) {
    struct rd_shape shape;
    struct rd_place_in at;
    if (!rd_call_open_to_read(call, &shape, RD_VALUE_HASH)) return;
    rd_reply_integer(call->reply, value_of(call, &shape, 2, &at) != NULL);
}

/* https://redis.io/docs/latest/commands/hstrlen/ */
static void cmd_hstrlen(struct rd_call *call) {
    struct rd_shape shape;
    struct rd_place_in at;
    if (!rd_call_open_to_read(call, &shape, RD_VALUE_HASH)) return;
    const char *value = value_of(call, &shape, 2, &at);
    char digits[RD_I64_DIGITS];
    rd_reply_integer(call->reply, value ? (int64_t)rd_part_text(value, digits).length : 0);
}

/* https://redis.io/docs/latest/commands/hlen/ */
static void cmd_hlen(struct rd_call *call) {
    struct rd_shape shape;
    if (rd_call_open_to_read(call, &shape, RD_VALUE_HASH)) rd_reply_integer(call->reply, (int64_t)shape.count);
}

#define NAMES RD_DRAW_FIRST
#define VALUES RD_DRAW_SECOND

static void put_header_at(struct rd_reply *reply, size_t from, size_t fields, unsigned shown) {
    if (shown == (NAMES | VALUES)) rd_reply_map_at(reply, from, fields);
    else rd_reply_array_at(reply, from, fields);
}

/* Where some may be over, one by one; how many there are shows at the end. */
static void reply_those_there(struct rd_call *call, struct rd_shape *shape, unsigned shown) {
    struct rd_reply *reply = call->reply;
    size_t from = reply->length, fields = 0;
    struct rd_place_in at;
    for (bool more = rd_shape_seek(shape, 0, &at); more && !reply->failed; more = rd_shape_next(shape, &at)) {
        if (rd_field_is_over(call, shape, at.item)) continue;
        if (shown & NAMES) rd_reply_part(reply, at.item);
        if (shown & VALUES) rd_reply_part(reply, rd_part_after(at.item));
        fields++;
    }
    put_header_at(reply, from, fields, shown);
}

static void reply_all(struct rd_call *call, unsigned shown) {
    struct rd_shape shape;
    if (!rd_call_open_to_read(call, &shape, RD_VALUE_HASH)) return;
    if (rd_fields_may_be_over(call, &shape)) {
        reply_those_there(call, &shape, shown);
        return;
    }
    put_header_at(call->reply, call->reply->length, shape.count, shown);
    rd_shape_draw(&shape, call->reply, 0, shape.count, shown, call->by_script);
}

/* https://redis.io/docs/latest/commands/hgetall/ */
static void cmd_hgetall(struct rd_call *call) {
    reply_all(call, NAMES | VALUES);
}

/* https://redis.io/docs/latest/commands/hkeys/ */
static void cmd_hkeys(struct rd_call *call) {
    reply_all(call, NAMES);
}

/* https://redis.io/docs/latest/commands/hvals/ */
static void cmd_hvals(struct rd_call *call) {
    reply_all(call, VALUES);
}

/* https://redis.io/docs/latest/commands/hdel/ */
static void cmd_hdel(struct rd_call *call) {
    struct rd_shape shape;
    if (!rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    int64_t deleted = 0;
    struct rd_place_in at;
    for (uint32_t i = 2; i < call->argc && shape.count; i++) {
        if (!value_of(call, &shape, i, &at)) continue;
        rd_shape_erase(&shape, &at);
        deleted++;
    }
    if (rd_call_close(call, &shape)) rd_reply_integer(call->reply, deleted);
}

/* Stores the result of an increment; the field keeps its time. False: OOM has been replied. */
static bool store_result(struct rd_call *call, struct rd_shape *shape, const struct rd_word *value) {
    if (!rd_call_admit(call, shape, 2)) return false;
    bool created;
    (void)rd_field_set(call, shape, call->argv[2], value, RD_FIELD_KEEPS_TIME, &created);
    return rd_call_close(call, shape);
}

/* https://redis.io/docs/latest/commands/hincrby/ */
static void cmd_hincrby(struct rd_call *call) {
    int64_t amount, value = 0;
    struct rd_shape shape;
    struct rd_place_in at;
    if (!rd_call_integer(call, call->argv[3], &amount) || !rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    const char *old = value_of(call, &shape, 2, &at);
    if (old && !rd_part_integer(old, &value)) {
        rd_reply_fail(call->reply, "ERR hash value is not an integer");
        return;
    }
    if (__builtin_add_overflow(value, amount, &value)) {
        rd_reply_fail(call->reply, "ERR increment or decrement would overflow");
        return;
    }
    struct rd_word word = rd_word_of_integer(value);
    if (store_result(call, &shape, &word)) rd_reply_integer(call->reply, value);
}

/* https://redis.io/docs/latest/commands/hincrbyfloat/ */
static void cmd_hincrbyfloat(struct rd_call *call) {
    long double amount, value = 0;
    if (!rd_float_parse(call->argv[3], &amount)) {
        rd_reply_fail(call->reply, "ERR value is not a valid float");
        return;
    }
    if (isinf(amount)) {
        rd_reply_fail(call->reply, "ERR value is NaN or Infinity");
        return;
    }
    struct rd_shape shape;
    struct rd_place_in at;
    if (!rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    const char *old = value_of(call, &shape, 2, &at);
    char digits[RD_I64_DIGITS], text[RD_FLOAT_TEXT];
    if (old && !rd_float_parse(rd_part_text(old, digits), &value)) {
        rd_reply_fail(call->reply, "ERR hash value is not a float");
        return;
    }
    value += amount;
    if (isnan(value) || isinf(value)) {
        rd_reply_fail(call->reply, "ERR increment would produce NaN or Infinity");
        return;
    }
    struct rd_slice result = {text, rd_float_format(text, value)};
    struct rd_word word = rd_word_of(result);
    if (store_result(call, &shape, &word)) rd_reply_slice(call->reply, result);
}

const struct rd_command rd_hash_commands[] = {
    {"hdel", -3, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_hdel,
     RD_DOCS("Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.", "2.0.0",
             "hash", "O(N) where N is the number of fields to be removed.", .access = "RW delete", .also = "@hash",
             .syntax = "key field ...", .history = "2.4.0 Accepts multiple `field` arguments.")},
    {"hexists", 3, RD_CMD_FAST_READ, 1, 1, 1, cmd_hexists,
     RD_DOCS("Determines whether a field exists in a hash.", "2.0.0", "hash", "O(1)", .access = "RO", .also = "@hash",
             .syntax = "key field")},
    {"hget", 3, RD_CMD_FAST_READ, 1, 1, 1, cmd_hget,
     RD_DOCS("Returns the value of a field in a hash.", "2.0.0", "hash", "O(1)", .also = "@hash", .syntax = "key field")},
    {"hgetall", 2, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_hgetall,
     RD_DOCS("Returns all fields and values in a hash.", "2.0.0", "hash", "O(N) where N is the size of the hash.",
             .also = "@hash", .syntax = "key", .tips = "nondeterministic_output_order")},
    {"hincrby", 4, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hincrby,
     RD_DOCS("Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't "
             "exist.", "2.0.0", "hash", "O(1)", .also = "@hash", .syntax = "key field increment:integer")},
    {"hincrbyfloat", 4, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hincrbyfloat,
     RD_DOCS("Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't "
             "exist.", "2.6.0", "hash", "O(1)", .also = "@hash", .syntax = "key field increment:double")},
    {"hkeys", 2, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_hkeys,
     RD_DOCS("Returns all fields in a hash.", "2.0.0", "hash", "O(N) where N is the size of the hash.", .also = "@hash",
             .syntax = "key", .tips = "nondeterministic_output_order")},
    {"hlen", 2, RD_CMD_FAST_READ, 1, 1, 1, cmd_hlen,
     RD_DOCS("Returns the number of fields in a hash.", "2.0.0", "hash", "O(1)", .access = "RO", .also = "@hash",
             .syntax = "key")},
    {"hmget", -3, RD_CMD_FAST_READ, 1, 1, 1, cmd_hmget,
     RD_DOCS("Returns the values of all fields in a hash.", "2.0.0", "hash",
             "O(N) where N is the number of fields being requested.", .also = "@hash", .syntax = "key field ...")},
    {"hmset", -4, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hmset,
     RD_DOCS("Sets the values of multiple fields.", "2.0.0", "hash", "O(N) where N is the number of fields being set.",
             .access = "RW update", .also = "@hash", .syntax = "key data{field value} ...",
             .deprecated = "4.0.0 `HSET` with multiple field-value pairs")},
    {"hset", -4, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hset,
     RD_DOCS("Creates or modifies the value of a field in a hash.", "2.0.0", "hash",
             "O(1) for each field/value pair added, so O(N) to add N field/value pairs.", .access = "RW update",
             .also = "@hash", .syntax = "key data{field value} ...",
             .history = "4.0.0 Accepts multiple `field` and `value` arguments.")},
    {"hsetnx", 4, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hsetnx,
     RD_DOCS("Sets the value of a field in a hash only when the field doesn't exist.", "2.0.0", "hash", "O(1)",
             .access = "RW insert", .also = "@hash", .syntax = "key field value")},
    {"hstrlen", 3, RD_CMD_FAST_READ, 1, 1, 1, cmd_hstrlen,
     RD_DOCS("Returns the length of the value of a field.", "3.2.0", "hash", "O(1)", .access = "RO", .also = "@hash",
             .syntax = "key field")},
    {"hvals", 2, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_hvals,
     RD_DOCS("Returns all values in a hash.", "2.0.0", "hash", "O(N) where N is the size of the hash.", .also = "@hash",
             .syntax = "key", .tips = "nondeterministic_output_order")},
    RD_END_OF_COMMANDS,
};
