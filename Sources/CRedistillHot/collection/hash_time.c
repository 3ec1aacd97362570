/* This file owns the times of fields: HEXPIRE, HTTL and their relatives, HPERSIST. */
#include "collection/field.h"

#define NO_FIELD (-2) /* the reply for a field that is not there, of all of them */
#define NO_TIME (-1)

enum condition {
    ALWAYS,
    ONLY_WITHOUT, /* NX */
    ONLY_WITH,    /* XX */
    ONLY_LATER,   /* GT: no time is later than any */
    ONLY_EARLIER, /* LT */
};

/* What a field says to its new time. */
enum outcome {
    REFUSED = 0,
    SET = 1,
    DELETED = 2,
};

static enum condition parse_condition(struct rd_slice word) {
    if (rd_slice_is(word, "nx")) return ONLY_WITHOUT;
    if (rd_slice_is(word, "xx")) return ONLY_WITH;
    if (rd_slice_is(word, "gt")) return ONLY_LATER;
    return rd_slice_is(word, "lt") ? ONLY_EARLIER : ALWAYS;
}

static bool condition_holds(enum condition condition, int64_t old, int64_t new) {
    switch (condition) {
    case ONLY_WITHOUT: return !old;
    case ONLY_WITH: return old != 0;
    case ONLY_LATER: return old && new > old;
    case ONLY_EARLIER: return !old || new < old;
    default: return true;
    }
}

static int64_t expire_field(struct rd_call *call, struct rd_shape *shape, uint32_t argument, enum condition condition,
                            int64_t expiry) {
    struct rd_word name = rd_word_of(call->argv[argument]);
    struct rd_place_in at;
    if (!rd_field_find(call, shape, &name, &at)) return NO_FIELD;
    if (!condition_holds(condition, rd_field_time(shape, at.item), expiry)) return REFUSED;
    if (expiry > call->now) {
        (void)rd_field_set_expiry(shape, &name, &at, expiry);
        return SET;
    }
    rd_field_expire(shape, &at);
    return DELETED;
}

/* Room for the times that are about to be set. False: OOM has been replied. */
static bool admit_times(struct rd_call *call, struct rd_shape *shape, uint32_t fields) {
    uint64_t bytes = (uint64_t)fields * RD_PART_NUMBER_MOST;
    if (!(shape->kind & RD_SHAPE_TIMED)) bytes += shape->count;
    if (shape->count == 0 || rd_shape_admit(shape, bytes) == RD_OK) return true;
    rd_reply_oom(call->reply);
    return false;
}

static void expire(struct rd_call *call, enum rd_time_unit unit, bool absolute) {
    struct rd_shape shape;
    int64_t expiry;
    struct rd_fields fields;
    if (!rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    if (!rd_call_field_time(call, call->argv[2], unit, absolute, &expiry)) return;
    enum condition condition = parse_condition(call->argv[3]);
    uint32_t at = condition == ALWAYS ? 3 : 4;
    if (!rd_call_fields(call, at, "Parameter `numFields` should be greater than 0", &fields)) return;
    if (expiry > call->now && !admit_times(call, &shape, fields.count)) return;
    struct rd_reply_mark mark = rd_reply_mark(call->reply);
    rd_reply_array(call->reply, fields.count);
    for (uint32_t i = 0; i < fields.count; i++) {
        rd_reply_integer(call->reply, expire_field(call, &shape, fields.first + i, condition, expiry));
    }
    rd_call_close_from(call, &shape, mark);
}

/* https://redis.io/docs/latest/commands/hexpire/ */
static void cmd_hexpire(struct rd_call *call) {
    expire(call, RD_SECONDS, false);
}

/* https://redis.io/docs/latest/commands/hpexpire/ */
static void cmd_hpexpire(struct rd_call *call) {
    expire(call, RD_MILLISECONDS, false);
}

/* https://redis.io/docs/latest/commands/hexpireat/ */
static void cmd_hexpireat(struct rd_call *call) {
    expire(call, RD_SECONDS, true);
}

/* https://redis.io/docs/latest/commands/hpexpireat/ */
static void cmd_hpexpireat(struct rd_call *call) {
    expire(call, RD_MILLISECONDS, true);
}

/* Unlike a key's, a field's time is rounded up. */
static void reply_times(struct rd_call *call, enum rd_time_unit unit, int64_t base) {
    struct rd_shape shape;
    struct rd_fields fields;
    if (!rd_call_open_to_read(call, &shape, RD_VALUE_HASH)) return;
    if (!rd_call_fields(call, 2, RD_NOT_A_NUMBER_OF_FIELDS, &fields)) return;
    rd_reply_array(call->reply, fields.count);
    for (uint32_t i = 0; i < fields.count; i++) {
        struct rd_word name = rd_word_of(call->argv[fields.first + i]);
        struct rd_place_in at;
        int64_t time = NO_FIELD;
        if (rd_field_find(call, &shape, &name, &at)) {
            time = rd_field_time(&shape, at.item);
            if (!time) time = NO_TIME;
            else time = unit == RD_SECONDS ? (time - base + 999) / 1000 : time - base;
        }
        rd_reply_integer(call->reply, time);
    }
}

/* https://redis.io/docs/latest/commands/httl/ */
static void cmd_httl(struct rd_call *call) {
    reply_times(call, RD_SECONDS, call->now);
}

/* https://redis.io/docs/latest/commands/hpttl/ */
static void cmd_hpttl(struct rd_call *call) {
    reply_times(call, RD_MILLISECONDS, call->now);
}

/* https://redis.io/docs/latest/commands/hexpiretime/ */
static void cmd_hexpiretime(struct rd_call *call) {
    reply_times(call, RD_SECONDS, 0);
}

/* https://redis.io/docs/latest/commands/hpexpiretime/ */
static void cmd_hpexpiretime(struct rd_call *call) {
    reply_times(call, RD_MILLISECONDS, 0);
}

static int64_t persist_field(struct rd_call *call, struct rd_shape *shape, uint32_t argument) {
    struct rd_word name = rd_word_of(call->argv[argument]);
    struct rd_place_in at;
    if (!rd_field_find(call, shape, &name, &at)) return NO_FIELD;
    if (!rd_field_time(shape, at.item)) return NO_TIME;
    (void)rd_field_set_expiry(shape, &name, &at, 0);
    return SET;
}

/* https://redis.io/docs/latest/commands/hpersist/ */
static void cmd_hpersist(struct rd_call *call) {
    struct rd_shape shape;
    struct rd_fields fields;
    if (!rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    if (!rd_call_fields(call, 2, RD_NOT_A_NUMBER_OF_FIELDS, &fields)) return;
    struct rd_reply_mark mark = rd_reply_mark(call->reply);
    rd_reply_array(call->reply, fields.count);
    for (uint32_t i = 0; i < fields.count; i++) {
        rd_reply_integer(call->reply, persist_field(call, &shape, fields.first + i));
    }
    rd_call_close_from(call, &shape, mark);
}

#define FIELDS "FIELDS fields{numfields:integer field ...}"
#define EXPIRE_SYNTAX(time) "key " time " [condition(NX|XX|GT|LT)] " FIELDS
#define COMPLEXITY "O(N) where N is the number of specified fields"

const struct rd_command rd_hash_time_commands[] = {
    {"hexpire", -6, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hexpire,
     RD_DOCS("Set expiry for hash field using relative time to expire (seconds)", "7.4.0", "hash", COMPLEXITY,
             .access = "RW update", .also = "@hash", .syntax = EXPIRE_SYNTAX("seconds:integer"))},
    {"hexpireat", -6, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hexpireat,
     RD_DOCS("Set expiry for hash field using an absolute Unix timestamp (seconds)", "7.4.0", "hash", COMPLEXITY,
             .access = "RW update", .also = "@hash", .syntax = EXPIRE_SYNTAX("unix-time-seconds:unix-time"))},
    {"hexpiretime", -5, RD_CMD_FAST_READ, 1, 1, 1, cmd_hexpiretime,
     RD_DOCS("Returns the expiration time of a hash field as a Unix timestamp, in seconds.", "7.4.0", "hash", COMPLEXITY,
             .also = "@hash", .syntax = "key " FIELDS)},
    {"hpersist", -5, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_hpersist,
     RD_DOCS("Removes the expiration time for each specified field", "7.4.0", "hash", COMPLEXITY, .access = "RW update",
             .also = "@hash", .syntax = "key " FIELDS)},
    {"hpexpire", -6, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hpexpire,
     RD_DOCS("Set expiry for hash field using relative time to expire (milliseconds)", "7.4.0", "hash", COMPLEXITY,
             .access = "RW update", .also = "@hash", .syntax = EXPIRE_SYNTAX("milliseconds:integer"))},
    {"hpexpireat", -6, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hpexpireat,
     RD_DOCS("Set expiry for hash field using an absolute Unix timestamp (milliseconds)", "7.4.0", "hash", COMPLEXITY,
             .access = "RW update", .also = "@hash", .syntax = EXPIRE_SYNTAX("unix-time-milliseconds:unix-time"))},
    {"hpexpiretime", -5, RD_CMD_FAST_READ, 1, 1, 1, cmd_hpexpiretime,
     RD_DOCS("Returns the expiration time of a hash field as a Unix timestamp, in msec.", "7.4.0", "hash", COMPLEXITY,
             .also = "@hash", .syntax = "key " FIELDS)},
    {"hpttl", -5, RD_CMD_FAST_READ, 1, 1, 1, cmd_hpttl,
     RD_DOCS("Returns the TTL in milliseconds of a hash field.", "7.4.0", "hash", COMPLEXITY, .also = "@hash",
             .syntax = "key " FIELDS, .tips = "nondeterministic_output")},
    {"httl", -5, RD_CMD_FAST_READ, 1, 1, 1, cmd_httl,
     RD_DOCS("Returns the TTL in seconds of a hash field.", "7.4.0", "hash", COMPLEXITY, .also = "@hash",
             .syntax = "key " FIELDS, .tips = "nondeterministic_output")},
    RD_END_OF_COMMANDS,
};
