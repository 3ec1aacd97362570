/* This file owns the commands on the members of one sorted set: ZADD, ZREM, ZSCORE, ZRANK and their like. */
#include <math.h>

#include "collection/ranks.h"
#include "collection/picks.h"
#include "collection/scored.h"

/* ZADD's options. */
struct addition {
    bool if_absent, if_present; /* NX, XX */
    bool if_greater, if_less;   /* GT, LT */
    bool counts_changed;        /* CH */
    bool increments;            /* INCR, and ZINCRBY */
    uint32_t first;             /* argument that is a score; behind it its member, and so on */
};

static bool parse_option(struct rd_slice word, struct addition *addition) {
    if (rd_slice_is(word, "nx")) addition->if_absent = true;
    else if (rd_slice_is(word, "xx")) addition->if_present = true;
    else if (rd_slice_is(word, "gt")) addition->if_greater = true;
    else if (rd_slice_is(word, "lt")) addition->if_less = true;
    else if (rd_slice_is(word, "ch")) addition->counts_changed = true;
    else if (rd_slice_is(word, "incr")) addition->increments = true;
    else return false;
    return true;
}

/* False, with the error written, when the options or the scores cannot be. */
static bool parse_addition(struct rd_call *call, struct addition *addition) {
    struct rd_reply *reply = call->reply;
    addition->first = 2;
    while (addition->first < call->argc && parse_option(call->argv[addition->first], addition)) addition->first++;
    uint32_t arguments = call->argc - addition->first;
    if (arguments == 0 || arguments % 2) {
        rd_reply_syntax_error(reply);
    } else if (addition->if_absent && addition->if_present) {
        rd_reply_fail(reply, "ERR XX and NX options at the same time are not compatible");
    } else if (addition->if_absent + addition->if_greater + addition->if_less > 1) {
        rd_reply_fail(reply, "ERR GT, LT, and/or NX options at the same time are not compatible");
    } else if (addition->increments && arguments > 2) {
        rd_reply_fail(reply, "ERR INCR option supports a single increment-element pair");
    } else {
        double score;
        for (uint32_t i = addition->first; i < call->argc; i += 2) {
            if (rd_score_parse(call->argv[i], &score)) continue;
            rd_reply_fail(reply, RD_NOT_A_FLOAT);
            return false;
        }
        return true;
    }
    return false;
}

/* What became of one member. */
enum outcome {
    LEFT_ALONE, /* by the options' will */
    ADDED,
    UPDATED,
    THE_SAME,
    NOT_A_NUMBER,
};

/* *score: the member's new one. Where memory is out, closing the shape tells. */
static enum outcome add(struct rd_shape *zset, const struct addition *addition, struct rd_slice text, double *score) {
    struct rd_word member = rd_word_of(text);
    double old;
    if (!rd_zset_find(zset, &member, &old)) {
        if (addition->if_present) return LEFT_ALONE;
        (void)rd_zset_add(zset, &member, *score);
        return ADDED;
    }
    if (addition->if_absent) return LEFT_ALONE;
    if (addition->increments) *score += old;
    if (isnan(*score)) return NOT_A_NUMBER;
    if ((addition->if_less && *score >= old) || (addition->if_greater && *score <= old)) return LEFT_ALONE;
    if (*score == old) return THE_SAME;
    (void)rd_zset_rescore(zset, &member, old, *score);
    return UPDATED;
}

/* Adds what the options are for; replies. */
static void add_members(struct rd_call *call, const struct addition *addition) {
    struct rd_shape zset;
    if (!rd_call_open_to_write(call, &zset, RD_VALUE_ZSET)) return;
    if (!(zset.count == 0 && addition->if_present) && !rd_call_admit(call, &zset, addition->first)) return;
    int64_t counts[NOT_A_NUMBER + 1] = {0};
    double score = 0;
    for (uint32_t i = addition->first; i < call->argc && !zset.out_of_memory; i += 2) {
        (void)rd_score_parse(call->argv[i], &score);
        counts[add(&zset, addition, call->argv[i + 1], &score)]++;
    }
    if (counts[NOT_A_NUMBER]) {
        rd_reply_fail(call->reply, "ERR resulting score is not a number (NaN)");
        return;
    }
    if ((counts[ADDED] || counts[UPDATED]) && !rd_call_close(call, &zset)) return;
    if (!addition->increments) rd_reply_integer(call->reply, counts[ADDED] + (addition->counts_changed ? counts[UPDATED] : 0));
    else if (counts[LEFT_ALONE]) rd_reply_null(call->reply);
    else rd_reply_score(call->reply, score);
}

/* https://redis.io/docs/latest/commands/zadd/ */
static void cmd_zadd(struct rd_call *call) {
    struct addition addition = {0};
    if (parse_addition(call, &addition)) add_members(call, &addition);
}

/* https://redis.io/docs/latest/commands/zincrby/ : reads what it is given as ZADD does, options too. */
static void cmd_zincrby(struct rd_call *call) {
    struct addition addition = {.increments = true};
    if (parse_addition(call, &addition)) add_members(call, &addition);
}

/* https://redis.io/docs/latest/commands/zrem/ */
static void cmd_zrem(struct rd_call *call) {
    struct rd_shape zset;
    if (!rd_call_open_to_write(call, &zset, RD_VALUE_ZSET)) return;
    int64_t removed = 0;
    for (uint32_t i = 2; i < call->argc && zset.count > 0; i++) {
        struct rd_word member = rd_word_of(call->argv[i]);
        double score;
        if (rd_zset_find(&zset, &member, &score) && rd_zset_remove(&zset, &member, score)) removed++;
    }
    if ((removed == 0 && !zset.out_of_memory) || rd_call_close(call, &zset)) rd_reply_integer(call->reply, removed);
}

/* https://redis.io/docs/latest/commands/zcard/ */
static void cmd_zcard(struct rd_call *call) {
    struct rd_shape zset;
    if (rd_call_open_to_read(call, &zset, RD_VALUE_ZSET)) rd_reply_integer(call->reply, (int64_t)zset.count);
}

static void reply_score_of(struct rd_call *call, struct rd_shape *zset, uint32_t argument) {
    struct rd_word member = rd_word_of(call->argv[argument]);
    double score;
    if (rd_zset_find(zset, &member, &score)) rd_reply_score(call->reply, score);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/zscore/ */
static void cmd_zscore(struct rd_call *call) {
    struct rd_shape zset;
    if (rd_call_open_to_read(call, &zset, RD_VALUE_ZSET)) reply_score_of(call, &zset, 2);
}

/* https://redis.io/docs/latest/commands/zmscore/ */
static void cmd_zmscore(struct rd_call *call) {
    struct rd_shape zset;
    if (!rd_call_open_to_read(call, &zset, RD_VALUE_ZSET)) return;
    rd_reply_array(call->reply, call->argc - 2);
    for (uint32_t i = 2; i < call->argc; i++) reply_score_of(call, &zset, i);
}

/* https://redis.io/docs/latest/commands/zcount/ */
static void cmd_zcount(struct rd_call *call) {
    struct rd_score_range range;
    struct rd_shape zset;
    if (!rd_score_range_parse(call->reply, call->argv[2], call->argv[3], &range)) return;
    if (!rd_call_open_to_read(call, &zset, RD_VALUE_ZSET)) return;
    rd_reply_integer(call->reply, (int64_t)rd_ranks_of_scores(&zset, &range).count);
}

/* https://redis.io/docs/latest/commands/zlexcount/ */
static void cmd_zlexcount(struct rd_call *call) {
    struct rd_lex_range range;
    struct rd_shape zset;
    if (!rd_lex_range_parse(call->reply, call->argv[2], call->argv[3], &range)) return;
    if (!rd_call_open_to_read(call, &zset, RD_VALUE_ZSET)) return;
    rd_reply_integer(call->reply, (int64_t)rd_ranks_of_members(&zset, &range).count);
}

static void reply_rank(struct rd_call *call, bool from_end) {
    struct rd_reply *reply = call->reply;
    bool with_score = call->argc > 3;
    if (call->argc > 4) {
        rd_reply_wrong_arity(reply, call->command);
        return;
    }
    if (with_score && !rd_slice_is(call->argv[3], "withscore")) {
        rd_reply_syntax_error(reply);
        return;
    }
    struct rd_shape zset;
    if (!rd_call_open_to_read(call, &zset, RD_VALUE_ZSET)) return;
    struct rd_word member = rd_word_of(call->argv[2]);
    double score;
    if (!rd_zset_find(&zset, &member, &score)) {
        if (with_score) rd_reply_null_array(reply);
        else rd_reply_null(reply);
        return;
    }
    struct rd_place_in at;
    (void)rd_zset_seek(&zset, score, call->argv[2], false, &at);
    if (with_score) rd_reply_array(reply, 2);
    rd_reply_integer(reply, (int64_t)(from_end ? zset.count - 1 - at.index : at.index));
    if (with_score) rd_reply_score(reply, score);
}

/* https://redis.io/docs/latest/commands/zrank/ */
static void cmd_zrank(struct rd_call *call) {
    reply_rank(call, false);
}

/* https://redis.io/docs/latest/commands/zrevrank/ */
static void cmd_zrevrank(struct rd_call *call) {
    reply_rank(call, true);
}

static const char *any_item(struct rd_shape *zset) {
    struct rd_place_in at;
    (void)rd_shape_seek(zset, rd_shard_random(zset->shard) % zset->count, &at);
    return at.item;
}

static void reply_item(struct rd_reply *reply, const char *item, bool with_scores) {
    rd_reply_scored(reply, item, with_scores ? rd_item_score(item) : 0, with_scores);
}

/* So many, each of them any. */
static void reply_any(struct rd_reply *reply, struct rd_shape *zset, uint64_t count, bool with_scores) {
    rd_reply_scored_header(reply, count, with_scores);
    for (; count > 0 && !reply->failed; count--) reply_item(reply, any_item(zset), with_scores);
}

static void reply_all(struct rd_reply *reply, struct rd_shape *zset, bool with_scores) {
    rd_reply_scored_header(reply, zset->count, with_scores);
    struct rd_place_in at;
    for (bool more = rd_shape_seek(zset, 0, &at); more && !reply->failed; more = rd_shape_next(zset, &at)) {
        reply_item(reply, at.item, with_scores);
    }
}

/* So many that are not the same, fewer than there are. */
static void reply_sample(struct rd_call *call, struct rd_shape *zset, uint64_t count, bool with_scores) {
    struct rd_sample sample;
    if (!rd_sample_begin(call, &sample, zset, count)) return;
    rd_reply_scored_header(call->reply, count, with_scores);
    for (const char *item; (item = rd_sample_next(&sample)) && !call->reply->failed;) reply_item(call->reply, item, with_scores);
    rd_sample_end(&sample);
}

/* https://redis.io/docs/latest/commands/zrandmember/ */
static void cmd_zrandmember(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    bool is_counted = call->argc > 2, with_scores = false;
    int64_t count;
    struct rd_shape zset;
    if (is_counted && !rd_call_random_count(call, "withscores", &count, &with_scores)) return;
    if (!rd_call_open_to_read(call, &zset, RD_VALUE_ZSET)) return;
    if (!is_counted) {
        if (zset.count == 0) rd_reply_null(reply);
        else rd_reply_part(reply, any_item(&zset));
    } else if (zset.count == 0 || count == 0) {
        rd_reply_array(reply, 0);
    } else if (count < 0) {
        reply_any(reply, &zset, (uint64_t)-count, with_scores);
    } else if ((uint64_t)count >= zset.count) {
        reply_all(reply, &zset, with_scores);
    } else {
        reply_sample(call, &zset, (uint64_t)count, with_scores);
    }
}

const struct rd_command rd_zset_commands[] = {
    {"zadd", -4, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_zadd,
     RD_DOCS("Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.", "1.2.0",
             "sorted-set", "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
             .access = "RW update", .also = "@sortedset",
             .syntax = "key [condition(NX|XX)@3.0.2] [comparison(GT|LT)@6.2.0] [change=CH@3.0.2] [increment=INCR@3.0.2] "
             "data{score:double member} ...",
             .history = "2.4.0 Accepts multiple elements.\n"
             "3.0.2 Added the `XX`, `NX`, `CH` and `INCR` options.\n"
             "6.2.0 Added the `GT` and `LT` options.")},
    {"zcard", 2, RD_CMD_FAST_READ, 1, 1, 1, cmd_zcard,
     RD_DOCS("Returns the number of members in a sorted set.", "1.2.0", "sorted-set", "O(1)", .access = "RO", .syntax = "key",
             .also = "@sortedset")},
    {"zcount", 4, RD_CMD_FAST_READ, 1, 1, 1, cmd_zcount,
     RD_DOCS("Returns the count of members in a sorted set that have scores within a range.", "2.0.0", "sorted-set",
             "O(log(N)) with N being the number of elements in the sorted set.", .syntax = "key min:double max:double",
             .also = "@sortedset")},
    {"zincrby", 4, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_zincrby,
     RD_DOCS("Increments the score of a member in a sorted set.", "1.2.0", "sorted-set",
             "O(log(N)) where N is the number of elements in the sorted set.", .access = "RW access update",
             .syntax = "key increment:integer member", .also = "@sortedset")},
    {"zlexcount", 4, RD_CMD_FAST_READ, 1, 1, 1, cmd_zlexcount,
     RD_DOCS("Returns the number of members in a sorted set within a lexicographical range.", "2.8.9", "sorted-set",
             "O(log(N)) with N being the number of elements in the sorted set.", .syntax = "key min max", .also = "@sortedset")},
    {"zmscore", -3, RD_CMD_FAST_READ, 1, 1, 1, cmd_zmscore,
     RD_DOCS("Returns the score of one or more members in a sorted set.", "6.2.0", "sorted-set",
             "O(N) where N is the number of members being requested.", .syntax = "key member ...", .also = "@sortedset")},
    {"zrandmember", -2, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zrandmember,
     RD_DOCS("Returns one or more random members from a sorted set.", "6.2.0", "sorted-set",
             "O(N*log(M)) where N is the number of members returned, of M.", .syntax = "key [options{count:integer [WITHSCORES]}]",
             .tips = "nondeterministic_output", .also = "@sortedset")},
    {"zrank", -3, RD_CMD_FAST_READ, 1, 1, 1, cmd_zrank,
     RD_DOCS("Returns the index of a member in a sorted set ordered by ascending scores.", "2.0.0", "sorted-set", "O(log(N))",
             .syntax = "key member [WITHSCORE]", .also = "@sortedset",
             .history = "7.2.0 Added the optional `WITHSCORE` argument.")},
    {"zrem", -3, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_zrem,
     RD_DOCS("Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.", "1.2.0",
             "sorted-set", "O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be "
             "removed.", .access = "RW delete", .syntax = "key member ...", .also = "@sortedset",
             .history = "2.4.0 Accepts multiple elements.")},
    {"zrevrank", -3, RD_CMD_FAST_READ, 1, 1, 1, cmd_zrevrank,
     RD_DOCS("Returns the index of a member in a sorted set ordered by descending scores.", "2.0.0", "sorted-set", "O(log(N))",
             .syntax = "key member [WITHSCORE]", .also = "@sortedset",
             .history = "7.2.0 Added the optional `WITHSCORE` argument.")},
    {"zscore", 3, RD_CMD_FAST_READ, 1, 1, 1, cmd_zscore,
     RD_DOCS("Returns the score of a member in a sorted set.", "1.2.0", "sorted-set", "O(1)", .syntax = "key member",
             .also = "@sortedset")},
    RD_END_OF_COMMANDS,
};
