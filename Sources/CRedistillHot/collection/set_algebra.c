/*
 * This file owns what many sets have together, or apart: SINTER, SINTERCARD, SUNION, SDIFF, SINTERSTORE, SUNIONSTORE,
 * SDIFFSTORE.
 */
#include "collection/argument.h"
#include "collection/members.h"
#include "collection/outcome.h"
#include "collection/sources.h"
#include "collection/working.h"
#include "shape/keyed.h"
#include "shape/word.h"

typedef void combine_fn(struct rd_sources *sources, struct rd_outcome *outcome);

static bool has(struct rd_shape *set, const struct rd_word *member) {
    struct rd_place_in at;
    return rd_shape_find(set, member, &at);
}

/* Is the member in all sets from the second on? */
static bool is_in_all(struct rd_sources *sources, const char *member) {
    struct rd_word word = rd_word_of_part(member);
    for (uint32_t i = 1; i < sources->count; i++) {
        if (!has(&sources->sets[i], &word)) return false;
    }
    return true;
}

static bool is_in_none(struct rd_sources *sources, const char *member) {
    struct rd_word word = rd_word_of_part(member);
    for (uint32_t i = 1; i < sources->count; i++) {
        if (has(&sources->sets[i], &word)) return false;
    }
    return true;
}

/* What is in the smallest set is looked for in the others, the smaller ones first: there it is missing the soonest. */
static void intersect(struct rd_sources *sources, struct rd_outcome *outcome) {
    struct rd_place_in at;
    if (sources->missing) return;
    rd_sources_sort(sources, 0, true);
    struct rd_shape *smallest = &sources->sets[0];
    for (bool more = rd_shape_seek(smallest, 0, &at); more; more = rd_shape_next(smallest, &at)) {
        if (is_in_all(sources, at.item) && !rd_outcome_add(outcome, at.item)) return;
    }
}

/* All members of all sets, with their hashes. */
static void list_members(struct rd_sources *sources, const struct rd_hash_seed *seed, struct rd_keyed *items) {
    for (uint32_t i = 0; i < sources->count; i++) {
        struct rd_shape *set = &sources->sets[i];
        struct rd_place_in at;
        for (bool more = rd_shape_seek(set, 0, &at); more; more = rd_shape_next(set, &at)) {
            *items++ = (struct rd_keyed){rd_part_hash(seed, at.item), at.item};
        }
    }
}

/* Is the last of those, which have one hash, none of the others? Mostly they are all the same. */
static bool is_last_new(const struct rd_keyed *items, uint64_t count) {
    for (uint64_t i = 0; i + 1 < count; i++) {
        if (rd_part_same(items[i].item, items[count - 1].item)) return false;
    }
    return true;
}

/* Each member once. */
static void add_sorted(const struct rd_keyed *items, uint64_t count, struct rd_outcome *outcome) {
    for (uint64_t i = 0, first = 0; i < count; i++) {
        rd_keyed_ask_ahead(items, i, count);
        if (items[i].key != items[first].key) first = i;
        if (is_last_new(items + first, i + 1 - first) && !rd_outcome_add(outcome, items[i].item)) return;
    }
}

/* Sorted by their hashes, those of several sets lie together: for many that takes less time than to look for each in a table. */
static void unite(struct rd_sources *sources, struct rd_outcome *outcome) {
    struct rd_store *store = outcome->call->store;
    struct rd_keyed few[RD_MEMBERS_FEW], *items = few;
    struct rd_blob *memory = NULL;
    uint64_t count = 0;
    for (uint32_t i = 0; i < sources->count; i++) count += sources->sets[i].count;
    if (count > RD_MEMBERS_FEW) {
        memory = rd_working_memory(store, count * sizeof *items);
        if (!memory) {
            outcome->out_of_memory = true;
            return;
        }
        items = (struct rd_keyed *)memory->bytes;
    }
    list_members(sources, &store->seed, items);
    rd_keyed_sort(items, count);
    add_sorted(items, count, outcome);
    if (memory) rd_blob_release(memory);
}

/* Notes all that the sets from the second on have. */
static bool note_others(struct rd_sources *sources, struct rd_members *others) {
    for (uint32_t i = 1; i < sources->count; i++) {
        struct rd_shape *set = &sources->sets[i];
        struct rd_place_in at;
        for (bool more = rd_shape_seek(set, 0, &at); more; more = rd_shape_next(set, &at)) {
            (void)rd_members_add(others, at.item);
            if (others->out_of_memory) return false;
        }
    }
    return true;
}

/*
 * Either each member of the first set is looked for in all others, or these are gone through once and noted. Where the
 * first takes twice as many steps, it still takes less time, as in Redis.
 */
static bool is_noting_worth_it(const struct rd_sources *sources) {
    uint64_t looking = 0, noting = 0;
    for (uint32_t i = 0; i < sources->count; i++) {
        looking += sources->sets[0].count;
        noting += sources->sets[i].count;
    }
    return looking / 2 > noting;
}

static void subtract_by_looking(struct rd_sources *sources, struct rd_outcome *outcome) {
    struct rd_shape *first = &sources->sets[0];
    struct rd_place_in at;
    rd_sources_sort(sources, 1, false); /* a large one is the likeliest to have it */
    for (bool more = rd_shape_seek(first, 0, &at); more; more = rd_shape_next(first, &at)) {
        if (is_in_none(sources, at.item) && !rd_outcome_add(outcome, at.item)) return;
    }
}

static void subtract_by_noting(struct rd_sources *sources, struct rd_outcome *outcome) {
    struct rd_members others;
    rd_members_begin(&others, outcome->call->store);
    struct rd_shape *first = &sources->sets[0];
    struct rd_place_in at;
    bool more = note_others(sources, &others) && rd_shape_seek(first, 0, &at);
    for (; more; more = rd_shape_next(first, &at)) {
        if (!rd_members_have(&others, at.item) && !rd_outcome_add(outcome, at.item)) break;
    }
    outcome->out_of_memory |= others.out_of_memory;
    rd_members_end(&others);
}

static void subtract(struct rd_sources *sources, struct rd_outcome *outcome) {
    if (sources->lacks_first) return;
    if (is_noting_worth_it(sources)) subtract_by_noting(sources, outcome);
    else subtract_by_looking(sources, outcome);
}

/* With the sets from key number `first` of the call on, which is its argument `argument`. */
static void combine(struct rd_call *call, combine_fn *operation, enum rd_purpose purpose, uint64_t most, uint32_t argument) {
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    struct rd_sources sources;
    if (rd_sources_begin(&sources, call, &multi, purpose == RD_TO_STORE, argument)) {
        struct rd_outcome outcome;
        rd_outcome_begin(&outcome, call, purpose);
        outcome.most = most;
        operation(&sources, &outcome);
        rd_sources_end(&sources);
        rd_outcome_end(&outcome, &multi);
    }
    rd_multi_end(&multi);
}

/* https://redis.io/docs/latest/commands/sinter/ */
static void cmd_sinter(struct rd_call *call) {
    combine(call, intersect, RD_TO_REPLY, 0, 1);
}

/* https://redis.io/docs/latest/commands/sinterstore/ */
static void cmd_sinterstore(struct rd_call *call) {
    combine(call, intersect, RD_TO_STORE, 0, 2);
}

/* https://redis.io/docs/latest/commands/sunion/ */
static void cmd_sunion(struct rd_call *call) {
    combine(call, unite, RD_TO_REPLY, 0, 1);
}

/* https://redis.io/docs/latest/commands/sunionstore/ */
static void cmd_sunionstore(struct rd_call *call) {
    combine(call, unite, RD_TO_STORE, 0, 2);
}

/* https://redis.io/docs/latest/commands/sdiff/ */
static void cmd_sdiff(struct rd_call *call) {
    combine(call, subtract, RD_TO_REPLY, 0, 1);
}

/* https://redis.io/docs/latest/commands/sdiffstore/ */
static void cmd_sdiffstore(struct rd_call *call) {
    combine(call, subtract, RD_TO_STORE, 0, 2);
}

static bool parse_limit(struct rd_call *call, int64_t keys, int64_t *limit) {
    for (uint32_t i = 2 + (uint32_t)keys; i < call->argc; i += 2) {
        if (!rd_slice_is(call->argv[i], "limit") || i + 1 == call->argc) {
            rd_reply_syntax_error(call->reply);
            return false;
        }
        if (!rd_call_at_least(call, i + 1, 0, "ERR LIMIT can't be negative", limit)) return false;
    }
    return true;
}

/* https://redis.io/docs/latest/commands/sintercard/ */
static void cmd_sintercard(struct rd_call *call) {
    int64_t keys, limit = 0;
    if (!rd_call_at_least(call, 1, 1, "ERR numkeys should be greater than 0", &keys)) return;
    if (keys > call->argc - 2) {
        rd_reply_fail(call->reply, "ERR Number of keys can't be greater than number of args");
    } else if (parse_limit(call, keys, &limit)) {
        combine(call, intersect, RD_TO_COUNT, (uint64_t)limit, 2);
    }
}

#define INTER_COMPLEXITY \
    "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets."
#define TOTAL_COMPLEXITY "O(N) where N is the total number of elements in all given sets."

const struct rd_command rd_set_algebra_commands[] = {
    {"sdiff", -2, RD_CMD_READONLY, 1, -1, 1, cmd_sdiff,
     RD_DOCS("Returns the difference of multiple sets.", "1.0.0", "set", TOTAL_COMPLEXITY, .syntax = "key ...",
             .tips = "nondeterministic_output_order")},
    {"sdiffstore", -3, RD_CMD_WRITE | RD_CMD_DENYOOM, 1, -1, 1, cmd_sdiffstore,
     RD_DOCS("Stores the difference of multiple sets in a key.", "1.0.0", "set", TOTAL_COMPLEXITY, .access = "OW update",
             .access_after_first = "RO access", .syntax = "destination#0 key#1 ...")},
    {"sinter", -2, RD_CMD_READONLY, 1, -1, 1, cmd_sinter,
     RD_DOCS("Returns the intersect of multiple sets.", "1.0.0", "set", INTER_COMPLEXITY, .syntax = "key ...",
             .tips = "nondeterministic_output_order")},
    {"sintercard", -3, RD_CMD_READONLY | RD_CMD_MOVABLE_KEYS, 0, 0, 0, cmd_sintercard,
     RD_DOCS("Returns the number of members of the intersect of multiple sets.", "7.0.0", "set", INTER_COMPLEXITY,
             .keys_counted_at = 1, .keys_step = 1, .syntax = "numkeys:integer key ... [LIMIT limit:integer]")},
    {"sinterstore", -3, RD_CMD_WRITE | RD_CMD_DENYOOM, 1, -1, 1, cmd_sinterstore,
     RD_DOCS("Stores the intersect of multiple sets in a key.", "1.0.0", "set", INTER_COMPLEXITY, .access = "OW update",
             .access_after_first = "RO access", .syntax = "destination#0 key#1 ...")},
    {"sunion", -2, RD_CMD_READONLY, 1, -1, 1, cmd_sunion,
     RD_DOCS("Returns the union of multiple sets.", "1.0.0", "set", TOTAL_COMPLEXITY, .syntax = "key ...",
             .tips = "nondeterministic_output_order")},
    {"sunionstore", -3, RD_CMD_WRITE | RD_CMD_DENYOOM, 1, -1, 1, cmd_sunionstore,
     RD_DOCS("Stores the union of multiple sets in a key.", "1.0.0", "set", TOTAL_COMPLEXITY, .access = "OW update",
             .access_after_first = "RO access", .syntax = "destination#0 key#1 ...")},
    RD_END_OF_COMMANDS,
};
