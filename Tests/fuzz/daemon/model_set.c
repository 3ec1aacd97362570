/* This file owns the model's commands on sets. */
#include "model_shape.h"

#define SOURCES_MOST 3

static void change(const struct model_call *call) {
    bool adds = fuzz_chance(call->random, 65);
    struct model_key *key = shape_command(call, MODEL_SET, adds ? "sadd" : "srem");
    uint32_t members = 1 + fuzz_below(call->random, fuzz_chance(call->random, 10) ? 40 : 4);
    for (uint32_t i = 0; i < members; i++) (void)shape_add_name(call);
    if (shape_is_wrong(call, key, MODEL_SET)) return;
    if (adds) shape_begin(key, MODEL_SET);
    long long changed = 0;
    for (uint32_t i = 0; i < members; i++) {
        struct rd_slice name = shape_argument(call, 2 + i);
        uint32_t at = shape_find(key, name);
        if (adds == (at != SHAPE_NONE)) continue;
        if (adds) (void)shape_insert(key, key->count, name);
        else shape_remove(key, at);
        changed++;
    }
    shape_end(key);
    shape_answer_number(call, changed);
}

static void ask(const struct model_call *call) {
    static const char *const words[] = {"scard", "sismember", "smismember"};
    uint32_t kind = fuzz_below(call->random, 3);
    struct model_key *key = shape_command(call, MODEL_SET, words[kind]);
    uint32_t members = kind == 2 ? 1 + fuzz_below(call->random, 5) : kind;
    for (uint32_t i = 0; i < members; i++) (void)shape_add_name(call);
    if (shape_is_wrong(call, key, MODEL_SET)) return;
    if (kind == 0) shape_answer_number(call, shape_count(key));
    if (kind == 2) answer_text_array(call->expected, members);
    for (uint32_t i = 0; i < members; i++) shape_answer_number(call, shape_find(key, shape_argument(call, 2 + i)) != SHAPE_NONE);
}

/* All of it: SPOP takes it away, too. */
static void read_all(const struct model_call *call) {
    static const char *const words[] = {"smembers", "smembers", "srandmember", "spop"};
    uint32_t kind = fuzz_below(call->random, 4);
    if (!call->whole) {
        ask(call);
        return;
    }
    if (fuzz_chance(call->random, 20)) {
        shape_scan(call, MODEL_SET);
        return;
    }
    struct model_key *key = shape_command(call, MODEL_SET, words[kind]);
    if (kind > 1) request_number(call->request, shape_count(key) + fuzz_below(call->random, 3) + (shape_count(key) == 0));
    if (shape_is_wrong(call, key, MODEL_SET)) return;
    shape_answer_unordered(call, key, SHAPE_NAMES);
    if (kind == 3) key->is_there = false;
}

static void smove(const struct model_call *call) {
    struct model_key *from = shape_command(call, MODEL_SET, "smove"), *to = shape_pick(call, MODEL_SET);
    shape_add_key(call, to);
    uint32_t number = shape_add_name(call);
    if (!from->is_there) {
        shape_answer_number(call, 0);
        return;
    }
    if (shape_is_wrong(call, from, MODEL_SET) || shape_is_wrong(call, to, MODEL_SET)) return;
    struct rd_slice name = shape_argument(call, number);
    uint32_t at = shape_find(from, name);
    shape_answer_number(call, at != SHAPE_NONE);
    if (at == SHAPE_NONE || from == to) return;
    shape_remove(from, at);
    shape_end(from);
    shape_begin(to, MODEL_SET);
    if (shape_find(to, name) == SHAPE_NONE) (void)shape_insert(to, to->count, name);
}

enum operation {
    INTERSECTION,
    UNION,
    DIFFERENCE,
};

static bool belongs(struct model_key *const *keys, uint32_t count, enum operation operation, struct rd_slice name) {
    uint32_t in = 0;
    for (uint32_t i = 0; i < count; i++) in += shape_find(keys[i], name) != SHAPE_NONE;
    if (operation == INTERSECTION) return in == count;
    if (operation == UNION) return in > 0;
    return in == 1 && shape_find(keys[0], name) != SHAPE_NONE;
}

/* Into an empty key of no name. */
static void combine(struct model_key *result, struct model_key *const *keys, uint32_t count, enum operation operation) {
    result->is_there = false;
    shape_begin(result, MODEL_SET);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < shape_count(keys[i]); j++) {
            struct rd_slice name = slice_of(&keys[i]->items[j].name);
            if (belongs(keys, count, operation, name) && shape_find(result, name) == SHAPE_NONE) {
                (void)shape_insert(result, result->count, name);
            }
        }
    }
    shape_end(result);
}

/* Some keys as arguments. True: one is of another type, which is answered. */
static uint32_t add_sources(const struct model_call *call, struct model_key **keys) {
    uint32_t count = 1 + fuzz_below(call->random, SOURCES_MOST);
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = shape_pick(call, MODEL_SET);
        shape_add_key(call, keys[i]);
    }
    return count;
}

static bool is_any_wrong(const struct model_call *call, struct model_key *const *keys, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (shape_is_wrong(call, keys[i], MODEL_SET)) return true;
    }
    return false;
}

static void algebra(const struct model_call *call) {
    static const char *const words[] = {"sinter", "sunion", "sdiff"}, *const stores[] = {"sinterstore", "sunionstore", "sdiffstore"};
    static struct model_key result;
    enum operation operation = fuzz_below(call->random, 3);
    bool is_stored = !call->whole || fuzz_chance(call->random, 50);
    struct model_key *keys[SOURCES_MOST], *to = shape_pick(call, MODEL_SET);
    request_text(call->request, is_stored ? stores[operation] : words[operation]);
    if (is_stored) shape_add_key(call, to);
    uint32_t count = add_sources(call, keys);
    if (is_any_wrong(call, keys, count)) return;
    combine(&result, keys, count, operation);
    if (!is_stored) {
        shape_answer_unordered(call, &result, SHAPE_NAMES);
        return;
    }
    shape_answer_number(call, shape_count(&result));
    shape_copy(to, &result);
}

static void sintercard(const struct model_call *call) {
    static struct model_key result;
    struct model_key *keys[SOURCES_MOST];
    static struct request sources;
    request_clear(&sources);
    struct model_call aside = *call;
    aside.request = &sources;
    uint32_t count = add_sources(&aside, keys), limit = fuzz_below(call->random, 6);
    request_text(call->request, "sintercard");
    request_number(call->request, count);
    for (uint32_t i = 0; i < count; i++) shape_add_key(call, keys[i]);
    if (fuzz_chance(call->random, 50)) {
        request_text(call->request, "limit");
        request_number(call->request, limit);
    } else {
        limit = 0;
    }
    if (is_any_wrong(call, keys, count)) return;
    combine(&result, keys, count, INTERSECTION);
    shape_answer_number(call, limit && shape_count(&result) > limit ? limit : shape_count(&result));
}

void shape_set_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {
        change, change, change, change, ask, ask, read_all, read_all, smove, algebra, algebra, sintercard,
    };
    FUZZ_PICK(call->random, all)(call);
}
