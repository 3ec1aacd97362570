/* This file owns the model's commands on the times of a hash's fields. */
#include "model_shape.h"

#define NO_FIELD (-2)
#define NO_TIME (-1)
#define FIELDS_MOST 4

/* FIELDS and some names; the number of the first. */
static uint32_t add_fields(const struct model_call *call, uint32_t *count) {
    *count = 1 + fuzz_below(call->random, FIELDS_MOST);
    request_text(call->request, "fields");
    request_number(call->request, *count);
    uint32_t first = call->request->count;
    for (uint32_t i = 0; i < *count; i++) (void)shape_add_name(call);
    return first;
}

/* A time as one of four units has it, and what it means in Unix ms; some are past. */
static long long add_time(const struct model_call *call, uint32_t unit) {
    long long seconds = shape_any_seconds(call), at = call->now + seconds * 1000;
    bool is_past = fuzz_chance(call->random, 10);
    if (is_past) seconds = 0, at = call->now - 1000;
    if (unit == 0) request_number(call->request, seconds);
    if (unit == 1) request_number(call->request, seconds * 1000);
    if (unit == 2) request_number(call->request, at = at / 1000), at *= 1000;
    if (unit == 3) request_number(call->request, at);
    return is_past && unit < 2 ? call->now : at;
}

static void hexpire(const struct model_call *call) {
    static const char *const words[] = {"hexpire", "hpexpire", "hexpireat", "hpexpireat"};
    static const char *const conditions[] = {"nx", "xx", "gt", "lt"};
    uint32_t unit = fuzz_below(call->random, 4), condition = fuzz_below(call->random, 8), count;
    struct model_key *key = shape_command(call, MODEL_HASH, words[unit]);
    long long at = add_time(call, unit);
    if (condition < 4) request_text(call->request, conditions[condition]);
    uint32_t first = add_fields(call, &count);
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    answer_text_array(call->expected, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t found = shape_find(key, shape_argument(call, first + i));
        long long old = found == SHAPE_NONE ? 0 : key->items[found].expiry;
        bool sets = true;
        if (condition == 0) sets = !old;
        if (condition == 1) sets = old != 0;
        if (condition == 2) sets = old && at > old;
        if (condition == 3) sets = !old || at < old;
        long long answer = found == SHAPE_NONE ? NO_FIELD : !sets ? 0 : at <= call->now ? 2 : 1;
        shape_answer_number(call, answer);
        if (answer == 1) key->items[found].expiry = at;
        if (answer == 2) shape_remove(key, found);
    }
    shape_end(key);
}

/* And HPERSIST, which takes the time away. */
static void ask_times(const struct model_call *call) {
    static const char *const words[] = {"httl", "hpttl", "hexpiretime", "hpexpiretime", "hpersist"};
    uint32_t kind = fuzz_below(call->random, 5), count;
    struct model_key *key = shape_command(call, MODEL_HASH, words[kind]);
    uint32_t first = add_fields(call, &count);
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    answer_text_array(call->expected, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t found = shape_find(key, shape_argument(call, first + i));
        long long at = found == SHAPE_NONE ? 0 : key->items[found].expiry, answer = found == SHAPE_NONE ? NO_FIELD : NO_TIME;
        if (at && kind == 0) answer = (at - call->now + 999) / 1000;
        if (at && kind == 1) answer = at - call->now;
        if (at && kind == 2) answer = (at + 999) / 1000;
        if (at && kind == 3) answer = at;
        if (at && kind == 4) answer = 1;
        if (at && kind == 4) key->items[found].expiry = 0;
        shape_answer_number(call, answer);
    }
}

/* HGETDEL and HGETEX: the values, and what then becomes of the fields. */
static void take(const struct model_call *call) {
    static const char *const units[] = {"ex", "px", "exat", "pxat"};
    uint32_t kind = fuzz_below(call->random, 7), count; /* a unit, PERSIST, nothing, HGETDEL */
    struct model_key *key = shape_command(call, MODEL_HASH, kind == 6 ? "hgetdel" : "hgetex");
    long long at = 0;
    if (kind < 4) {
        request_text(call->request, units[kind]);
        at = add_time(call, kind);
    }
    if (kind == 4) request_text(call->request, "persist");
    uint32_t first = add_fields(call, &count);
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    answer_text_array(call->expected, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t found = shape_find(key, shape_argument(call, first + i));
        if (found == SHAPE_NONE) {
            answer_text_null(call->expected);
            continue;
        }
        shape_answer_bulk(call, slice_of(&key->items[found].value));
        if (kind < 5) key->items[found].expiry = at;
        if (kind == 6 || (kind < 4 && at <= call->now)) shape_remove(key, found);
    }
    shape_end(key);
}

static void hsetex(const struct model_call *call) {
    static const char *const units[] = {"ex", "px", "exat", "pxat", "keepttl"};
    uint32_t condition = fuzz_below(call->random, 5), unit = fuzz_below(call->random, 6); /* FNX, FXX, else none; none */
    struct model_key *key = shape_command(call, MODEL_HASH, "hsetex");
    long long at = 0;
    if (condition < 2) request_text(call->request, condition == 0 ? "fnx" : "fxx");
    if (unit < 5) request_text(call->request, units[unit]);
    if (unit < 4) at = add_time(call, unit);
    uint32_t count = 1 + fuzz_below(call->random, FIELDS_MOST), found;
    request_text(call->request, "fields");
    request_number(call->request, count);
    uint32_t first = call->request->count;
    for (uint32_t i = 0; i < count; i++) {
        (void)shape_add_name(call);
        (void)shape_add_value(call);
    }
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    for (uint32_t i = 0; condition < 2 && i < count; i++) {
        bool is_there = shape_find(key, shape_argument(call, first + 2 * i)) != SHAPE_NONE;
        if (is_there == (condition == 1)) continue;
        shape_answer_number(call, 0);
        return;
    }
    shape_answer_number(call, 1);
    shape_begin(key, MODEL_HASH);
    for (uint32_t i = 0; i < count; i++) {
        struct rd_slice name = shape_argument(call, first + 2 * i);
        found = shape_find(key, name);
        bool is_over = unit < 4 && at <= call->now;
        if (is_over && found != SHAPE_NONE) shape_remove(key, found);
        if (is_over) continue;
        struct model_item *item = found == SHAPE_NONE ? shape_insert(key, key->count, name) : &key->items[found];
        bytes_set(&item->value, shape_argument(call, first + 2 * i + 1));
        if (unit != 4) item->expiry = at;
    }
    shape_end(key);
}

void shape_hash_time_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {hexpire, hexpire, ask_times, ask_times, take, hsetex};
    FUZZ_PICK(call->random, all)(call);
}
