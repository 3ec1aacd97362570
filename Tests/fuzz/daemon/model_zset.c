/* This file owns the model's commands that change a sorted set, or ask for members. */
#include "model_shape.h"

#include <math.h>

/* To its place, if that changes. */
static void set_score(struct model_key *key, uint32_t at, struct rd_slice name, double score) {
    if (at != SHAPE_NONE) shape_remove(key, at);
    struct model_item *item = shape_insert(key, shape_place(key, score, name), name);
    item->score = score;
}

enum condition {
    ALWAYS,
    ONLY_NEW,
    ONLY_OLD,
    ONLY_GREATER,
    ONLY_LESS,
    ONLY_OLD_GREATER,
    ONLY_OLD_LESS,
};

static bool allows(enum condition condition, bool is_new, double old, double score) {
    switch (condition) {
    case ONLY_NEW: return is_new;
    case ONLY_OLD: return !is_new;
    case ONLY_GREATER: return is_new || score > old;
    case ONLY_LESS: return is_new || score < old;
    case ONLY_OLD_GREATER: return !is_new && score > old;
    case ONLY_OLD_LESS: return !is_new && score < old;
    default: return true;
    }
}

static void zadd(const struct model_call *call) {
    static const char *const words[] = {"", "nx", "xx", "gt", "lt", "xx gt", "lt xx"};
    struct model_key *key = shape_command(call, MODEL_ZSET, "zadd");
    enum condition condition = fuzz_chance(call->random, 60) ? ALWAYS : fuzz_below(call->random, 7);
    bool is_changed = fuzz_chance(call->random, 30), increments = fuzz_chance(call->random, 15);
    if (condition > ONLY_LESS) {
        request_add(call->request, words[condition], 2);
        request_text(call->request, words[condition] + 3);
    } else if (condition != ALWAYS) {
        request_text(call->request, words[condition]);
    }
    if (is_changed) request_text(call->request, "ch");
    if (increments) request_text(call->request, "incr");
    uint32_t pairs = increments ? 1 : 1 + fuzz_below(call->random, fuzz_chance(call->random, 10) ? 40 : 4);
    uint32_t first = call->request->count;
    double scores[40];
    for (uint32_t i = 0; i < pairs; i++) {
        scores[i] = shape_add_score(call);
        (void)shape_add_name(call);
    }
    if (shape_is_wrong(call, key, MODEL_ZSET)) return;
    shape_begin(key, MODEL_ZSET);
    long long added = 0, changed = 0;
    for (uint32_t i = 0; i < pairs; i++) {
        struct rd_slice name = shape_argument(call, first + 2 * i + 1);
        uint32_t at = shape_find(key, name);
        double old = at == SHAPE_NONE ? 0 : key->items[at].score, score = increments ? old + scores[i] : scores[i];
        bool done = allows(condition, at == SHAPE_NONE, old, score);
        if (done) set_score(key, at, name, score);
        added += done && at == SHAPE_NONE;
        changed += done && (at == SHAPE_NONE || score != old);
        if (increments && done) shape_answer_score(call, score);
        if (increments && !done) answer_text_null(call->expected);
    }
    shape_end(key);
    if (!increments) shape_answer_number(call, is_changed ? changed : added);
}

static void zincrby(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_ZSET, "zincrby");
    double step = shape_add_score(call);
    uint32_t name = shape_add_name(call);
    if (shape_is_wrong(call, key, MODEL_ZSET)) return;
    shape_begin(key, MODEL_ZSET);
    uint32_t at = shape_find(key, shape_argument(call, name));
    double score = step + (at == SHAPE_NONE ? 0 : key->items[at].score);
    set_score(key, at, shape_argument(call, name), score);
    shape_answer_score(call, score);
}

static void zrem(const struct model_call *call) {
    shape_remove_some(call, MODEL_ZSET, "zrem");
}

static void ask(const struct model_call *call) {
    static const char *const words[] = {"zcard", "zscore", "zmscore", "zrank", "zrevrank"};
    uint32_t kind = fuzz_below(call->random, 5), members = kind == 2 ? 1 + fuzz_below(call->random, 5) : kind > 0;
    struct model_key *key = shape_command(call, MODEL_ZSET, words[kind]);
    for (uint32_t i = 0; i < members; i++) (void)shape_add_name(call);
    bool with_score = kind > 2 && fuzz_chance(call->random, 30);
    if (with_score) request_text(call->request, "withscore");
    if (shape_is_wrong(call, key, MODEL_ZSET)) return;
    if (kind == 0) shape_answer_number(call, shape_count(key));
    if (kind == 2) answer_text_array(call->expected, members);
    for (uint32_t i = 0; i < members; i++) {
        uint32_t at = shape_find(key, shape_argument(call, 2 + i));
        if (at == SHAPE_NONE) {
            answer_text_null(call->expected);
            continue;
        }
        if (with_score) answer_text_array(call->expected, 2);
        if (kind > 2) shape_answer_number(call, kind == 3 ? at : key->count - 1 - at);
        if (kind < 3 || with_score) shape_answer_score(call, key->items[at].score);
    }
}

static void pop_from(const struct model_call *call, struct model_key *key, bool greatest, uint32_t wanted, bool in_pairs) {
    if (wanted > shape_count(key)) wanted = shape_count(key);
    answer_text_array(call->expected, in_pairs ? wanted : 2 * wanted);
    for (uint32_t i = 0; i < wanted; i++) {
        uint32_t at = greatest ? key->count - 1 : 0;
        if (in_pairs) answer_text_array(call->expected, 2);
        shape_answer_bulk(call, slice_of(&key->items[at].name));
        shape_answer_score(call, key->items[at].score);
        shape_remove(key, at);
    }
    shape_end(key);
}

static void pop(const struct model_call *call) {
    bool greatest = fuzz_chance(call->random, 50);
    struct model_key *key = shape_command(call, MODEL_ZSET, greatest ? "zpopmax" : "zpopmin");
    uint32_t wanted = 1;
    if (fuzz_chance(call->random, 50)) request_number(call->request, wanted = fuzz_below(call->random, 6));
    if (!shape_is_wrong(call, key, MODEL_ZSET)) pop_from(call, key, greatest, wanted, false);
}

static void pop_of_several(const struct model_call *call) {
    bool greatest = fuzz_chance(call->random, 50);
    uint32_t wanted;
    struct model_key *key = shape_pop_of_several(call, MODEL_ZSET, "zmpop", greatest ? "max" : "min", &wanted);
    if (key) pop_from(call, key, greatest, wanted, true);
}

void shape_zset_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {zadd, zadd, zadd, zincrby, zrem, ask, ask, pop, pop_of_several};
    FUZZ_PICK(call->random, all)(call);
}
