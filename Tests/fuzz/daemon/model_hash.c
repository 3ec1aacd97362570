/* This file owns the model's commands on hashes, but for those on fields' times. */
#include "model_shape.h"

#include <limits.h>

static struct model_item *field_at(struct model_key *key, struct rd_slice name) {
    uint32_t at = shape_find(key, name);
    return at == SHAPE_NONE ? NULL : &key->items[at];
}

/* Sets a field of a hash that has been begun; true: it is new. */
static bool set_field(struct model_key *key, struct rd_slice name, struct rd_slice value) {
    struct model_item *item = field_at(key, name);
    bool is_new = item == NULL;
    if (is_new) item = shape_insert(key, key->count, name);
    bytes_set(&item->value, value);
    item->expiry = 0;
    return is_new;
}

static void hset(const struct model_call *call) {
    bool is_old = fuzz_chance(call->random, 20);
    struct model_key *key = shape_command(call, MODEL_HASH, is_old ? "hmset" : "hset");
    uint32_t pairs = 1 + fuzz_below(call->random, fuzz_chance(call->random, 10) ? 40 : 4);
    for (uint32_t i = 0; i < pairs; i++) {
        (void)shape_add_name(call);
        (void)shape_add_value(call);
    }
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    shape_begin(key, MODEL_HASH);
    long long added = 0;
    for (uint32_t i = 0; i < pairs; i++) added += set_field(key, shape_argument(call, 2 + 2 * i), shape_argument(call, 3 + 2 * i));
    if (is_old) answer_text_status(call->expected, "OK");
    else shape_answer_number(call, added);
}

static void hsetnx(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_HASH, "hsetnx");
    uint32_t name = shape_add_name(call), value = shape_add_value(call);
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    bool sets = shape_find(key, shape_argument(call, name)) == SHAPE_NONE;
    shape_answer_number(call, sets);
    if (!sets) return;
    shape_begin(key, MODEL_HASH);
    (void)set_field(key, shape_argument(call, name), shape_argument(call, value));
}

static void read_field(const struct model_call *call) {
    static const char *const words[] = {"hget", "hexists", "hstrlen"};
    uint32_t kind = fuzz_below(call->random, 3);
    struct model_key *key = shape_command(call, MODEL_HASH, words[kind]);
    uint32_t name = shape_add_name(call);
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    const struct model_item *item = field_at(key, shape_argument(call, name));
    if (kind == 1) shape_answer_number(call, item != NULL);
    if (kind == 2) shape_answer_number(call, item ? (long long)item->value.length : 0);
    if (kind != 0) return;
    if (item) shape_answer_bulk(call, slice_of(&item->value));
    else answer_text_null(call->expected);
}

static void hmget(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_HASH, "hmget");
    uint32_t fields = 1 + fuzz_below(call->random, 6);
    for (uint32_t i = 0; i < fields; i++) (void)shape_add_name(call);
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    answer_text_array(call->expected, fields);
    for (uint32_t i = 0; i < fields; i++) {
        const struct model_item *item = field_at(key, shape_argument(call, 2 + i));
        if (item) shape_answer_bulk(call, slice_of(&item->value));
        else answer_text_null(call->expected);
    }
}

static void hdel(const struct model_call *call) {
    shape_remove_some(call, MODEL_HASH, "hdel");
}

static void hlen(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_HASH, "hlen");
    if (!shape_is_wrong(call, key, MODEL_HASH)) shape_answer_number(call, shape_count(key));
}

static bool parse_number(struct rd_slice text, long long *number) {
    char digits[24], again[24], *end;
    if (text.length == 0 || text.length >= sizeof digits) return false;
    memcpy(digits, text.bytes, text.length);
    digits[text.length] = 0;
    *number = strtoll(digits, &end, 10);
    snprintf(again, sizeof again, "%lld", *number);
    return *end == 0 && strlen(digits) == text.length && strcmp(digits, again) == 0;
}

static void hincrby(const struct model_call *call) {
    struct model_key *key = shape_command(call, MODEL_HASH, "hincrby");
    uint32_t name = shape_add_name(call);
    long long step = fuzz_chance(call->random, 5) ? LLONG_MAX : (long long)fuzz_below(call->random, 40) - 20, number = 0, sum;
    request_number(call->request, step);
    if (shape_is_wrong(call, key, MODEL_HASH)) return;
    struct model_item *item = field_at(key, shape_argument(call, name));
    if (item && !parse_number(slice_of(&item->value), &number)) {
        shape_answer_error(call, "ERR hash value is not an integer");
        return;
    }
    if (__builtin_add_overflow(number, step, &sum)) {
        shape_answer_error(call, "ERR increment or decrement would overflow");
        return;
    }
    shape_begin(key, MODEL_HASH);
    if (!item) item = shape_insert(key, key->count, shape_argument(call, name));
    item->value.length = 0;
    bytes_number(&item->value, sum);
    shape_answer_number(call, sum);
}

static void read_all(const struct model_call *call) {
    static const char *const words[] = {"hgetall", "hkeys", "hvals", "hrandfield", "hrandfield"};
    static const enum shape_parts parts[] = {SHAPE_BOTH, SHAPE_NAMES, SHAPE_VALUES, SHAPE_NAMES, SHAPE_BOTH};
    uint32_t kind = fuzz_below(call->random, 5);
    if (!call->whole) {
        hlen(call);
        return;
    }
    if (fuzz_chance(call->random, 20)) {
        shape_scan(call, MODEL_HASH);
        return;
    }
    struct model_key *key = shape_command(call, MODEL_HASH, words[kind]);
    if (kind > 2) request_number(call->request, shape_count(key) + fuzz_below(call->random, 3) + (shape_count(key) == 0));
    if (kind == 4) request_text(call->request, "withvalues");
    if (!shape_is_wrong(call, key, MODEL_HASH)) shape_answer_unordered(call, key, parts[kind]);
}

void shape_hash_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {
        hset, hset, hset, hsetnx, read_field, read_field, hmget, hdel, hdel, hlen, hincrby, read_all, read_all,
    };
    FUZZ_PICK(call->random, all)(call);
}
