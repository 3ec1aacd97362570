/* This file owns the model's commands on one list. */
#include "model_shape.h"

/* Beyond so many a list is trimmed. */
#define LONGEST 200

static uint32_t add_element(const struct model_call *call) {
    return fuzz_chance(call->random, 60) ? shape_add_name(call) : shape_add_value(call);
}

static void trim_to(const struct model_call *call, struct model_key *key, long long first, long long last) {
    request_text(call->request, "ltrim");
    shape_add_key(call, key);
    request_number(call->request, first);
    request_number(call->request, last);
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    answer_text_status(call->expected, "OK");
    struct shape_span kept = shape_span(shape_count(key), first, last);
    for (uint32_t at = shape_count(key); at-- > 0;) {
        if (at < kept.from || at >= kept.to) shape_remove(key, at);
    }
    shape_end(key);
}

static void push(const struct model_call *call) {
    static const char *const words[] = {"lpush", "rpush", "lpushx", "rpushx"};
    uint32_t kind = fuzz_below(call->random, fuzz_chance(call->random, 70) ? 2 : 4);
    struct model_key *key = shape_pick(call, MODEL_LIST);
    if (key->type == MODEL_LIST && shape_count(key) > LONGEST) {
        trim_to(call, key, 10, 30);
        return;
    }
    request_text(call->request, words[kind]);
    shape_add_key(call, key);
    uint32_t elements = 1 + fuzz_below(call->random, fuzz_chance(call->random, 15) ? 40 : 4);
    for (uint32_t i = 0; i < elements; i++) (void)add_element(call);
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    if (kind < 2) shape_begin(key, MODEL_LIST);
    for (uint32_t i = 0; key->is_there && i < elements; i++) {
        (void)shape_insert(key, kind % 2 ? key->count : 0, shape_argument(call, 2 + i));
    }
    shape_answer_number(call, shape_count(key));
}

static void pop(const struct model_call *call) {
    bool from_right = fuzz_chance(call->random, 50), counts = fuzz_chance(call->random, 40);
    struct model_key *key = shape_command(call, MODEL_LIST, from_right ? "rpop" : "lpop");
    uint32_t wanted = counts ? fuzz_below(call->random, 6) : 1;
    if (counts) request_number(call->request, wanted);
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    if (!key->is_there) {
        answer_text_null(call->expected);
        return;
    }
    if (wanted > shape_count(key)) wanted = shape_count(key);
    if (counts) answer_text_array(call->expected, wanted);
    for (uint32_t i = 0; i < wanted; i++) {
        uint32_t at = from_right ? key->count - 1 : 0;
        shape_answer_bulk(call, slice_of(&key->items[at].name));
        shape_remove(key, at);
    }
    shape_end(key);
}

static void range(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_LIST, "lrange");
    bool whole = fuzz_chance(call->random, 40);
    long long first = 0, last = -1;
    if (whole) request_text(call->request, "0");
    else first = shape_add_index(call);
    if (whole) request_text(call->request, "-1");
    else last = shape_add_index(call);
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    struct shape_span span = shape_span(shape_count(key), first, last);
    answer_text_array(call->expected, span.to - span.from);
    for (uint32_t at = span.from; at < span.to; at++) shape_answer_bulk(call, slice_of(&key->items[at].name));
}

/* The item at Redis's index; SHAPE_NONE: there is none. */
static uint32_t at_index(const struct model_key *key, long long index) {
    if (index < 0) index += shape_count(key);
    return index < 0 || index >= shape_count(key) ? SHAPE_NONE : (uint32_t)index;
}

static void ask(const struct model_call *call) {
    bool is_length = fuzz_chance(call->random, 40);
    struct model_key *key = shape_command(call, MODEL_LIST, is_length ? "llen" : "lindex");
    long long index = is_length ? 0 : shape_add_index(call);
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    uint32_t at = at_index(key, index);
    if (is_length) shape_answer_number(call, shape_count(key));
    else if (at == SHAPE_NONE) answer_text_null(call->expected);
    else shape_answer_bulk(call, slice_of(&key->items[at].name));
}

static void lset(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_LIST, "lset");
    long long index = shape_add_index(call);
    uint32_t element = add_element(call), at = at_index(key, index);
    if (!key->is_there) {
        shape_answer_error(call, "ERR no such key");
        return;
    }
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    if (at == SHAPE_NONE) {
        shape_answer_error(call, "ERR index out of range");
        return;
    }
    bytes_set(&key->items[at].name, shape_argument(call, element));
    answer_text_status(call->expected, "OK");
}

static void linsert(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_LIST, "linsert");
    bool before = fuzz_chance(call->random, 50);
    request_text(call->request, before ? "before" : "after");
    uint32_t pivot = shape_add_name(call), element = add_element(call);
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    uint32_t at = shape_find(key, shape_argument(call, pivot));
    if (at != SHAPE_NONE) (void)shape_insert(key, before ? at : at + 1, shape_argument(call, element));
    shape_answer_number(call, !key->is_there ? 0 : at == SHAPE_NONE ? -1 : (long long)key->count);
}

static bool is_at(const struct model_key *key, uint32_t at, struct rd_slice name) {
    return shape_compare(slice_of(&key->items[at].name), name) == 0;
}

static void lrem(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_LIST, "lrem");
    int wanted = (int)fuzz_below(call->random, 7) - 3;
    request_number(call->request, wanted);
    uint32_t element = shape_add_name(call);
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    struct rd_slice name = shape_argument(call, element);
    uint32_t most = wanted == 0 ? UINT32_MAX : (uint32_t)(wanted < 0 ? -wanted : wanted), removed = 0;
    for (uint32_t at = shape_count(key); wanted < 0 && at-- > 0 && removed < most;) {
        if (is_at(key, at, name)) shape_remove(key, at), removed++;
    }
    for (uint32_t at = 0; wanted >= 0 && at < shape_count(key) && removed < most;) {
        if (is_at(key, at, name)) shape_remove(key, at), removed++;
        else at++;
    }
    shape_end(key);
    shape_answer_number(call, removed);
}

static void ltrim(const struct model_call *call) {
    struct model_key *key = shape_pick(call, MODEL_LIST);
    long long first = fuzz_below(call->random, 4), last = -1 - (long long)fuzz_below(call->random, 4);
    if (fuzz_chance(call->random, 20)) first = (long long)fuzz_below(call->random, 30) - 15;
    if (fuzz_chance(call->random, 20)) last = (long long)fuzz_below(call->random, 30) - 15;
    trim_to(call, key, first, last);
}

static void lpos(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_LIST, "lpos");
    uint32_t element = shape_add_name(call), wanted = 1, most = 0;
    bool counts = fuzz_chance(call->random, 50);
    int rank = 1;
    if (fuzz_chance(call->random, 50)) {
        static const int ranks[] = {1, 2, 3, -1, -2};
        request_text(call->request, "rank");
        request_number(call->request, rank = FUZZ_PICK(call->random, ranks));
    }
    if (counts) {
        request_text(call->request, "count");
        request_number(call->request, wanted = fuzz_below(call->random, 4));
    }
    if (fuzz_chance(call->random, 30)) {
        request_text(call->request, "maxlen");
        request_number(call->request, most = fuzz_below(call->random, 20));
    }
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    struct rd_slice name = shape_argument(call, element);
    uint32_t found[LONGEST * 2], matches = 0, skipped = (uint32_t)(rank < 0 ? -rank : rank) - 1, count = shape_count(key);
    for (uint32_t i = 0; i < count && (most == 0 || i < most) && (wanted == 0 || matches < wanted); i++) {
        uint32_t at = rank < 0 ? count - 1 - i : i;
        if (!is_at(key, at, name)) continue;
        if (skipped) skipped--;
        else found[matches++] = at;
    }
    if (counts) answer_text_array(call->expected, matches);
    else if (matches == 0) answer_text_null(call->expected);
    for (uint32_t i = 0; i < matches; i++) shape_answer_number(call, found[i]);
}

void shape_list_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {
        push, push, push, pop, range, range, ask, lset, linsert, lrem, ltrim, lpos,
    };
    FUZZ_PICK(call->random, all)(call);
}
