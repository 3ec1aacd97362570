/* This file owns the model's commands on ranges of sorted sets, and on several of them. */
#include "model_shape.h"

#include <math.h>

#define SOURCES_MOST 3

/* From one score to another, with or without them. */
struct scores {
    double least, most;
    bool above, below;
};

static void write_bound(const struct model_call *call, double score, bool is_open) {
    char text[40];
    request_add(call->request, text, (size_t)snprintf(text, sizeof text, "%s%.17g", is_open ? "(" : "", score));
}

static struct scores add_scores(const struct model_call *call, bool from_the_greatest) {
    struct scores scores = {((int)fuzz_below(call->random, 20) - 8) / 2.0, 0, fuzz_chance(call->random, 30), fuzz_chance(call->random, 30)};
    scores.most = scores.least + (int)fuzz_below(call->random, 14) / 2.0 - 0.5;
    if (fuzz_chance(call->random, 25)) scores.least = -INFINITY;
    if (fuzz_chance(call->random, 25)) scores.most = INFINITY;
    if (from_the_greatest) write_bound(call, scores.most, scores.below);
    write_bound(call, scores.least, scores.above);
    if (!from_the_greatest) write_bound(call, scores.most, scores.below);
    return scores;
}

static struct shape_span span_of(const struct model_key *key, const struct scores *scores) {
    struct shape_span span = {0, shape_count(key)};
    while (span.from < span.to) {
        double score = key->items[span.from].score;
        if (scores->above ? score > scores->least : score >= scores->least) break;
        span.from++;
    }
    while (span.to > span.from) {
        double score = key->items[span.to - 1].score;
        if (scores->below ? score < scores->most : score <= scores->most) break;
        span.to--;
    }
    return span;
}

static void zcount(const struct model_call *call) {
    if (call->whole && fuzz_chance(call->random, 20)) {
        shape_scan(call, MODEL_ZSET);
        return;
    }
    bool removes = fuzz_chance(call->random, 30);
    struct model_key *key = shape_command(call, MODEL_ZSET, removes ? "zremrangebyscore" : "zcount");
    struct scores scores = add_scores(call, false);
    if (shape_is_wrong(call, key, MODEL_ZSET)) return;
    struct shape_span span = span_of(key, &scores);
    shape_answer_number(call, span.to - span.from);
    for (uint32_t at = span.to; removes && at > span.from; at--) shape_remove(key, at - 1);
    shape_end(key);
}

static void remove_ranks(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_ZSET, "zremrangebyrank");
    long long first = shape_add_index(call), last = shape_add_index(call);
    if (shape_is_wrong(call, key, MODEL_ZSET)) return;
    struct shape_span span = shape_span(shape_count(key), first, last);
    shape_answer_number(call, span.to - span.from);
    for (uint32_t at = span.to; at > span.from; at--) shape_remove(key, at - 1);
    shape_end(key);
}

/* Those of the span, the greatest first or last, or some of them: to be answered, or stored where `to` is a key. */
struct chosen {
    uint32_t count, at[512];
};

static void choose(struct chosen *chosen, struct shape_span span, bool is_reversed, long long offset, long long most) {
    chosen->count = 0;
    for (uint32_t i = 0; i < span.to - span.from; i++) {
        if (i < offset || (most >= 0 && chosen->count >= most)) continue;
        chosen->at[chosen->count++] = is_reversed ? span.to - 1 - i : span.from + i;
    }
}

/* ZRANGE by rank or score, its older forms not: those are the same functions. */
static void zrange(const struct model_call *call) {
    static struct chosen chosen;
    static struct model_key copy;
    bool by_score = fuzz_chance(call->random, 50), is_reversed = fuzz_chance(call->random, 40), with_scores = fuzz_chance(call->random, 50);
    struct model_key *to = fuzz_chance(call->random, 15) ? shape_pick(call, MODEL_ZSET) : NULL, *key = shape_pick(call, MODEL_ZSET);
    request_text(call->request, to ? "zrangestore" : "zrange");
    if (to) shape_add_key(call, to);
    shape_add_key(call, key);
    struct scores scores = {0};
    long long first = 0, last = 0, offset = 0, most = -1;
    if (by_score) {
        scores = add_scores(call, is_reversed);
        request_text(call->request, "byscore");
    } else {
        first = shape_add_index(call);
        last = shape_add_index(call);
    }
    if (is_reversed) request_text(call->request, "rev");
    if (by_score && fuzz_chance(call->random, 40)) {
        request_text(call->request, "limit");
        request_number(call->request, offset = fuzz_below(call->random, 6));
        request_number(call->request, most = (long long)fuzz_below(call->random, 8) - 1);
    }
    if (to) with_scores = false;
    if (with_scores) request_text(call->request, "withscores");
    if (shape_is_wrong(call, key, MODEL_ZSET)) return;
    uint32_t count = shape_count(key);
    struct shape_span span = by_score ? span_of(key, &scores) : shape_span(count, first, last);
    if (!by_score && is_reversed) span = (struct shape_span){count - span.to, count - span.from};
    choose(&chosen, span, is_reversed, offset, most);
    if (to) {
        copy.is_there = false;
        shape_begin(&copy, MODEL_ZSET);
        for (uint32_t i = 0; i < chosen.count; i++) {
            const struct model_item *item = &key->items[chosen.at[i]];
            struct rd_slice name = slice_of(&item->name);
            shape_insert(&copy, shape_place(&copy, item->score, name), name)->score = item->score;
        }
        shape_end(&copy);
        shape_answer_number(call, chosen.count);
        shape_copy(to, &copy);
        return;
    }
    answer_text_array(call->expected, chosen.count * (with_scores ? 2 : 1));
    for (uint32_t i = 0; i < chosen.count; i++) {
        shape_answer_bulk(call, slice_of(&key->items[chosen.at[i]].name));
        if (with_scores) shape_answer_score(call, key->items[chosen.at[i]].score);
    }
}

enum operation {
    UNION,
    INTERSECTION,
    DIFFERENCE,
};

enum aggregate {
    SUM,
    LEAST,
    GREATEST,
};

static double score_in(const struct model_key *key, uint32_t at) {
    return key->type == MODEL_SET ? 1 : key->items[at].score;
}

/* The score of a member of the result; false: it is none. */
static bool score_of(struct model_key *const *keys, uint32_t count, enum operation operation, enum aggregate aggregate,
                     struct rd_slice name, double *score) {
    uint32_t in = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = shape_find(keys[i], name);
        if (at == SHAPE_NONE && operation == INTERSECTION) return false;
        if (at == SHAPE_NONE) continue;
        if (operation == DIFFERENCE && i > 0) return false;
        double own = score_in(keys[i], at);
        if (in++ == 0) *score = own;
        else if (aggregate == SUM) *score += own;
        else if (aggregate == LEAST ? own < *score : own > *score) *score = own;
    }
    return in > 0;
}

/* Sets are taken too, with a score of 1 each. */
static bool is_any_wrong(const struct model_call *call, struct model_key *const *keys, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (keys[i]->is_there && keys[i]->type == MODEL_SET) continue;
        if (shape_is_wrong(call, keys[i], MODEL_ZSET)) return true;
    }
    return false;
}

static void combine(struct model_key *result, struct model_key *const *keys, uint32_t count, enum operation operation,
                    enum aggregate aggregate) {
    result->is_there = false;
    shape_begin(result, MODEL_ZSET);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < shape_count(keys[i]); j++) {
            struct rd_slice name = slice_of(&keys[i]->items[j].name);
            double score = 0;
            if (shape_find(result, name) != SHAPE_NONE || !score_of(keys, count, operation, aggregate, name, &score)) continue;
            shape_insert(result, shape_place(result, score, name), name)->score = score;
        }
    }
    shape_end(result);
}

static void algebra(const struct model_call *call) {
    static const char *const words[] = {"zunion", "zinter", "zdiff"}, *const stores[] = {"zunionstore", "zinterstore", "zdiffstore"};
    static const char *const aggregates[] = {"sum", "min", "max"};
    static struct model_key result;
    enum operation operation = fuzz_below(call->random, 3);
    enum aggregate aggregate = operation == DIFFERENCE ? SUM : fuzz_below(call->random, 3);
    bool is_stored = fuzz_chance(call->random, 50), with_scores = !is_stored && fuzz_chance(call->random, 50);
    uint32_t count = 1 + fuzz_below(call->random, SOURCES_MOST);
    struct model_key *keys[SOURCES_MOST], *to = shape_pick(call, MODEL_ZSET);
    request_text(call->request, is_stored ? stores[operation] : words[operation]);
    if (is_stored) shape_add_key(call, to);
    request_number(call->request, count);
    for (uint32_t i = 0; i < count; i++) shape_add_key(call, keys[i] = shape_pick(call, fuzz_chance(call->random, 80) ? MODEL_ZSET : MODEL_SET));
    if (aggregate != SUM) {
        request_text(call->request, "aggregate");
        request_text(call->request, aggregates[aggregate]);
    }
    if (with_scores) request_text(call->request, "withscores");
    if (is_any_wrong(call, keys, count)) return;
    combine(&result, keys, count, operation, aggregate);
    if (is_stored) {
        shape_answer_number(call, shape_count(&result));
        shape_copy(to, &result);
        return;
    }
    answer_text_array(call->expected, shape_count(&result) * (with_scores ? 2u : 1u));
    for (uint32_t i = 0; i < shape_count(&result); i++) {
        shape_answer_bulk(call, slice_of(&result.items[i].name));
        if (with_scores) shape_answer_score(call, result.items[i].score);
    }
}

void shape_zset_range_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {zrange, zrange, zrange, zcount, remove_ranks, algebra, algebra};
    FUZZ_PICK(call->random, all)(call);
}
