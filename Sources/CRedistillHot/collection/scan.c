/* This file owns the walks over a collection's items: HSCAN, SSCAN, ZSCAN. */
#include "base/glob.h"
#include "collection/field.h"
#include "collection/score.h"

struct walk {
    struct rd_call *call;
    struct rd_shape shape;
    struct rd_slice pattern;
    int64_t count; /* items that are to be seen */
    int64_t seen;
    size_t replied; /* elements of the reply */
    bool all;       /* the pattern matches everything */
    bool no_values;
};

static bool parse_option(struct walk *walk, uint32_t *at) {
    struct rd_call *call = walk->call;
    struct rd_slice word = call->argv[*at];
    bool has_argument = *at + 1 < call->argc;
    if (has_argument && rd_slice_is(word, "count")) {
        if (!rd_call_integer(call, call->argv[++*at], &walk->count)) return false;
        if (walk->count > 0) return true;
    } else if (has_argument && rd_slice_is(word, "match")) {
        walk->pattern = call->argv[++*at];
        return true;
    } else if (rd_slice_is(word, "novalues")) {
        walk->no_values = true;
        if ((walk->shape.kind & RD_SHAPE_TYPE) == RD_VALUE_HASH) return true;
        rd_reply_fail(call->reply, "ERR NOVALUES option can only be used in HSCAN");
        return false;
    }
    rd_reply_syntax_error(call->reply);
    return false;
}

/* What stands beside a field or a member: a score is a bulk string here, in RESP3 too. */
static void reply_second(struct rd_reply *reply, const struct rd_shape *shape, const char *part) {
    char text[RD_SCORE_TEXT];
    if ((shape->kind & RD_SHAPE_TYPE) == RD_VALUE_ZSET) rd_reply_bulk(reply, text, rd_score_format(text, rd_part_double(part)));
    else rd_reply_part(reply, part);
}

static void visit(void *context, const char *item) {
    struct walk *walk = context;
    struct rd_reply *reply = walk->call->reply;
    char digits[RD_I64_DIGITS];
    walk->seen++;
    if (rd_field_is_over(walk->call, &walk->shape, item)) return;
    if (!walk->all && !rd_glob_match(walk->pattern, rd_part_text(item, digits), false)) return;
    rd_reply_part(reply, item);
    walk->replied++;
    if (walk->shape.parts == 1 || walk->no_values) return;
    reply_second(reply, &walk->shape, rd_part_after(item));
    walk->replied++;
}

/* What is wrong with the options shows only where the key is. */
static void scan(struct rd_call *call, enum rd_type_of_value type) {
    struct walk walk = {.call = call, .pattern = {"*", 1}, .count = 10};
    uint64_t cursor;
    if (!rd_parse_u64(call->argv[2].bytes, call->argv[2].length, &cursor)) {
        rd_reply_fail(call->reply, "ERR invalid cursor");
        return;
    }
    if (!rd_call_open_to_read(call, &walk.shape, type)) return;
    if (walk.shape.count == 0) {
        rd_reply_literal(call->reply, "*2\r\n$1\r\n0\r\n*0\r\n");
        return;
    }
    for (uint32_t at = 3; at < call->argc; at++) {
        if (!parse_option(&walk, &at)) return;
    }
    walk.all = rd_glob_is_all(walk.pattern);
    size_t from = call->reply->length;
    do {
        cursor = rd_shape_scan(&walk.shape, cursor, visit, &walk);
    } while (cursor && walk.seen < walk.count && !call->reply->failed);
    rd_reply_array_at(call->reply, from, walk.replied);
    rd_reply_cursor_at(call->reply, from, cursor);
}

/* https://redis.io/docs/latest/commands/hscan/ */
static void cmd_hscan(struct rd_call *call) {
    scan(call, RD_VALUE_HASH);
}

/* https://redis.io/docs/latest/commands/sscan/ */
static void cmd_sscan(struct rd_call *call) {
    scan(call, RD_VALUE_SET);
}

/* https://redis.io/docs/latest/commands/zscan/ */
static void cmd_zscan(struct rd_call *call) {
    scan(call, RD_VALUE_ZSET);
}

#define COMPLEXITY "O(1) for every call. O(N) for a complete iteration."
#define SYNTAX "key cursor:integer [MATCH pattern:pattern] [COUNT count:integer]"

const struct rd_command rd_item_scan_commands[] = {
    {"hscan", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_hscan,
     RD_DOCS("Iterates over fields and values of a hash.", "2.8.0", "hash", COMPLEXITY, .also = "@hash",
             .syntax = SYNTAX " [NOVALUES]", .tips = "nondeterministic_output")},
    {"sscan", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_sscan,
     RD_DOCS("Iterates over members of a set.", "2.8.0", "set", COMPLEXITY, .also = "@set", .syntax = SYNTAX,
             .tips = "nondeterministic_output")},
    {"zscan", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zscan,
     RD_DOCS("Iterates over members and scores of a sorted set.", "2.8.0", "sorted-set", COMPLEXITY, .also = "@sortedset",
             .syntax = SYNTAX, .tips = "nondeterministic_output")},
    RD_END_OF_COMMANDS,
};
