/*
 * This file owns the commands on what several sorted sets, or sets, have together or apart: ZUNION, ZINTER, ZDIFF, their
 * STORE forms, and ZINTERCARD. A member of a set has the score 1.
 */
#include <math.h>
#include <stdlib.h>

#include "collection/ranks.h"
#include "collection/scored.h"
#include "collection/working.h"
#include "command/multi.h"
#include "shape/word.h"

enum operation {
    UNION,
    INTERSECTION,
    DIFFERENCE,
};

/* What becomes of the result. */
enum purpose {
    TO_REPLY,
    TO_STORE, /* under the first argument */
    TO_COUNT,
};

struct source {
    struct rd_shape shape; /* without an item where there is no such key */
    double weight;
    uint32_t number;
};

#define FEW_SOURCES 8

struct algebra {
    struct rd_call *call;
    enum operation operation;
    enum purpose purpose;
    uint32_t counted_at; /* the argument that says how many keys come behind it */
    rd_aggregate_fn *aggregate;
    bool with_scores;
    int64_t limit;       /* TO_COUNT: up to there; 0: all */
    struct source *sources;
    uint32_t count;
    struct rd_blob *memory; /* of the sources; NULL: they are the ones below */
    struct source few[FEW_SOURCES];
};

/* Infinities of both signs are 0 together, and so is one that is taken 0 times. */
static double no_nan(double score) {
    return isnan(score) ? 0 : score;
}

static double sum(double so_far, double score) {
    return no_nan(so_far + score);
}

static double least(double so_far, double score) {
    return score < so_far ? score : so_far;
}

static double most(double so_far, double score) {
    return score > so_far ? score : so_far;
}

static bool parse_count(struct algebra *algebra) {
    struct rd_call *call = algebra->call;
    int64_t keys;
    if (!rd_call_integer(call, call->argv[algebra->counted_at], &keys)) return false;
    if (keys < 1) {
        rd_reply_format_error(call->reply, "ERR at least 1 input key is needed for '%s' command", call->command->name);
        return false;
    }
    if (keys > call->argc - algebra->counted_at - 1) {
        rd_reply_syntax_error(call->reply);
        return false;
    }
    algebra->count = (uint32_t)keys;
    return true;
}

/* The arguments behind WEIGHTS, which are as many as there are keys. */
static bool parse_weights(struct algebra *algebra, uint32_t first) {
    for (uint32_t i = 0; i < algebra->count; i++) {
        if (rd_score_parse(algebra->call->argv[first + i], &algebra->sources[i].weight)) continue;
        rd_reply_fail(algebra->call->reply, "ERR weight value is not a float");
        return false;
    }
    return true;
}

static bool parse_aggregate(struct rd_slice word, rd_aggregate_fn **aggregate) {
    if (rd_slice_is(word, "sum")) *aggregate = sum;
    else if (rd_slice_is(word, "min")) *aggregate = least;
    else if (rd_slice_is(word, "max")) *aggregate = most;
    else return false;
    return true;
}

/* The argument behind the option at `i`; 0, with the error written, where it is none. */
static uint32_t parse_option(struct algebra *algebra, uint32_t i) {
    struct rd_call *call = algebra->call;
    struct rd_slice word = call->argv[i];
    uint32_t behind = call->argc - i - 1;
    bool weighs = algebra->operation != DIFFERENCE && algebra->purpose != TO_COUNT;
    if (weighs && behind >= algebra->count && rd_slice_is(word, "weights")) {
        return parse_weights(algebra, i + 1) ? i + 1 + algebra->count : 0;
    }
    if (weighs && behind >= 1 && rd_slice_is(word, "aggregate") && parse_aggregate(call->argv[i + 1], &algebra->aggregate)) {
        return i + 2;
    }
    if (algebra->purpose == TO_REPLY && rd_slice_is(word, "withscores")) {
        algebra->with_scores = true;
        return i + 1;
    }
    if (algebra->purpose == TO_COUNT && behind >= 1 && rd_slice_is(word, "limit")) {
        return rd_call_at_least(call, i + 1, 0, "ERR LIMIT can't be negative", &algebra->limit) ? i + 2 : 0;
    }
    rd_reply_syntax_error(call->reply);
    return 0;
}

static bool parse_options(struct algebra *algebra) {
    uint32_t i = algebra->counted_at + 1 + algebra->count;
    while (i < algebra->call->argc) {
        i = parse_option(algebra, i);
        if (i == 0) return false;
    }
    return true;
}

static bool take_sources(struct algebra *algebra) {
    algebra->sources = algebra->few;
    algebra->memory = NULL;
    if (algebra->count <= FEW_SOURCES) return true;
    algebra->memory = rd_working_memory(algebra->call->store, algebra->count * sizeof *algebra->sources);
    if (!algebra->memory) return false;
    algebra->sources = (struct source *)algebra->memory->bytes;
    return true;
}

static struct rd_found find_source(struct algebra *algebra, const struct rd_multi *multi, uint32_t i) {
    uint32_t key = i + (algebra->purpose == TO_STORE);
    struct rd_key name = rd_call_key_at(algebra->call, algebra->counted_at + 1 + i);
    return rd_shard_find(rd_multi_shard(multi, key), multi->hashes[key], name, algebra->call->now);
}

/* False: it is neither a set nor a sorted set, which has been replied. */
static bool open_source(struct algebra *algebra, const struct rd_multi *multi, uint32_t i) {
    struct rd_call *call = algebra->call;
    struct source *source = &algebra->sources[i];
    uint32_t key = i + (algebra->purpose == TO_STORE);
    struct rd_found found = find_source(algebra, multi, i);
    if (found.entry) rd_call_use(call, found.entry);
    rd_counter_add(found.entry ? &call->loop->counters.hits : &call->loop->counters.misses, 1);
    bool is_set = found.entry && rd_entry_type(found.entry) == RD_VALUE_SET;
    source->weight = 1;
    source->number = i;
    return rd_call_open_at(call, &source->shape, rd_multi_shard(multi, key), multi->hashes[key],
                           rd_call_key_at(call, algebra->counted_at + 1 + i), found, is_set ? RD_VALUE_SET : RD_VALUE_ZSET);
}

static bool open_sources(struct algebra *algebra, const struct rd_multi *multi) {
    /* Removing what has expired may move others, so that only a second look is sure. */
    for (uint32_t i = 0; i < algebra->count; i++) (void)find_source(algebra, multi, i);
    for (uint32_t i = 0; i < algebra->count; i++) {
        if (!open_source(algebra, multi, i)) return false;
    }
    return true;
}

static bool is_set(const struct source *source) {
    return (source->shape.kind & RD_SHAPE_TYPE) == RD_VALUE_SET;
}

static double score_of(const struct source *source, const char *item) {
    return is_set(source) ? 1 : rd_item_score(item);
}

/*
 * Through a large sorted set in the order of its index by member, as a set is: what is looked for in another source one
 * after the other then lies close together there.
 */
static bool begin(struct source *source, struct rd_place_in *at) {
    struct rd_shape *shape = &source->shape;
    return shape->members.root ? rd_tree_seek(&shape->members, 0, at) : rd_shape_seek(shape, 0, at);
}

static bool proceed(struct source *source, struct rd_place_in *at) {
    struct rd_shape *shape = &source->shape;
    return shape->members.root ? rd_tree_next(&shape->members, at) : rd_shape_next(shape, at);
}

/* Has the source the member? */
static bool find_in(struct source *source, const struct rd_word *member, double *score) {
    if (source->shape.count == 0) return false;
    if (!is_set(source)) return rd_zset_find(&source->shape, member, score);
    struct rd_place_in at;
    *score = 1;
    return rd_shape_find(&source->shape, member, &at);
}

/* Sums of fractions depend on their order: it is Redis's, the smallest first. */
static int by_size(const void *left, const void *right) {
    const struct source *a = left, *b = right;
    if (a->shape.count != b->shape.count) return a->shape.count < b->shape.count ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* False: no memory. */
static bool unite(struct algebra *algebra, struct rd_scored *scored) {
    for (uint32_t i = 0; i < algebra->count; i++) {
        struct source *source = &algebra->sources[i];
        struct rd_place_in at;
        for (bool more = begin(source, &at); more; more = proceed(source, &at)) {
            if (!rd_scored_add(scored, at.item, no_nan(source->weight * score_of(source, at.item)))) return false;
        }
    }
    return rd_scored_merge(scored, algebra->aggregate);
}

/* Have all but the first source the member? *score: theirs put to it. */
static bool is_in_all(struct algebra *algebra, const char *item, double *score) {
    struct rd_word member = rd_word_of_part(item);
    for (uint32_t i = 1; i < algebra->count; i++) {
        double other;
        if (!find_in(&algebra->sources[i], &member, &other)) return false;
        *score = algebra->aggregate(*score, algebra->sources[i].weight * other);
    }
    return true;
}

static bool is_in_none(struct algebra *algebra, const char *item) {
    struct rd_word member = rd_word_of_part(item);
    double other;
    for (uint32_t i = 1; i < algebra->count; i++) {
        if (find_in(&algebra->sources[i], &member, &other)) return false;
    }
    return true;
}

/* Of the first source, what all others have, or none of them has. False: no memory. */
static bool choose(struct algebra *algebra, struct rd_scored *scored) {
    struct source *first = &algebra->sources[0];
    struct rd_place_in at;
    for (bool more = begin(first, &at); more; more = proceed(first, &at)) {
        double score = no_nan(first->weight * score_of(first, at.item));
        bool chosen = algebra->operation == INTERSECTION ? is_in_all(algebra, at.item, &score) : is_in_none(algebra, at.item);
        if (chosen && !rd_scored_add(scored, at.item, score)) return false;
    }
    return true;
}

/* How many members all sources have. */
static int64_t count_common(struct algebra *algebra) {
    struct source *first = &algebra->sources[0];
    struct rd_place_in at;
    int64_t count = 0;
    for (bool more = begin(first, &at); more; more = proceed(first, &at)) {
        double score = 0;
        if (is_in_all(algebra, at.item, &score) && ++count == algebra->limit) break;
    }
    return count;
}

static void compute(struct algebra *algebra, const struct rd_multi *multi) {
    struct rd_call *call = algebra->call;
    if (!open_sources(algebra, multi) || !parse_options(algebra)) return;
    if (algebra->operation != DIFFERENCE) qsort(algebra->sources, algebra->count, sizeof *algebra->sources, by_size);
    if (algebra->purpose == TO_COUNT) {
        rd_reply_integer(call->reply, count_common(algebra));
        return;
    }
    struct rd_scored scored;
    rd_scored_begin(&scored, call);
    bool done = algebra->operation == UNION ? unite(algebra, &scored) : choose(algebra, &scored);
    bool is_stored = algebra->purpose == TO_STORE;
    if (!done || (!is_stored && !rd_scored_sort(&scored))) rd_reply_oom(call->reply);
    else if (is_stored) rd_scored_store(&scored, rd_multi_shard(multi, 0), multi->hashes[0], rd_call_key_at(call, 1));
    else rd_scored_reply(&scored, algebra->with_scores);
    rd_scored_end(&scored);
}

static void run(struct rd_call *call, enum operation operation, enum purpose purpose) {
    struct algebra algebra;
    algebra.call = call;
    algebra.operation = operation;
    algebra.purpose = purpose;
    algebra.counted_at = purpose == TO_STORE ? 2 : 1;
    algebra.aggregate = sum;
    algebra.with_scores = false;
    algebra.limit = 0;
    if (!parse_count(&algebra)) return;
    if (!take_sources(&algebra)) {
        rd_reply_oom(call->reply);
        return;
    }
    struct rd_multi multi;
    if (rd_multi_begin(&multi, call)) {
        compute(&algebra, &multi);
        rd_multi_end(&multi);
    }
    if (algebra.memory) rd_blob_release(algebra.memory);
}

/* https://redis.io/docs/latest/commands/zunion/ */
static void cmd_zunion(struct rd_call *call) {
    run(call, UNION, TO_REPLY);
}

/* https://redis.io/docs/latest/commands/zunionstore/ */
static void cmd_zunionstore(struct rd_call *call) {
    run(call, UNION, TO_STORE);
}

/* https://redis.io/docs/latest/commands/zinter/ */
static void cmd_zinter(struct rd_call *call) {
    run(call, INTERSECTION, TO_REPLY);
}

/* https://redis.io/docs/latest/commands/zinterstore/ */
static void cmd_zinterstore(struct rd_call *call) {
    run(call, INTERSECTION, TO_STORE);
}

/* https://redis.io/docs/latest/commands/zintercard/ */
static void cmd_zintercard(struct rd_call *call) {
    run(call, INTERSECTION, TO_COUNT);
}

/* https://redis.io/docs/latest/commands/zdiff/ */
static void cmd_zdiff(struct rd_call *call) {
    run(call, DIFFERENCE, TO_REPLY);
}

/* https://redis.io/docs/latest/commands/zdiffstore/ */
static void cmd_zdiffstore(struct rd_call *call) {
    run(call, DIFFERENCE, TO_STORE);
}

#define READS RD_CMD_READONLY | RD_CMD_MOVABLE_KEYS, 0, 0, 0
#define STORES RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_MOVABLE_KEYS, 1, 1, 1
#define WEIGHTS " [WEIGHTS weight:integer ...] [AGGREGATE aggregate(SUM|MIN|MAX)]"
#define OF_STORE .access = "OW update", .access_after_first = "RO access", .keys_counted_at = 2, .keys_step = 1
#define OF_UNION \
    "O(N*log(N)) with N being the sum of the sizes of the input sorted sets."
#define OF_INTERSECTION                                                                                                 \
    "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted "    \
    "sets and M being the number of elements in the resulting sorted set."
#define OF_DIFFERENCE                                                                                             \
    "O(N*K)+O(M*log(M)) worst case with N being the first sorted set, K being the number of input sorted sets and " \
    "M being the number of elements in the resulting sorted set."

const struct rd_command rd_zset_algebra_commands[] = {
    {"zdiff", -3, READS, cmd_zdiff,
     RD_DOCS("Returns the difference between multiple sorted sets.", "6.2.0", "sorted-set", OF_DIFFERENCE, .keys_counted_at = 1,
             .keys_step = 1, .syntax = "numkeys:integer key ... [WITHSCORES]", .also = "@sortedset")},
    {"zdiffstore", -4, STORES, cmd_zdiffstore,
     RD_DOCS("Stores the difference of multiple sorted sets in a key.", "6.2.0", "sorted-set", OF_DIFFERENCE, OF_STORE,
             .syntax = "destination#0 numkeys:integer key#1 ...", .also = "@sortedset")},
    {"zinter", -3, READS, cmd_zinter,
     RD_DOCS("Returns the intersect of multiple sorted sets.", "6.2.0", "sorted-set", OF_INTERSECTION, .keys_counted_at = 1,
             .keys_step = 1, .syntax = "numkeys:integer key ..." WEIGHTS " [WITHSCORES]", .also = "@sortedset")},
    {"zintercard", -3, READS, cmd_zintercard,
     RD_DOCS("Returns the number of members of the intersect of multiple sorted sets.", "7.0.0", "sorted-set",
             "O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
             .keys_counted_at = 1, .keys_step = 1, .syntax = "numkeys:integer key ... [LIMIT limit:integer]",
             .also = "@sortedset")},
    {"zinterstore", -4, STORES, cmd_zinterstore,
     RD_DOCS("Stores the intersect of multiple sorted sets in a key.", "2.0.0", "sorted-set", OF_INTERSECTION, OF_STORE,
             .syntax = "destination#0 numkeys:integer key#1 ..." WEIGHTS, .also = "@sortedset")},
    {"zunion", -3, READS, cmd_zunion,
     RD_DOCS("Returns the union of multiple sorted sets.", "6.2.0", "sorted-set", OF_UNION, .keys_counted_at = 1,
             .keys_step = 1, .syntax = "numkeys:integer key ..." WEIGHTS " [WITHSCORES]", .also = "@sortedset")},
    {"zunionstore", -4, STORES, cmd_zunionstore,
     RD_DOCS("Stores the union of multiple sorted sets in a key.", "2.0.0", "sorted-set", OF_UNION, OF_STORE,
             .syntax = "destination#0 numkeys:integer key#1 ..." WEIGHTS, .also = "@sortedset")},
    RD_END_OF_COMMANDS,
};
