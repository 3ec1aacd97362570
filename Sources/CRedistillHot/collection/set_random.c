/* This file owns the commands on members of a set that chance chooses: SPOP, SRANDMEMBER. Each is as likely as the others. */
#include "collection/members.h"
#include "collection/set.h"

/* Of a large set so many times as large as what is asked for, members are drawn; else all are passed, and each chosen or not. */
#define DRAWN_BELOW 16

static uint64_t below(struct rd_shape *set, uint64_t bound) {
    return rd_shard_random(set->shard) % bound;
}

static bool is_drawn(const struct rd_shape *set, uint64_t count) {
    return set->root && count < set->count / DRAWN_BELOW;
}

/* To a member that any could be. */
static void draw(struct rd_shape *set, struct rd_place_in *at) {
    (void)rd_shape_seek(set, below(set, set->count), at);
}

/* Knuth's algorithm S: of the members that are left, each is chosen as likely as what is still wanted is among them. */
static void choose_in_passing(struct rd_reply *reply, struct rd_shape *set, uint64_t count, bool removes) {
    struct rd_place_in at;
    uint64_t left = set->count;
    (void)rd_shape_seek(set, 0, &at);
    for (; count && !reply->failed; left--) {
        bool is_chosen = below(set, left) < count;
        if (is_chosen) {
            rd_reply_part(reply, at.item);
            count--;
        }
        if (is_chosen && removes) rd_shape_erase(set, &at);
        else (void)rd_shape_next(set, &at);
    }
}

/* A count of SPOP; false when it is none, which has been replied. */
static bool parse_count(struct rd_call *call, int64_t *count) {
    if (call->argc > 3) {
        rd_reply_syntax_error(call->reply);
        return false;
    }
    if (!rd_call_integer(call, call->argv[2], count)) return false;
    if (*count >= 0) return true;
    rd_reply_fail(call->reply, "ERR value is out of range, must be positive");
    return false;
}

/* Some of the members, but not all. */
static void pop_some(struct rd_reply *reply, struct rd_shape *set, uint64_t count) {
    if (!is_drawn(set, count)) {
        choose_in_passing(reply, set, count, true);
        return;
    }
    for (; count && !reply->failed; count--) {
        struct rd_place_in at;
        draw(set, &at);
        rd_reply_part(reply, at.item);
        rd_shape_erase(set, &at);
    }
}

static void pop_one(struct rd_reply *reply, struct rd_shape *set) {
    struct rd_place_in at;
    draw(set, &at);
    rd_reply_part(reply, at.item);
    rd_shape_erase(set, &at);
}

/* What was removed is replied already: taken back where it could not be. */
static void close_popped(struct rd_call *call, struct rd_shape *set, size_t length, uint32_t blobs) {
    if (rd_shape_close(set) == RD_OK) return;
    rd_reply_truncate(call->reply, length, blobs);
    rd_reply_oom(call->reply);
}

/* https://redis.io/docs/latest/commands/spop/ */
static void cmd_spop(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    bool counts = call->argc > 2;
    int64_t wanted = 1;
    if (counts && !parse_count(call, &wanted)) return;
    struct rd_shape set;
    if (!rd_call_open_to_write(call, &set, RD_VALUE_SET)) return;
    uint64_t count = (uint64_t)wanted < set.count ? (uint64_t)wanted : set.count;
    size_t length = reply->length;
    uint32_t blobs = reply->blob_count;
    if (counts) rd_reply_set(reply, count);
    if (set.count == 0) {
        if (!counts) rd_reply_null(reply);
    } else if (counts && count == set.count) {
        rd_reply_members(reply, &set);
        rd_shard_remove(call->shard, set.found);
    } else if (count) {
        if (counts) pop_some(reply, &set, count);
        else pop_one(reply, &set);
        close_popped(call, &set, length, blobs);
    }
}

/* So many members, each once, of a set that has more. False: there is no memory to note them in. */
static bool reply_distinct(struct rd_reply *reply, struct rd_shape *set, uint64_t count) {
    if (!is_drawn(set, count)) {
        choose_in_passing(reply, set, count, false);
        return true;
    }
    struct rd_members seen;
    rd_members_begin(&seen, set->shard->store);
    while (seen.count < count && !seen.out_of_memory && !reply->failed) {
        struct rd_place_in at;
        draw(set, &at);
        if (rd_members_add(&seen, at.item)) rd_reply_part(reply, at.item);
    }
    bool fits = !seen.out_of_memory;
    rd_members_end(&seen);
    return fits;
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

static void reply_several(struct rd_reply *reply, struct rd_shape *set, uint64_t count) {
    size_t length = reply->length;
    uint32_t blobs = reply->blob_count;
    bool is_all = count >= set->count;
    rd_reply_array(reply, is_all ? set->count : count);
    if (is_all) {
        rd_reply_members(reply, set);
    } else if (!reply_distinct(reply, set, count)) {
        rd_reply_truncate(reply, length, blobs);
        rd_reply_oom(reply);
    }
}

static bool parse_signed_count(struct rd_call *call, int64_t *count) {
    if (call->argc > 3) {
        rd_reply_syntax_error(call->reply);
        return false;
    }
    if (!rd_call_integer(call, call->argv[2], count)) return false;
    if (*count != INT64_MIN) return true;
    rd_reply_fail(call->reply, "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
    return false;
}

/* https://redis.io/docs/latest/commands/srandmember/ */
static void cmd_srandmember(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    bool counts = call->argc > 2;
    int64_t count = 1;
    if (counts && !parse_signed_count(call, &count)) return;
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
    } else {
        reply_several(reply, &set, (uint64_t)count);
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
