/* This file owns the commands on one set, and SMOVE: SADD, SREM, SISMEMBER, SMISMEMBER, SCARD, SMEMBERS. */
#include "collection/set.h"

#include "collection/item.h"
#include "command/multi.h"
#include "shape/draw.h"

bool rd_set_add(struct rd_shape *set, const struct rd_word *member) {
    struct rd_item item;
    if (!rd_item_of(&item, set, member, 1)) return false;
    bool added = rd_shape_add(set, member, item.bytes);
    rd_item_drop(&item);
    return added;
}

void rd_reply_members(struct rd_call *call, struct rd_shape *set) {
    rd_shape_draw(set, call->reply, 0, set->count, RD_DRAW_FIRST, call->by_script);
}

static bool has(struct rd_shape *set, struct rd_slice member) {
    struct rd_word word = rd_word_of(member);
    struct rd_place_in at;
    return rd_shape_find(set, &word, &at);
}

/* https://redis.io/docs/latest/commands/sadd/ */
static void cmd_sadd(struct rd_call *call) {
    struct rd_shape set;
    if (!rd_call_open_to_write(call, &set, RD_VALUE_SET) || !rd_call_admit(call, &set, 2)) return;
    int64_t added = 0;
    for (uint32_t i = 2; i < call->argc; i++) {
        struct rd_word member = rd_word_of(call->argv[i]);
        struct rd_place_in at;
        if (rd_shape_find(&set, &member, &at)) continue;
        if (!rd_set_add(&set, &member)) break;
        added++;
    }
    if (rd_call_close(call, &set)) rd_reply_integer(call->reply, added);
}

/* https://redis.io/docs/latest/commands/srem/ */
static void cmd_srem(struct rd_call *call) {
    struct rd_shape set;
    if (!rd_call_open_to_write(call, &set, RD_VALUE_SET)) return;
    int64_t removed = 0;
    for (uint32_t i = 2; i < call->argc && set.count; i++) {
        struct rd_word member = rd_word_of(call->argv[i]);
        struct rd_place_in at;
        if (!rd_shape_find(&set, &member, &at)) continue;
        rd_shape_erase(&set, &at);
        removed++;
    }
    if (rd_call_close(call, &set)) rd_reply_integer(call->reply, removed);
}

/* https://redis.io/docs/latest/commands/sismember/ */
static void cmd_sismember(struct rd_call *call) {
    struct rd_shape set;
    if (rd_call_open_to_read(call, &set, RD_VALUE_SET)) rd_reply_integer(call->reply, has(&set, call->argv[2]));
}

/* https://redis.io/docs/latest/commands/smismember/ */
static void cmd_smismember(struct rd_call *call) {
    struct rd_shape set;
    if (!rd_call_open_to_read(call, &set, RD_VALUE_SET)) return;
    rd_reply_array(call->reply, call->argc - 2);
    for (uint32_t i = 2; i < call->argc; i++) rd_reply_integer(call->reply, has(&set, call->argv[i]));
}

/* https://redis.io/docs/latest/commands/scard/ */
static void cmd_scard(struct rd_call *call) {
    struct rd_shape set;
    if (rd_call_open_to_read(call, &set, RD_VALUE_SET)) rd_reply_integer(call->reply, (int64_t)set.count);
}

/* https://redis.io/docs/latest/commands/smembers/ */
static void cmd_smembers(struct rd_call *call) {
    struct rd_shape set;
    if (!rd_call_open_to_read(call, &set, RD_VALUE_SET)) return;
    rd_reply_set(call->reply, set.count);
    rd_reply_members(call, &set);
}

/* One of SMOVE's two sets. */
struct side {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_key key;
    struct rd_found found;
    struct rd_shape set;
};

static void find(const struct rd_call *call, struct side *side) {
    side->found = rd_shard_find(side->shard, side->hash, side->key, call->now);
}

/* False: it is no set, which has been replied. */
static bool open(struct rd_call *call, struct side *side) {
    return rd_call_open_at(call, &side->set, side->shard, side->hash, side->key, side->found, RD_VALUE_SET);
}

/* Of a set that may have been moved meanwhile, or evicted. */
static enum rd_status take_out(struct rd_call *call, struct side *side, const struct rd_word *member) {
    struct rd_place_in at;
    find(call, side);
    if (!side->found.entry || !open(call, side) || !rd_shape_find(&side->set, member, &at)) return RD_OK;
    rd_shape_erase(&side->set, &at);
    return rd_shape_close(&side->set);
}

/* Added first, so that it is lost nowhere; where there is no memory to take it out, it is not there either. */
static enum rd_status carry(struct rd_call *call, struct side *from, struct side *to) {
    struct rd_word member = rd_word_of(call->argv[3]);
    struct rd_place_in at;
    bool is_new = !rd_shape_find(&to->set, &member, &at);
    if (is_new) {
        (void)rd_set_add(&to->set, &member);
        enum rd_status status = rd_shape_close(&to->set);
        if (status != RD_OK) return status;
    }
    enum rd_status status = take_out(call, from, &member);
    if (status != RD_OK && is_new) (void)take_out(call, to, &member);
    return status;
}

static void move(struct rd_call *call, struct side *from, struct side *to) {
    /* Removing what has expired may move others, so that only a second look is sure. */
    find(call, from);
    find(call, to);
    find(call, from);
    if (!from->found.entry) {
        rd_reply_literal(call->reply, ":0\r\n");
        return;
    }
    if (!open(call, from) || !open(call, to)) return;
    to->set.is_moved = true;
    bool is_there = has(&from->set, call->argv[3]);
    bool moves = is_there && from->found.entry != to->found.entry;
    if (moves && carry(call, from, to) != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, is_there);
}

/* https://redis.io/docs/latest/commands/smove/ */
static void cmd_smove(struct rd_call *call) {
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    struct side from = {rd_multi_shard(&multi, 0), multi.hashes[0], rd_call_key_at(call, 1), {0}, {0}};
    struct side to = {rd_multi_shard(&multi, 1), multi.hashes[1], rd_call_key_at(call, 2), {0}, {0}};
    move(call, &from, &to);
    rd_multi_end(&multi);
}

const struct rd_command rd_set_commands[] = {
    {"sadd", -3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_sadd,
     RD_DOCS("Adds one or more members to a set. Creates the key if it doesn't exist.", "1.0.0", "set",
             "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
             .access = "RW insert", .syntax = "key member ...", .history = "2.4.0 Accepts multiple `member` arguments.")},
    {"scard", 2, RD_CMD_FAST_READ, 1, 1, 1, cmd_scard,
     RD_DOCS("Returns the number of members in a set.", "1.0.0", "set", "O(1)", .access = "RO", .syntax = "key")},
    {"sismember", 3, RD_CMD_FAST_READ, 1, 1, 1, cmd_sismember,
     RD_DOCS("Determines whether a member belongs to a set.", "1.0.0", "set", "O(1)", .access = "RO",
             .syntax = "key member")},
    {"smembers", 2, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_smembers,
     RD_DOCS("Returns all members of a set.", "1.0.0", "set", "O(N) where N is the set cardinality.", .syntax = "key",
             .tips = "nondeterministic_output_order")},
    {"smismember", -3, RD_CMD_FAST_READ, 1, 1, 1, cmd_smismember,
     RD_DOCS("Determines whether multiple members belong to a set.", "6.2.0", "set",
             "O(N) where N is the number of elements being checked for membership", .syntax = "key member ...")},
    {"smove", 4, RD_CMD_WRITE | RD_CMD_FAST, 1, 2, 1, cmd_smove,
     RD_DOCS("Moves a member from one set to another.", "1.0.0", "set", "O(1)", .access = "RW access delete",
             .access_after_first = "RW insert", .syntax = "source#0 destination#1 member")},
    {"srem", -3, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_srem,
     RD_DOCS("Removes one or more members from a set. Deletes the set if the last member was removed.", "1.0.0", "set",
             "O(N) where N is the number of members to be removed.", .access = "RW delete", .syntax = "key member ...",
             .history = "2.4.0 Accepts multiple `member` arguments.")},
    RD_END_OF_COMMANDS,
};
