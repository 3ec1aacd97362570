/*
 * This file owns the commands on a range of a sorted set, by rank, score or member: ZRANGE and its older forms,
 * ZRANGESTORE, ZREMRANGEBYRANK and its like.
 */
#include "collection/ranks.h"
#include "collection/scored.h"
#include "command/multi.h"
#include "shape/draw.h"

enum order {
    BY_RANK,
    BY_SCORE,
    BY_MEMBER,
    ANY_ORDER = -1, /* the options say it */
};

/* What a command asks for. */
struct query {
    int order;           /* enum order */
    bool reverse;
    bool takes_reverse;  /* REV is an option */
    bool takes_scores;   /* WITHSCORES is */
    bool with_scores;
    int64_t offset;      /* LIMIT */
    int64_t most;        /* below 0: all */
    int64_t start, stop; /* BY_RANK */
    struct rd_score_range scores;
    struct rd_lex_range members;
};

static bool parse_options(struct rd_call *call, uint32_t first, struct query *query) {
    bool takes_order = query->order == ANY_ORDER;
    for (uint32_t i = first; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        if (query->takes_scores && rd_slice_is(word, "withscores")) {
            query->with_scores = true;
        } else if (rd_slice_is(word, "limit") && call->argc - i > 2) {
            if (!rd_call_integer(call, call->argv[i + 1], &query->offset)) return false;
            if (!rd_call_integer(call, call->argv[i + 2], &query->most)) return false;
            i += 2;
        } else if (query->takes_reverse && !query->reverse && rd_slice_is(word, "rev")) {
            query->reverse = true;
        } else if (takes_order && query->order == ANY_ORDER && rd_slice_is(word, "bylex")) {
            query->order = BY_MEMBER;
        } else if (takes_order && query->order == ANY_ORDER && rd_slice_is(word, "byscore")) {
            query->order = BY_SCORE;
        } else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    if (query->order == ANY_ORDER) query->order = BY_RANK;
    return true;
}

/* From the argument on: the two ends, which are turned round in a reversed range of scores or members. */
static bool parse_ends(struct rd_call *call, uint32_t first, struct query *query) {
    struct rd_slice least = call->argv[first], most = call->argv[first + 1];
    if (query->order == BY_RANK) {
        return rd_call_integer(call, least, &query->start) && rd_call_integer(call, most, &query->stop);
    }
    if (query->reverse) {
        least = most;
        most = call->argv[first];
    }
    if (query->order == BY_SCORE) return rd_score_range_parse(call->reply, least, most, &query->scores);
    return rd_lex_range_parse(call->reply, least, most, &query->members);
}

/* The two ends begin at that argument, and options follow. */
static bool parse(struct rd_call *call, uint32_t first, struct query *query) {
    query->most = -1;
    if (!parse_options(call, first + 2, query)) return false;
    if (query->most != -1 && query->order == BY_RANK) {
        rd_reply_fail(call->reply, "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
        return false;
    }
    if (query->with_scores && query->order == BY_MEMBER) {
        rd_reply_fail(call->reply, "ERR syntax error, WITHSCORES not supported in combination with BYLEX");
        return false;
    }
    return parse_ends(call, first, query);
}

/* Without LIMIT. Reversed, index 0 is the last one. */
static struct rd_stretch find(struct rd_shape *zset, const struct query *query) {
    if (query->order == BY_SCORE) return rd_ranks_of_scores(zset, &query->scores);
    if (query->order == BY_MEMBER) return rd_ranks_of_members(zset, &query->members);
    struct rd_stretch range = rd_stretch_between(query->start, query->stop, zset->count);
    if (query->reverse) range.first = zset->count - range.first - range.count;
    return range;
}

/* By rank LIMIT may be said, as long as it leaves everything: its offset then means nothing. */
static struct rd_stretch limited(struct rd_stretch range, const struct query *query) {
    if (query->order == BY_RANK) return range;
    if (query->offset < 0 || (uint64_t)query->offset >= range.count) return (struct rd_stretch){0, 0};
    uint64_t offset = (uint64_t)query->offset, count = range.count - offset;
    if (query->most >= 0 && (uint64_t)query->most < count) count = (uint64_t)query->most;
    uint64_t first = query->reverse ? range.first + range.count - offset - count : range.first + offset;
    return (struct rd_stretch){first, count};
}

/* To the first of the items in the order that is asked for. */
static void begin(struct rd_shape *zset, struct rd_stretch range, bool reverse, struct rd_place_in *at) {
    (void)rd_shape_seek(zset, reverse ? range.first + range.count - 1 : range.first, at);
}

static void proceed(struct rd_shape *zset, bool reverse, struct rd_place_in *at) {
    (void)(reverse ? rd_shape_previous(zset, at) : rd_shape_next(zset, at));
}

static void reply_range(struct rd_call *call, struct query *query) {
    if (!parse(call, 2, query)) return;
    struct rd_shape zset;
    if (!rd_call_open_to_read(call, &zset, RD_VALUE_ZSET)) return;
    struct rd_stretch range = limited(find(&zset, query), query);
    struct rd_reply *reply = call->reply;
    rd_reply_scored_header(reply, range.count, query->with_scores);
    if (!query->reverse && !query->with_scores) {
        rd_shape_draw(&zset, reply, range.first, range.count, RD_DRAW_FIRST, call->by_script);
        return;
    }
    struct rd_place_in at;
    if (range.count > 0) begin(&zset, range, query->reverse, &at);
    while (range.count-- > 0 && !reply->failed) {
        rd_reply_scored(reply, at.item, query->with_scores ? rd_item_score(at.item) : 0, query->with_scores);
        if (range.count > 0) proceed(&zset, query->reverse, &at);
    }
}

/* https://redis.io/docs/latest/commands/zrange/ */
static void cmd_zrange(struct rd_call *call) {
    reply_range(call, &(struct query){.order = ANY_ORDER, .takes_reverse = true, .takes_scores = true});
}

/* https://redis.io/docs/latest/commands/zrevrange/ */
static void cmd_zrevrange(struct rd_call *call) {
    reply_range(call, &(struct query){.order = BY_RANK, .reverse = true, .takes_scores = true});
}

/* https://redis.io/docs/latest/commands/zrangebyscore/ */
static void cmd_zrangebyscore(struct rd_call *call) {
    reply_range(call, &(struct query){.order = BY_SCORE, .takes_scores = true});
}

/* https://redis.io/docs/latest/commands/zrevrangebyscore/ */
static void cmd_zrevrangebyscore(struct rd_call *call) {
    reply_range(call, &(struct query){.order = BY_SCORE, .reverse = true, .takes_scores = true});
}

/* https://redis.io/docs/latest/commands/zrangebylex/ */
static void cmd_zrangebylex(struct rd_call *call) {
    reply_range(call, &(struct query){.order = BY_MEMBER, .takes_scores = true});
}

/* https://redis.io/docs/latest/commands/zrevrangebylex/ */
static void cmd_zrevrangebylex(struct rd_call *call) {
    reply_range(call, &(struct query){.order = BY_MEMBER, .reverse = true, .takes_scores = true});
}

/* False: no memory. */
static bool gather(struct rd_shape *zset, const struct query *query, struct rd_scored *scored) {
    struct rd_stretch range = limited(find(zset, query), query);
    struct rd_place_in at;
    if (range.count > 0) begin(zset, range, false, &at);
    while (range.count-- > 0) {
        if (!rd_scored_add(scored, at.item, rd_item_score(at.item))) return false;
        if (range.count > 0) proceed(zset, false, &at);
    }
    return true;
}

/* With the shards locked. */
static void store_range(struct rd_call *call, const struct rd_multi *multi, const struct query *query) {
    struct rd_shard *target = rd_multi_shard(multi, 0), *source = rd_multi_shard(multi, 1);
    struct rd_key key = rd_call_key_at(call, 2);
    struct rd_found found = rd_shard_find(source, multi->hashes[1], key, call->now);
    struct rd_shape zset;
    if (!rd_call_open_at(call, &zset, source, multi->hashes[1], key, found, RD_VALUE_ZSET)) return;
    struct rd_scored scored;
    rd_scored_begin(&scored, call);
    if (gather(&zset, query, &scored)) rd_scored_store(&scored, target, multi->hashes[0], rd_call_key_at(call, 1));
    else rd_reply_oom(call->reply);
    rd_scored_end(&scored);
}

/* https://redis.io/docs/latest/commands/zrangestore/ */
static void cmd_zrangestore(struct rd_call *call) {
    struct query query = {.order = ANY_ORDER, .takes_reverse = true};
    if (!parse(call, 3, &query)) return;
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    store_range(call, &multi, &query);
    rd_multi_end(&multi);
}

static void remove_range(struct rd_call *call, enum order order) {
    struct query query = {.order = order};
    if (!parse_ends(call, 2, &query)) return;
    struct rd_shape zset;
    if (!rd_call_open_to_write(call, &zset, RD_VALUE_ZSET)) return;
    struct rd_stretch range = find(&zset, &query);
    if (rd_ranks_remove(&zset, range) == RD_OK) rd_reply_integer(call->reply, (int64_t)range.count);
    else rd_reply_oom(call->reply);
}

/* https://redis.io/docs/latest/commands/zremrangebyrank/ */
static void cmd_zremrangebyrank(struct rd_call *call) {
    remove_range(call, BY_RANK);
}

/* https://redis.io/docs/latest/commands/zremrangebyscore/ */
static void cmd_zremrangebyscore(struct rd_call *call) {
    remove_range(call, BY_SCORE);
}

/* https://redis.io/docs/latest/commands/zremrangebylex/ */
static void cmd_zremrangebylex(struct rd_call *call) {
    remove_range(call, BY_MEMBER);
}

#define OF_RANGE "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements "
#define RETURNED OF_RANGE "returned."
#define REMOVED OF_RANGE "removed by the operation."
#define LIMIT "[LIMIT limit{offset:integer count:integer}]"

const struct rd_command rd_zset_range_commands[] = {
    {"zrange", -4, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zrange,
     RD_DOCS("Returns members in a sorted set within a range of indexes.", "1.2.0", "sorted-set", RETURNED, .also = "@sortedset",
             .syntax = "key start stop [sortby(BYSCORE|BYLEX)@6.2.0] [REV@6.2.0] "
             "[LIMIT limit{offset:integer count:integer}@6.2.0] [WITHSCORES]",
             .history = "6.2.0 Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.")},
    {"zrangebylex", -4, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zrangebylex,
     RD_DOCS("Returns members in a sorted set within a lexicographical range.", "2.8.9", "sorted-set", RETURNED,
             .syntax = "key min max " LIMIT, .deprecated = "6.2.0 `ZRANGE` with the `BYLEX` argument", .also = "@sortedset")},
    {"zrangebyscore", -4, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zrangebyscore,
     RD_DOCS("Returns members in a sorted set within a range of scores.", "1.0.5", "sorted-set", RETURNED,
             .syntax = "key min:double max:double [WITHSCORES@2.0.0] " LIMIT, .also = "@sortedset",
             .deprecated = "6.2.0 `ZRANGE` with the `BYSCORE` argument", .history = "2.0.0 Added the `WITHSCORES` modifier.")},
    {"zrangestore", -5, RD_CMD_WRITE | RD_CMD_DENYOOM, 1, 2, 1, cmd_zrangestore,
     RD_DOCS("Stores a range of members from sorted set in a key.", "6.2.0", "sorted-set",
             OF_RANGE "stored into the destination key.", .access = "OW update", .access_after_first = "RO access",
             .also = "@sortedset", .syntax = "dst#0 src#1 min max [sortby(BYSCORE|BYLEX)] [REV] " LIMIT)},
    {"zremrangebylex", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zremrangebylex,
     RD_DOCS("Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.",
             "2.8.9", "sorted-set", REMOVED, .access = "RW delete", .syntax = "key min max", .also = "@sortedset")},
    {"zremrangebyrank", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zremrangebyrank,
     RD_DOCS("Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.",
             "2.0.0", "sorted-set", REMOVED, .access = "RW delete", .syntax = "key start:integer stop:integer",
             .also = "@sortedset")},
    {"zremrangebyscore", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zremrangebyscore,
     RD_DOCS("Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.",
             "1.2.0", "sorted-set", REMOVED, .access = "RW delete", .syntax = "key min:double max:double",
             .also = "@sortedset")},
    {"zrevrange", -4, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zrevrange,
     RD_DOCS("Returns members in a sorted set within a range of indexes in reverse order.", "1.2.0", "sorted-set", RETURNED,
             .syntax = "key start:integer stop:integer [WITHSCORES]", .also = "@sortedset",
             .deprecated = "6.2.0 `ZRANGE` with the `REV` argument")},
    {"zrevrangebylex", -4, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zrevrangebylex,
     RD_DOCS("Returns members in a sorted set within a lexicographical range in reverse order.", "2.8.9", "sorted-set", RETURNED,
             .syntax = "key max min " LIMIT, .also = "@sortedset",
             .deprecated = "6.2.0 `ZRANGE` with the `REV` and `BYLEX` arguments")},
    {"zrevrangebyscore", -4, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_zrevrangebyscore,
     RD_DOCS("Returns members in a sorted set within a range of scores in reverse order.", "2.2.0", "sorted-set", RETURNED,
             .syntax = "key max:double min:double [WITHSCORES] " LIMIT, .also = "@sortedset",
             .deprecated = "6.2.0 `ZRANGE` with the `REV` and `BYSCORE` arguments",
             .history = "2.1.6 `min` and `max` can be exclusive.")},
    RD_END_OF_COMMANDS,
};
