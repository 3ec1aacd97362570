/* This file owns the commands that take the first or last members out of a sorted set: ZPOPMIN, ZPOPMAX, ZMPOP. */
#include "collection/ranks.h"
#include "collection/scored.h"
#include "collection/sources.h"

/* How members with scores are replied. */
enum form {
    FLAT,  /* member, score, member, score */
    PAIRS, /* an array for each of them */
};

static void reply_popped(struct rd_reply *reply, struct rd_shape *zset, bool from_end, uint64_t count, enum form form) {
    rd_reply_array(reply, form == FLAT ? 2 * count : count);
    struct rd_place_in at;
    (void)rd_shape_seek(zset, from_end ? zset->count - 1 : 0, &at);
    for (;;) {
        if (form == PAIRS) rd_reply_array(reply, 2);
        rd_reply_part(reply, at.item);
        rd_reply_score(reply, rd_item_score(at.item));
        if (--count == 0) return;
        (void)(from_end ? rd_shape_previous(zset, &at) : rd_shape_next(zset, &at));
    }
}

/*
 * Replies up to so many members of a set that has some, behind its key where that is given, and removes them; where they
 * cannot go, OOM instead.
 */
static void pop(struct rd_call *call, struct rd_shape *zset, const struct rd_slice *key, bool from_end, uint64_t count,
                enum form form) {
    struct rd_reply *reply = call->reply;
    struct rd_reply_mark mark = rd_reply_mark(reply);
    if (count > zset->count) count = zset->count;
    if (key) {
        rd_reply_array(reply, 2);
        rd_reply_slice(reply, *key);
    }
    reply_popped(reply, zset, from_end, count, form);
    struct rd_stretch ranks = {from_end ? zset->count - count : 0, count};
    if (rd_ranks_remove(zset, ranks) != RD_OK) rd_reply_oom_from(reply, mark);
}

static void pop_one_key(struct rd_call *call, bool from_end) {
    bool is_counted = call->argc > 2;
    int64_t count = 1;
    if (call->argc > 3) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    if (is_counted && !rd_call_count(call, 2, &count)) return;
    struct rd_shape zset;
    if (!rd_call_open_to_write(call, &zset, RD_VALUE_ZSET)) return;
    enum form form = is_counted && call->reply->protocol >= 3 ? PAIRS : FLAT;
    if (zset.count == 0 || count == 0) rd_reply_array(call->reply, 0);
    else pop(call, &zset, NULL, from_end, (uint64_t)count, form);
}

/* https://redis.io/docs/latest/commands/zpopmin/ */
static void cmd_zpopmin(struct rd_call *call) {
    pop_one_key(call, false);
}

/* https://redis.io/docs/latest/commands/zpopmax/ */
static void cmd_zpopmax(struct rd_call *call) {
    pop_one_key(call, true);
}

/* With the shards locked. */
static void pop_first_key(struct rd_call *call, const struct rd_multi *multi, bool from_end, uint64_t count) {
    struct rd_shape zset;
    uint32_t key;
    if (!rd_sources_first(call, multi, 2, RD_VALUE_ZSET, &key, &zset)) return;
    if (zset.count == 0) rd_reply_null_array(call->reply);
    else pop(call, &zset, &call->argv[key], from_end, count, PAIRS);
}

/* https://redis.io/docs/latest/commands/zmpop/ */
static void cmd_zmpop(struct rd_call *call) {
    uint32_t where = rd_call_behind_keys(call, 1);
    int64_t count = 1;
    if (!where) return;
    bool from_end = rd_slice_is(call->argv[where], "max");
    if (!from_end && !rd_slice_is(call->argv[where], "min")) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    if (!rd_call_count_option(call, where + 1, &count)) return;
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    pop_first_key(call, &multi, from_end, (uint64_t)count);
    rd_multi_end(&multi);
}

#define POP_COMPLEXITY \
    "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped."

const struct rd_command rd_zset_pop_commands[] = {
    {"zmpop", -4, RD_CMD_WRITE | RD_CMD_MOVABLE_KEYS, 0, 0, 0, cmd_zmpop,
     RD_DOCS("Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the "
             "sorted set if the last member was popped.", "7.0.0", "sorted-set",
             "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and "
             "M being the number of elements popped.", .access = "RW access delete", .keys_counted_at = 1, .keys_step = 1,
             .also = "@sortedset", .syntax = "numkeys:integer key ... where(MIN|MAX) [COUNT count:integer]")},
    {"zpopmax", -2, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_zpopmax,
     RD_DOCS("Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last "
             "member was popped.", "5.0.0", "sorted-set", POP_COMPLEXITY, .access = "RW access delete",
             .syntax = "key [count:integer]", .also = "@sortedset")},
    {"zpopmin", -2, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_zpopmin,
     RD_DOCS("Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last "
             "member was popped.", "5.0.0", "sorted-set", POP_COMPLEXITY, .access = "RW access delete",
             .syntax = "key [count:integer]", .also = "@sortedset")},
    RD_END_OF_COMMANDS,
};
