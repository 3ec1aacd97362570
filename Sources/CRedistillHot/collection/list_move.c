/* This file owns the commands that take elements out of lists: LPOP, RPOP, LMPOP, and those that put them into another one. */
#include "collection/argument.h"
#include "collection/elements.h"
#include "collection/sources.h"
#include "shape/draw.h"

static void reply_from_end(struct rd_reply *reply, struct rd_shape *list, enum rd_list_end end, uint64_t count) {
    struct rd_place_in at;
    rd_elements_at_end(list, end, &at);
    for (;;) {
        rd_reply_part(reply, at.item);
        if (--count == 0) return;
        (void)(end == RD_LIST_LEFT ? rd_shape_next(list, &at) : rd_shape_previous(list, &at));
    }
}

/* The key goes with the last element. */
static enum rd_status remove_from_end(struct rd_shape *list, enum rd_list_end end, uint64_t count) {
    if (count == list->count) {
        rd_shard_remove(list->shard, list->found);
        return RD_OK;
    }
    (void)rd_shape_erase_range(list, end == RD_LIST_LEFT ? 0 : list->count - count, count);
    return rd_shape_close(list);
}

/* Replies up to so many elements of a list that has some, in an array, and removes them. */
static void pop_many(struct rd_call *call, struct rd_shape *list, enum rd_list_end end, uint64_t count,
                     struct rd_reply_mark before) {
    struct rd_reply *reply = call->reply;
    if (count > list->count) count = list->count;
    rd_reply_array(reply, count);
    if (end == RD_LIST_LEFT) rd_shape_draw(list, reply, 0, count, RD_DRAW_FIRST, call->by_script);
    else reply_from_end(reply, list, end, count);
    if (remove_from_end(list, end, count) != RD_OK) rd_reply_oom_from(reply, before);
}

static void pop(struct rd_call *call, enum rd_list_end end) {
    struct rd_reply *reply = call->reply;
    if (call->argc > 3) {
        rd_reply_wrong_arity(reply, call->command);
        return;
    }
    bool is_counted = call->argc == 3;
    int64_t count;
    if (is_counted && !rd_call_count(call, 2, &count)) return;
    struct rd_shape list;
    if (!rd_call_open_to_write(call, &list, RD_VALUE_LIST)) return;
    struct rd_reply_mark before = rd_reply_mark(reply);
    if (list.count == 0) {
        if (is_counted) rd_reply_null_array(reply);
        else rd_reply_null(reply);
    } else if (!is_counted) {
        reply_from_end(reply, &list, end, 1);
        if (remove_from_end(&list, end, 1) != RD_OK) rd_reply_oom_from(reply, before);
    } else if (count == 0) {
        rd_reply_array(reply, 0);
    } else {
        pop_many(call, &list, end, (uint64_t)count, before);
    }
}

/* https://redis.io/docs/latest/commands/lpop/ */
static void cmd_lpop(struct rd_call *call) {
    pop(call, RD_LIST_LEFT);
}

/* https://redis.io/docs/latest/commands/rpop/ */
static void cmd_rpop(struct rd_call *call) {
    pop(call, RD_LIST_RIGHT);
}

static bool parse_end(struct rd_call *call, uint32_t argument, enum rd_list_end *end) {
    if (rd_slice_is(call->argv[argument], "left")) *end = RD_LIST_LEFT;
    else if (rd_slice_is(call->argv[argument], "right")) *end = RD_LIST_RIGHT;
    else return rd_reply_syntax_error(call->reply), false;
    return true;
}

/* https://redis.io/docs/latest/commands/lmpop/ */
static void cmd_lmpop(struct rd_call *call) {
    uint32_t behind = rd_call_behind_keys(call, 1);
    enum rd_list_end end;
    int64_t count = 1;
    if (!behind || !parse_end(call, behind, &end) || !rd_call_count_option(call, behind + 1, &count)) return;
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    struct rd_shape list;
    uint32_t key;
    if (rd_sources_first(call, &multi, 2, RD_VALUE_LIST, &key, &list)) {
        struct rd_reply_mark before = rd_reply_mark(call->reply);
        if (list.count == 0) {
            rd_reply_null_array(call->reply);
        } else {
            rd_reply_array(call->reply, 2);
            rd_reply_slice(call->reply, call->argv[key]);
            pop_many(call, &list, end, (uint64_t)count, before);
        }
    }
    rd_multi_end(&multi);
}

/* One key of LMOVE's. */
struct place {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_key key;
};

static struct place place_of(struct rd_call *call, const struct rd_multi *multi, uint32_t i) {
    return (struct place){rd_multi_shard(multi, i), multi->hashes[i], rd_call_key_at(call, 1 + i)};
}

static bool open_place(struct rd_call *call, const struct place *place, struct rd_shape *list) {
    struct rd_found found = rd_shard_find(place->shard, place->hash, place->key, call->now);
    return rd_call_open_at(call, list, place->shard, place->hash, place->key, found, RD_VALUE_LIST);
}

static void take_from(struct rd_shape *list, enum rd_list_end end) {
    (void)rd_shape_erase_range(list, end == RD_LIST_LEFT ? 0 : list->count - 1, 1);
}

/*
 * Within one list: nothing but the order changes. Where it is changed in place, the element stands at both ends for a
 * while, so that it is not lost where memory is out; a packed list would outgrow its bounds by that.
 */
static enum rd_status rotate(struct rd_shape *list, enum rd_list_end from, enum rd_list_end to, struct rd_slice item) {
    if (list->count == 1 || from == to) {
        rd_shard_changed(list->shard, list->hash, list->found.entry, RD_CHANGE_VALUE);
        return RD_OK;
    }
    bool is_in_place = list->tree.root != NULL;
    if (!is_in_place) take_from(list, from);
    if (rd_elements_push(list, to, item) && is_in_place) {
        take_from(list, from);
        if (list->out_of_memory) take_from(list, to);
    }
    return rd_shape_close(list);
}

static enum rd_status take_from_place(struct rd_call *call, const struct place *place, enum rd_list_end end) {
    struct rd_shape list;
    bool is_list = open_place(call, place, &list);
    return is_list && list.count > 0 ? remove_from_end(&list, end, 1) : RD_OK;
}

/*
 * The element is put there before it is taken from here, so that none is lost where memory is out; it is taken back where
 * it cannot be taken from here. What makes room for it may move the source, or evict it.
 */
static enum rd_status carry(struct rd_call *call, const struct place *source, const struct place *target, struct rd_shape *list,
                            enum rd_list_end from, enum rd_list_end to, struct rd_slice item) {
    enum rd_status status = rd_shape_admit(list, item.length);
    if (status != RD_OK) return status;
    (void)rd_elements_push(list, to, item);
    status = rd_shape_close(list);
    if (status != RD_OK) return status;
    status = take_from_place(call, source, from);
    if (status != RD_OK) (void)take_from_place(call, target, to);
    return status;
}

/* With the shards locked. */
static void move_locked(struct rd_call *call, const struct rd_multi *multi, enum rd_list_end from, enum rd_list_end to) {
    struct rd_reply *reply = call->reply;
    struct place source = place_of(call, multi, 0), target = place_of(call, multi, 1);
    struct rd_shape list, other;
    /* Removing what has expired may move the source: it is opened when both have been found. */
    (void)rd_shard_find(target.shard, target.hash, target.key, call->now);
    if (!open_place(call, &source, &list)) return;
    if (list.count == 0) {
        rd_reply_null(reply);
        return;
    }
    bool same = rd_call_repeats_key(call);
    if (!same && !open_place(call, &target, &other)) return;
    struct rd_reply_mark before = rd_reply_mark(reply);
    struct rd_place_in at;
    rd_elements_at_end(&list, from, &at);
    struct rd_item item;
    if (!rd_item_copy(&item, &list, (struct rd_slice){at.item, rd_part_room(at.item)})) {
        rd_reply_oom(reply);
        return;
    }
    rd_reply_part(reply, at.item);
    enum rd_status status = same ? rotate(&list, from, to, item.bytes)
                                 : carry(call, &source, &target, &other, from, to, item.bytes);
    rd_item_drop(&item);
    if (status != RD_OK) rd_reply_oom_from(reply, before);
}

static void move(struct rd_call *call, enum rd_list_end from, enum rd_list_end to) {
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    move_locked(call, &multi, from, to);
    rd_multi_end(&multi);
}

/* https://redis.io/docs/latest/commands/lmove/ */
static void cmd_lmove(struct rd_call *call) {
    enum rd_list_end from, to;
    if (parse_end(call, 3, &from) && parse_end(call, 4, &to)) move(call, from, to);
}

/* https://redis.io/docs/latest/commands/rpoplpush/ */
static void cmd_rpoplpush(struct rd_call *call) {
    move(call, RD_LIST_RIGHT, RD_LIST_LEFT);
}

const struct rd_command rd_list_move_commands[] = {
    {"lmove", 5, RD_CMD_WRITE | RD_CMD_DENYOOM, 1, 2, 1, cmd_lmove,
     RD_DOCS("Returns an element after popping it from one list and pushing it to another. Deletes the list if the last "
             "element was moved.", "6.2.0", "list", "O(log(N)) where N is the length of the longer list.",
             .access = "RW access delete", .access_after_first = "RW insert", .also = "@list",
             .syntax = "source#0 destination#1 wherefrom(LEFT|RIGHT) whereto(LEFT|RIGHT)")},
    {"lmpop", -4, RD_CMD_WRITE | RD_CMD_MOVABLE_KEYS, 0, 0, 0, cmd_lmpop,
     RD_DOCS("Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.",
             "7.0.0", "list", "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
             .access = "RW access delete", .keys_counted_at = 1, .keys_step = 1, .also = "@list",
             .syntax = "numkeys:integer key ... where(LEFT|RIGHT) [COUNT count:integer]")},
    {"lpop", -2, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_lpop,
     RD_DOCS("Returns the first elements in a list after removing it. Deletes the list if the last element was popped.",
             "1.0.0", "list", "O(N) where N is the number of elements returned.", .access = "RW access delete",
             .syntax = "key [count:integer@6.2.0]", .also = "@list", .history = "6.2.0 Added the `count` argument.")},
    {"rpop", -2, RD_CMD_FAST_WRITE, 1, 1, 1, cmd_rpop,
     RD_DOCS("Returns and removes the last elements of a list. Deletes the list if the last element was popped.", "1.0.0",
             "list", "O(N) where N is the number of elements returned.", .access = "RW access delete",
             .syntax = "key [count:integer@6.2.0]", .also = "@list", .history = "6.2.0 Added the `count` argument.")},
    {"rpoplpush", 3, RD_CMD_WRITE | RD_CMD_DENYOOM, 1, 2, 1, cmd_rpoplpush,
     RD_DOCS("Returns the last element of a list after removing and pushing it to another list. Deletes the list if the "
             "last element was popped.", "1.2.0", "list", "O(log(N)) where N is the length of the longer list.",
             .access = "RW access delete", .access_after_first = "RW insert", .also = "@list",
             .syntax = "source#0 destination#1", .deprecated = "6.2.0 `LMOVE` with the `RIGHT` and `LEFT` arguments")},
    RD_END_OF_COMMANDS,
};
