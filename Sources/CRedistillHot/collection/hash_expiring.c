/* This file owns the commands on fields' values and times, or ends, in one: HGETEX, HSETEX, HGETDEL. */
#include "collection/field.h"

/* To a field that an argument names, whose value is replied, or null. False: it is not there. */
static bool reply_field(struct rd_call *call, struct rd_shape *shape, const struct rd_word *name, struct rd_place_in *at) {
    bool found = rd_field_find(call, shape, name, at);
    if (found) rd_reply_part(call->reply, rd_part_after(at->item));
    else rd_reply_null(call->reply);
    return found;
}

/* What is replied is sure to go. False: no memory, and nothing has changed. */
static bool own_fields(struct rd_call *call, struct rd_shape *shape, const struct rd_fields *fields) {
    for (uint32_t i = 0; i < fields->count; i++) {
        struct rd_word name = rd_word_of(call->argv[fields->first + i]);
        struct rd_place_in at;
        if (rd_field_find(call, shape, &name, &at) && !rd_shape_own(shape, &at)) return false;
    }
    return true;
}

/* https://redis.io/docs/latest/commands/hgetdel/ */
static void cmd_hgetdel(struct rd_call *call) {
    struct rd_shape shape;
    struct rd_fields fields;
    if (!rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    if (!rd_call_fields(call, 2, RD_NOT_A_NUMBER_OF_FIELDS, &fields)) return;
    if (fields.count > 1 && shape.tree.root && !own_fields(call, &shape, &fields)) {
        rd_reply_oom(call->reply);
        return;
    }
    struct rd_reply_mark mark = rd_reply_mark(call->reply);
    rd_reply_array(call->reply, fields.count);
    for (uint32_t i = 0; i < fields.count; i++) {
        struct rd_word name = rd_word_of(call->argv[fields.first + i]);
        struct rd_place_in at;
        if (reply_field(call, &shape, &name, &at)) rd_shape_erase(&shape, &at);
    }
    rd_call_close_from(call, &shape, mark);
}

/* EX, PX, EXAT or PXAT. */
static bool parse_unit(struct rd_slice word, enum rd_time_unit *unit, bool *absolute) {
    bool seconds = rd_slice_is(word, "ex"), seconds_at = rd_slice_is(word, "exat");
    bool ms = rd_slice_is(word, "px"), ms_at = rd_slice_is(word, "pxat");
    *unit = seconds || seconds_at ? RD_SECONDS : RD_MILLISECONDS;
    *absolute = seconds_at || ms_at;
    return seconds || seconds_at || ms || ms_at;
}

/* What HGETEX does to the fields' times. */
enum change {
    LEAVE,
    PERSIST,
    EXPIRE,
};

static void change_field(struct rd_call *call, struct rd_shape *shape, const struct rd_word *name, struct rd_place_in *at,
                         enum change change, int64_t expiry) {
    if (change == PERSIST) {
        if (rd_field_time(shape, at->item)) (void)rd_field_set_expiry(shape, name, at, 0);
    } else if (change == EXPIRE && expiry > call->now) {
        (void)rd_field_set_expiry(shape, name, at, expiry);
    } else if (change == EXPIRE) {
        rd_field_expire(shape, at);
    }
}

/* https://redis.io/docs/latest/commands/hgetex/ */
static void cmd_hgetex(struct rd_call *call) {
    struct rd_shape shape;
    struct rd_fields fields;
    enum change change = LEAVE;
    enum rd_time_unit unit;
    bool absolute;
    int64_t expiry = 0;
    if (!rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    if (parse_unit(call->argv[2], &unit, &absolute)) {
        change = EXPIRE;
        if (!rd_call_field_time(call, call->argv[3], unit, absolute, &expiry)) return;
    } else if (rd_slice_is(call->argv[2], "persist")) {
        change = PERSIST;
    }
    uint32_t at_fields = change == EXPIRE ? 4 : change == PERSIST ? 3 : 2;
    if (!rd_call_fields(call, at_fields, RD_NOT_A_NUMBER_OF_FIELDS, &fields)) return;
    shape.is_moved = true;
    struct rd_reply_mark mark = rd_reply_mark(call->reply);
    rd_reply_array(call->reply, fields.count);
    for (uint32_t i = 0; i < fields.count; i++) {
        struct rd_word name = rd_word_of(call->argv[fields.first + i]);
        struct rd_place_in at;
        if (reply_field(call, &shape, &name, &at)) change_field(call, &shape, &name, &at, change, expiry);
    }
    rd_call_close_from(call, &shape, mark);
}

enum condition {
    ALWAYS,
    IF_NONE_IS_THERE, /* FNX */
    IF_ALL_ARE_THERE, /* FXX */
};

struct set_options {
    enum condition condition;
    bool has_time;  /* EX and its like, or KEEPTTL, was read */
    int64_t expiry; /* Unix time in ms, 0, or RD_FIELD_KEEPS_TIME */
    struct rd_fields fields; /* pairs */
};

static bool refuse_arity(struct rd_call *call) {
    rd_reply_wrong_arity(call->reply, call->command);
    return false;
}

/* FIELDS numfields field value ..., where FIELDS is argv[at]. */
static bool parse_pairs(struct rd_call *call, uint32_t at, struct rd_fields *fields) {
    if (at + 3 >= call->argc) return refuse_arity(call);
    int64_t count;
    struct rd_slice number = call->argv[at + 1];
    if (!rd_parse_i64(number.bytes, number.length, &count) || count < 1 || count > INT32_MAX) {
        rd_reply_fail(call->reply, "ERR invalid number of fields");
        return false;
    }
    uint32_t words = call->argc - at - 2;
    if (words % 2 || count != words / 2) return refuse_arity(call);
    *fields = (struct rd_fields){at + 2, (uint32_t)count};
    return true;
}

/* Reads the word at *at, and what belongs to it. */
static bool parse_option(struct rd_call *call, uint32_t *at, struct set_options *options) {
    struct rd_slice word = call->argv[*at];
    enum rd_time_unit unit;
    bool absolute, is_time = parse_unit(word, &unit, &absolute), keeps = rd_slice_is(word, "keepttl");
    bool all = rd_slice_is(word, "fxx"), none = rd_slice_is(word, "fnx");
    if ((is_time || keeps) && options->has_time) {
        rd_reply_fail(call->reply, "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
    } else if (is_time && *at + 1 == call->argc) {
        rd_reply_fail(call->reply, "ERR missing expire time");
    } else if ((all || none) && options->condition != ALWAYS) {
        rd_reply_fail(call->reply, "ERR Only one of FXX or FNX arguments can be specified");
    } else if (!is_time && !keeps && !all && !none) {
        int shown = rd_reply_shown(word);
        rd_reply_format_error(call->reply, "ERR unknown argument: %.*s", shown, word.bytes);
    } else {
        if (all || none) options->condition = all ? IF_ALL_ARE_THERE : IF_NONE_IS_THERE;
        else options->has_time = true;
        if (keeps) options->expiry = RD_FIELD_KEEPS_TIME;
        return !is_time || rd_call_field_time(call, call->argv[++*at], unit, absolute, &options->expiry);
    }
    return false;
}

static bool parse_set_options(struct rd_call *call, struct set_options *options) {
    for (uint32_t at = 2; at < call->argc; at++) {
        if (rd_slice_is(call->argv[at], "fields")) return parse_pairs(call, at, &options->fields);
        if (!parse_option(call, &at, options)) return false;
    }
    return refuse_arity(call);
}

static bool condition_holds(struct rd_call *call, struct rd_shape *shape, const struct set_options *options) {
    if (options->condition == ALWAYS) return true;
    for (uint32_t i = 0; i < options->fields.count; i++) {
        struct rd_word name = rd_word_of(call->argv[options->fields.first + 2 * i]);
        struct rd_place_in at;
        if (rd_field_find(call, shape, &name, &at) != (options->condition == IF_ALL_ARE_THERE)) return false;
    }
    return true;
}

/* What is set with a time that is past is gone at once. */
static void set_or_erase(struct rd_call *call, struct rd_shape *shape, uint32_t argument, int64_t expiry) {
    struct rd_word name = rd_word_of(call->argv[argument]), value = rd_word_of(call->argv[argument + 1]);
    struct rd_place_in at;
    bool created;
    if (expiry == 0 || expiry == RD_FIELD_KEEPS_TIME || expiry > call->now) {
        (void)rd_field_set(call, shape, call->argv[argument], &value, expiry, &created);
    } else if (rd_shape_find(shape, &name, &at)) {
        rd_field_expire(shape, &at);
    }
}

/* https://redis.io/docs/latest/commands/hsetex/ */
static void cmd_hsetex(struct rd_call *call) {
    struct set_options options = {0};
    struct rd_shape shape;
    if (!parse_set_options(call, &options) || !rd_call_open_to_write(call, &shape, RD_VALUE_HASH)) return;
    if (!condition_holds(call, &shape, &options)) {
        rd_reply_literal(call->reply, ":0\r\n");
        return;
    }
    if (!rd_call_admit(call, &shape, options.fields.first)) return;
    for (uint32_t i = 0; i < options.fields.count && !shape.out_of_memory; i++) {
        set_or_erase(call, &shape, options.fields.first + 2 * i, options.expiry);
    }
    if (rd_call_close(call, &shape)) rd_reply_literal(call->reply, ":1\r\n");
}

#define COMPLEXITY "O(N) where N is the number of specified fields"
#define TIMES "EX seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time"

const struct rd_command rd_hash_expiring_commands[] = {
    {"hgetdel", -5, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_hgetdel,
     RD_DOCS("Returns the value of a field and deletes it from the hash.", "8.0.0", "hash", COMPLEXITY,
             .access = "RW access delete", .also = "@hash", .syntax = "key FIELDS fields{numfields:integer field ...}")},
    {"hgetex", -5, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_hgetex,
     RD_DOCS("Get the value of one or more fields of a given hash key, and optionally set their expiration.", "8.0.0", "hash",
             COMPLEXITY, .also = "@hash",
             .syntax = "key [expiration(" TIMES "|PERSIST)] FIELDS fields{numfields:integer field ...}")},
    {"hsetex", -6, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_hsetex,
     RD_DOCS("Set the value of one or more fields of a given hash key, and optionally set their expiration.", "8.0.0", "hash",
             "O(N) where N is the number of fields being set.", .access = "RW update", .also = "@hash",
             .syntax = "key [condition(FNX|FXX)] [expiration(" TIMES "|KEEPTTL)] "
             "FIELDS fields{numfields:integer data{field value} ...}")},
    RD_END_OF_COMMANDS,
};
