/* This file owns the commands on the elements of one list, where they stand: LPUSH, RPUSH, LRANGE, LSET, LREM and their like. */
#include "collection/argument.h"
#include "collection/elements.h"
#include "shape/draw.h"

static bool push_argument(struct rd_call *call, struct rd_shape *list, enum rd_list_end end, uint32_t argument) {
    struct rd_word word = rd_word_of(call->argv[argument]);
    struct rd_item item;
    if (!rd_item_of(&item, list, &word, 1)) return false;
    bool pushed = rd_elements_push(list, end, item.bytes);
    rd_item_drop(&item);
    return pushed;
}

static void push(struct rd_call *call, enum rd_list_end end, bool only_if_present) {
    struct rd_shape list;
    if (!rd_call_open_to_write(call, &list, RD_VALUE_LIST)) return;
    if (only_if_present && list.count == 0) {
        rd_reply_integer(call->reply, 0);
        return;
    }
    if (!rd_call_admit(call, &list, 2)) return;
    for (uint32_t i = 2; i < call->argc && push_argument(call, &list, end, i); i++) {}
    int64_t length = (int64_t)list.count;
    if (rd_call_close(call, &list)) rd_reply_integer(call->reply, length);
}

/* https://redis.io/docs/latest/commands/lpush/ */
static void cmd_lpush(struct rd_call *call) {
    push(call, RD_LIST_LEFT, false);
}

/* https://redis.io/docs/latest/commands/rpush/ */
static void cmd_rpush(struct rd_call *call) {
    push(call, RD_LIST_RIGHT, false);
}

/* https://redis.io/docs/latest/commands/lpushx/ */
static void cmd_lpushx(struct rd_call *call) {
    push(call, RD_LIST_LEFT, true);
}

/* https://redis.io/docs/latest/commands/rpushx/ */
static void cmd_rpushx(struct rd_call *call) {
    push(call, RD_LIST_RIGHT, true);
}

/* https://redis.io/docs/latest/commands/llen/ */
static void cmd_llen(struct rd_call *call) {
    struct rd_shape list;
    if (rd_call_open_to_read(call, &list, RD_VALUE_LIST)) rd_reply_integer(call->reply, (int64_t)list.count);
}

/* https://redis.io/docs/latest/commands/lrange/ */
static void cmd_lrange(struct rd_call *call) {
    int64_t start, stop;
    if (!rd_call_integer(call, call->argv[2], &start) || !rd_call_integer(call, call->argv[3], &stop)) return;
    struct rd_shape list;
    if (!rd_call_open_to_read(call, &list, RD_VALUE_LIST)) return;
    struct rd_stretch range = rd_stretch_between(start, stop, list.count);
    rd_reply_array(call->reply, range.count);
    rd_shape_draw(&list, call->reply, range.first, range.count, RD_DRAW_FIRST, call->by_script);
}

/* To the element of an index, which below 0 counts from the end; false: there is none. */
static bool seek(struct rd_shape *list, int64_t index, struct rd_place_in *at) {
    if (index < 0) index += (int64_t)list->count;
    return index >= 0 && rd_shape_seek(list, (uint64_t)index, at);
}

/* https://redis.io/docs/latest/commands/lindex/ : of a list that is not there, the index is not read. */
static void cmd_lindex(struct rd_call *call) {
    struct rd_shape list;
    if (!rd_call_open_to_read(call, &list, RD_VALUE_LIST)) return;
    if (list.count == 0) {
        rd_reply_null(call->reply);
        return;
    }
    int64_t index;
    if (!rd_call_integer(call, call->argv[2], &index)) return;
    struct rd_place_in at;
    if (seek(&list, index, &at)) rd_reply_part(call->reply, at.item);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/lset/ */
static void cmd_lset(struct rd_call *call) {
    struct rd_shape list;
    if (!rd_call_open_to_write(call, &list, RD_VALUE_LIST)) return;
    if (list.count == 0) {
        rd_reply_fail(call->reply, "ERR no such key");
        return;
    }
    int64_t index;
    if (!rd_call_integer(call, call->argv[2], &index)) return;
    struct rd_place_in at;
    if (!seek(&list, index, &at)) {
        rd_reply_fail(call->reply, "ERR index out of range");
        return;
    }
    if (!rd_call_admit(call, &list, 3)) return;
    struct rd_word word = rd_word_of(call->argv[3]);
    struct rd_item item;
    if (rd_item_of(&item, &list, &word, 1)) {
        (void)seek(&list, index, &at);
        (void)rd_shape_replace(&list, &at, item.bytes);
        rd_item_drop(&item);
    }
    if (rd_call_close(call, &list)) rd_reply_ok(call->reply);
}

static void insert_at(struct rd_shape *list, struct rd_place_in *at, struct rd_slice text) {
    struct rd_word word = rd_word_of(text);
    struct rd_item item;
    if (!rd_item_of(&item, list, &word, 1)) return;
    (void)rd_shape_insert(list, at, item.bytes);
    rd_item_drop(&item);
}

/* https://redis.io/docs/latest/commands/linsert/ */
static void cmd_linsert(struct rd_call *call) {
    bool behind = rd_slice_is(call->argv[2], "after");
    if (!behind && !rd_slice_is(call->argv[2], "before")) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    struct rd_shape list;
    if (!rd_call_open_to_write(call, &list, RD_VALUE_LIST)) return;
    if (list.count == 0) {
        rd_reply_integer(call->reply, 0);
        return;
    }
    if (!rd_call_admit(call, &list, 4)) return;
    struct rd_word pivot = rd_word_of(call->argv[3]);
    struct rd_place_in at;
    if (!rd_shape_find(&list, &pivot, &at)) {
        rd_reply_integer(call->reply, -1);
        return;
    }
    if (behind) (void)rd_shape_next(&list, &at);
    insert_at(&list, &at, call->argv[4]);
    int64_t length = (int64_t)list.count;
    if (rd_call_close(call, &list)) rd_reply_integer(call->reply, length);
}

/* Removes up to so many that are the word, 0 for all; returns how many. */
static uint64_t remove_from_left(struct rd_shape *list, const struct rd_word *word, uint64_t most) {
    uint64_t removed = 0;
    struct rd_place_in at;
    (void)rd_shape_seek(list, 0, &at);
    while (at.item && !list->out_of_memory) {
        if (!rd_part_is(at.item, word)) {
            (void)rd_shape_next(list, &at);
            continue;
        }
        rd_shape_erase(list, &at);
        if (++removed == most) break;
    }
    return removed;
}

static uint64_t remove_from_right(struct rd_shape *list, const struct rd_word *word, uint64_t most) {
    uint64_t removed = 0;
    struct rd_place_in at;
    rd_shape_end(list, &at);
    while (!list->out_of_memory && rd_shape_previous(list, &at)) {
        if (!rd_part_is(at.item, word)) continue;
        rd_shape_erase(list, &at);
        if (++removed == most) break;
    }
    return removed;
}

/* https://redis.io/docs/latest/commands/lrem/ */
static void cmd_lrem(struct rd_call *call) {
    int64_t count;
    if (!rd_call_signed(call, 2, &count)) return;
    struct rd_shape list;
    if (!rd_call_open_to_write(call, &list, RD_VALUE_LIST)) return;
    struct rd_word word = rd_word_of(call->argv[3]);
    uint64_t removed = count < 0 ? remove_from_right(&list, &word, (uint64_t)-count)
                                 : remove_from_left(&list, &word, (uint64_t)count);
    if (removed == 0 || rd_call_close(call, &list)) rd_reply_integer(call->reply, (int64_t)removed);
}

/* https://redis.io/docs/latest/commands/ltrim/ : who watches the key is told even where nothing goes, as in Redis. */
static void cmd_ltrim(struct rd_call *call) {
    int64_t start, stop;
    if (!rd_call_integer(call, call->argv[2], &start) || !rd_call_integer(call, call->argv[3], &stop)) return;
    struct rd_shape list;
    if (!rd_call_open_to_write(call, &list, RD_VALUE_LIST)) return;
    struct rd_stretch kept = rd_stretch_between(start, stop, list.count);
    if (list.count > 0 && kept.count == 0) {
        rd_shard_remove(list.shard, list.found);
    } else if (kept.count < list.count) {
        (void)rd_shape_erase_range(&list, kept.first + kept.count, list.count - kept.first - kept.count);
        if (!list.out_of_memory) (void)rd_shape_erase_range(&list, 0, kept.first);
        if (!rd_call_close(call, &list)) return;
    } else if (list.count > 0) {
        rd_shard_changed(list.shard, list.hash, list.found.entry, RD_CHANGE_VALUE);
    }
    rd_reply_ok(call->reply);
}

/* What LPOS is asked for. */
struct search {
    int64_t rank;       /* below 0: from the end */
    int64_t matches;    /* 0: all; -1: one, which is replied alone */
    int64_t most;       /* elements to compare; 0: all */
};

static bool parse_search(struct rd_call *call, struct search *search) {
    *search = (struct search){.rank = 1, .matches = -1};
    for (uint32_t i = 3; i < call->argc; i += 2) {
        bool has_value = i + 1 < call->argc;
        if (has_value && rd_slice_is(call->argv[i], "rank")) {
            if (!rd_call_signed(call, i + 1, &search->rank)) return false;
            if (search->rank == 0) {
                rd_reply_fail(call->reply, "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second "
                              "... or use negative to start from the end of the list");
                return false;
            }
        } else if (has_value && rd_slice_is(call->argv[i], "count")) {
            if (!rd_call_at_least(call, i + 1, 0, "ERR COUNT can't be negative", &search->matches)) return false;
        } else if (has_value && rd_slice_is(call->argv[i], "maxlen")) {
            if (!rd_call_at_least(call, i + 1, 0, "ERR MAXLEN can't be negative", &search->most)) return false;
        } else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    return true;
}

/* Replies the indices of what matches; returns how many there are. */
static uint64_t reply_matches(struct rd_call *call, struct rd_shape *list, struct search search) {
    bool from_left = search.rank > 0;
    uint64_t skipped = (uint64_t)(from_left ? search.rank : -search.rank) - 1, replied = 0;
    uint64_t left = search.most && (uint64_t)search.most < list->count ? (uint64_t)search.most : list->count;
    uint64_t wanted = (uint64_t)(search.matches < 0 ? 1 : search.matches);
    struct rd_word word = rd_word_of(call->argv[2]);
    struct rd_place_in at;
    rd_elements_at_end(list, from_left ? RD_LIST_LEFT : RD_LIST_RIGHT, &at);
    uint64_t index = from_left ? 0 : list->count - 1;
    while (left-- > 0) {
        if (rd_part_is(at.item, &word)) {
            if (skipped > 0) {
                skipped--;
            } else {
                rd_reply_integer(call->reply, (int64_t)index);
                if (++replied == wanted) break;
            }
        }
        index = from_left ? index + 1 : index - 1;
        if (left > 0) (void)(from_left ? rd_shape_next(list, &at) : rd_shape_previous(list, &at));
    }
    return replied;
}

/* https://redis.io/docs/latest/commands/lpos/ */
static void cmd_lpos(struct rd_call *call) {
    struct search search;
    if (!parse_search(call, &search)) return;
    struct rd_shape list;
    if (!rd_call_open_to_read(call, &list, RD_VALUE_LIST)) return;
    size_t from = call->reply->length;
    uint64_t matches = list.count > 0 ? reply_matches(call, &list, search) : 0;
    if (search.matches >= 0) rd_reply_array_at(call->reply, from, matches);
    else if (matches == 0) rd_reply_null(call->reply);
}

#define PUSH_COMPLEXITY                                                                                             \
    "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments."

const struct rd_command rd_list_commands[] = {
    {"lindex", 3, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_lindex,
     RD_DOCS("Returns an element from a list by its index.", "1.0.0", "list", "O(log(N)) where N is the length of the list.",
             .syntax = "key index:integer", .also = "@list")},
    {"linsert", 5, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM, 1, 1, 1, cmd_linsert,
     RD_DOCS("Inserts an element before or after another element in a list.", "2.2.0", "list",
             "O(N) where N is the number of elements before the pivot.", .access = "RW insert",
             .syntax = "key where(BEFORE|AFTER) pivot element", .also = "@list")},
    {"llen", 2, RD_CMD_FAST_READ, 1, 1, 1, cmd_llen,
     RD_DOCS("Returns the length of a list.", "1.0.0", "list", "O(1)", .access = "RO", .syntax = "key", .also = "@list")},
    {"lpos", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_lpos,
     RD_DOCS("Returns the index of matching elements in a list.", "6.0.6", "list",
             "O(N) where N is the number of elements that are compared.",
             .syntax = "key element [RANK rank:integer] [COUNT num-matches:integer] [MAXLEN len:integer]", .also = "@list")},
    {"lpush", -3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_lpush,
     RD_DOCS("Prepends one or more elements to a list. Creates the key if it doesn't exist.", "1.0.0", "list",
             PUSH_COMPLEXITY, .access = "RW insert", .syntax = "key element ...", .also = "@list",
             .history = "2.4.0 Accepts multiple `element` arguments.")},
    {"lpushx", -3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_lpushx,
     RD_DOCS("Prepends one or more elements to a list only when the list exists.", "2.2.0", "list", PUSH_COMPLEXITY,
             .access = "RW insert", .syntax = "key element ...", .also = "@list",
             .history = "4.0.0 Accepts multiple `element` arguments.")},
    {"lrange", 4, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_lrange,
     RD_DOCS("Returns a range of elements from a list.", "1.0.0", "list",
             "O(log(N)+M) where N is the length of the list and M is the number of elements in the specified range.",
             .syntax = "key start:integer stop:integer", .also = "@list")},
    {"lrem", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY, 1, 1, 1, cmd_lrem,
     RD_DOCS("Removes elements from a list. Deletes the list if the last element was removed.", "1.0.0", "list",
             "O(N+M) where N is the length of the list and M is the number of elements removed.", .access = "RW delete",
             .syntax = "key count:integer element", .also = "@list")},
    {"lset", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM, 1, 1, 1, cmd_lset,
     RD_DOCS("Sets the value of an element in a list by its index.", "1.0.0", "list",
             "O(log(N)) where N is the length of the list.", .access = "RW update", .syntax = "key index:integer element",
             .also = "@list")},
    {"ltrim", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY, 1, 1, 1, cmd_ltrim,
     RD_DOCS("Removes elements from both ends a list. Deletes the list if all elements were trimmed.", "1.0.0", "list",
             "O(N) where N is the number of elements to be removed by the operation.", .access = "RW delete",
             .syntax = "key start:integer stop:integer", .also = "@list")},
    {"rpush", -3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_rpush,
     RD_DOCS("Appends one or more elements to a list. Creates the key if it doesn't exist.", "1.0.0", "list",
             PUSH_COMPLEXITY, .access = "RW insert", .syntax = "key element ...", .also = "@list",
             .history = "2.4.0 Accepts multiple `element` arguments.")},
    {"rpushx", -3, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM, 1, 1, 1, cmd_rpushx,
     RD_DOCS("Appends an element to a list only when the list exists.", "2.2.0", "list", PUSH_COMPLEXITY,
             .access = "RW insert", .syntax = "key element ...", .also = "@list",
             .history = "4.0.0 Accepts multiple `element` arguments.")},
    RD_END_OF_COMMANDS,
};
