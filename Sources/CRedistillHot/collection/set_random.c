/* This file owns the commands on members of a set that chance chooses: SPOP, SRANDMEMBER. Each is as likely as the others. */
#include "collection/argument.h"
#include "collection/picks.h"
#include "collection/set.h"

/* A set that is so many times as large as what it is to lose. */
#define DRAWN_BELOW 16

static uint64_t below(struct rd_shape *set, uint64_t bound) {
    return rd_shard_random(set->shard) % bound;
}

/* More arguments than a count? */
static bool refuse_more(struct rd_call *call) {
    if (call->argc <= 3) return false;
    rd_reply_syntax_error(call->reply);
    return true;
}

/* To a member that any could be. */
static void draw(struct rd_shape *set, struct rd_place_in *at) {
    (void)rd_shape_seek(set, below(set, set->count), at);
}

/* The member at the place is replied, if it could be taken out. */
static bool pop_at(struct rd_reply *reply, struct rd_shape *set, struct rd_place_in *at) {
    struct rd_reply_mark mark = rd_reply_mark(reply);
    rd_reply_part(reply, at->item);
    rd_shape_erase(set, at);
    if (set->out_of_memory) rd_reply_take_back(reply, mark);
    return !set->out_of_memory;
}

/* Knuth's algorithm S: of the members that are left, each is chosen as likely as what is still wanted is among them. */
static uint64_t pop_in_passing(struct rd_reply *reply, struct rd_shape *set, uint64_t count) {
    struct rd_place_in at;
    uint64_t left = set->count, popped = 0;
    (void)rd_shape_seek(set, 0, &at);
    for (; popped < count && !reply->failed; left--) {
        if (below(set, left) >= count - popped) {
            (void)rd_shape_next(set, &at);
            continue;
        }
        if (!pop_at(reply, set, &at)) break;
        popped++;
    }
    return popped;
}

static bool pop_one(struct rd_reply *reply, struct rd_shape *set) {
    struct rd_place_in at;
    draw(set, &at);
    return pop_at(reply, set, &at);
}

/*
 * Some of the members, but not all; returns how many. Of a large set that loses few, those are looked for, else all are
 * passed.
 */
static uint64_t pop_some(struct rd_reply *reply, struct rd_shape *set, uint64_t count) {
    if (!set->tree.root || count >= set->count / DRAWN_BELOW) return pop_in_passing(reply, set, count);
    uint64_t popped = 0;
    while (popped < count && !reply->failed && pop_one(reply, set)) popped++;
    return popped;
}

/* Those that are gone are replied, though memory was out before there were as many as wanted. */
static void pop_and_count(struct rd_call *call, struct rd_shape *set, uint64_t count) {
    struct rd_reply_mark mark = rd_reply_mark(call->reply);
    uint64_t popped = pop_some(call->reply, set, count);
    bool is_in_place = set->tree.root != NULL;
    bool done = rd_shape_close(set) == RD_OK || (is_in_place && popped > 0);
    if (done) rd_reply_set_at(call->reply, mark.length, popped);
    else rd_reply_oom_from(call->reply, mark);
}

/* https://redis.io/docs/latest/commands/spop/ */
static void cmd_spop(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    bool counts = call->argc > 2;
    int64_t wanted = 1;
    if (refuse_more(call) || (counts && !rd_call_count(call, 2, &wanted))) return;
    struct rd_shape set;
    if (!rd_call_open_to_write(call, &set, RD_VALUE_SET)) return;
    uint64_t count = (uint64_t)wanted < set.count ? (uint64_t)wanted : set.count;
    if (count == 0) {
        if (counts) rd_reply_set(reply, 0);
        else rd_reply_null(reply);
    } else if (!counts) {
        struct rd_reply_mark mark = rd_reply_mark(reply);
        (void)pop_one(reply, &set);
        rd_call_close_from(call, &set, mark);
    } else if (count == set.count) {
        rd_reply_set(reply, count);
        rd_reply_members(call, &set);
        rd_shard_remove(call->shard, set.found);
    } else {
        pop_and_count(call, &set, count);
    }
}

/* Members that may be the same. What a reply may have bounds how many are asked for. */
static void reply_independent(struct rd_reply *reply, struct rd_shape *set, uint64_t count) {
    rd_reply_array(reply, count);
    for (; count && !reply->failed; count--) {
        struct rd_place_in at;
        draw(set, &at);
        rd_reply_part(reply, at.item);
    }
}

/* Each of them once, of a set that has more. */
static void reply_distinct(struct rd_call *call, struct rd_shape *set, uint64_t count) {
    struct rd_sample sample;
    if (!rd_sample_begin(call, &sample, set, count)) return;
    rd_reply_array(call->reply, count);
    for (const char *member; !call->reply->failed && (member = rd_sample_next(&sample));) rd_reply_part(call->reply, member);
    rd_sample_end(&sample);
}

/* https://redis.io/docs/latest/commands/srandmember/ */
static void cmd_srandmember(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    bool counts = call->argc > 2;
    int64_t count = 1;
    if (refuse_more(call) || (counts && !rd_call_signed(call, 2, &count))) return;
    struct rd_shape set;
    if (!rd_call_open_to_read(call, &set, RD_VALUE_SET)) return;
    if (!counts) {
        struct rd_place_in at;
        if (set.count == 0) {
            rd_reply_null(reply);
            return;
        }
        draw(&set, &at);
        rd_reply_part(reply, at.item);
    } else if (set.count == 0 || count == 0) {
        rd_reply_array(reply, 0);
    } else if (count < 0) {
        reply_independent(reply, &set, (uint64_t)-count);
    } else if ((uint64_t)count >= set.count) {
        rd_reply_array(reply, set.count);
        rd_reply_members(call, &set);
    } else {
        reply_distinct(call, &set, (uint64_t)count);
    }
}

const struct rd_command rd_set_random_commands[] = {
    {"spop", -2, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_spop,
     RD_DOCS("Returns one or more random members from a set after removing them. Deletes the set if the last member was "
             "popped.", "1.0.0", "set",
             "Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
             .access = "RW access delete", .syntax = "key [count:integer@3.2.0]",
             .history = "3.2.0 Added the `count` argument.", .tips = "nondeterministic_output")},
    {"srandmember", -2, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_srandmember,
     RD_DOCS("Get one or multiple random members from a set", "1.0.0", "set",
             "Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
             .syntax = "key [count:integer@2.6.0]", .history = "2.6.0 Added the optional `count` argument.",
             .tips = "nondeterministic_output")},
    RD_END_OF_COMMANDS,
};
