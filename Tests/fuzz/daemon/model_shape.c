/* This file owns the model's values with a shape, and what its commands share. */
#include "model_shape.h"

#include <math.h>

#include "words.h"

int shape_compare(struct rd_slice a, struct rd_slice b) {
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common ? memcmp(a.bytes, b.bytes, common) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

uint32_t shape_find(const struct model_key *key, struct rd_slice name) {
    for (uint32_t i = 0; i < shape_count(key); i++) {
        if (shape_compare(slice_of(&key->items[i].name), name) == 0) return i;
    }
    return SHAPE_NONE;
}

struct model_item *shape_insert(struct model_key *key, uint32_t at, struct rd_slice name) {
    if (key->count == key->room) {
        key->items = realloc(key->items, (key->room * 2 + 16) * sizeof key->items[0]);
        if (!key->items) abort();
        memset(key->items + key->room, 0, (key->room + 16) * sizeof key->items[0]);
        key->room = key->room * 2 + 16;
    }
    struct model_item item = key->items[key->count++]; /* whose memory is used again */
    memmove(key->items + at + 1, key->items + at, (key->count - 1 - at) * sizeof item);
    bytes_set(&item.name, name);
    item.value.length = 0;
    item.score = 0;
    item.expiry = 0;
    key->items[at] = item;
    return &key->items[at];
}

void shape_remove(struct model_key *key, uint32_t at) {
    struct model_item item = key->items[at];
    memmove(key->items + at, key->items + at + 1, (--key->count - at) * sizeof item);
    key->items[key->count] = item;
}

uint32_t shape_place(const struct model_key *key, double score, struct rd_slice name) {
    uint32_t at = 0;
    for (; at < shape_count(key); at++) {
        const struct model_item *item = &key->items[at];
        if (item->score > score || (item->score == score && shape_compare(slice_of(&item->name), name) > 0)) break;
    }
    return at;
}

void shape_begin(struct model_key *key, enum model_type type) {
    if (key->is_there) return;
    key->is_there = true;
    key->type = type;
    key->count = 0;
    key->expiry = 0;
}

void shape_end(struct model_key *key) {
    if (key->type != MODEL_STRING && key->count == 0) key->is_there = false;
}

void shape_copy(struct model_key *to, const struct model_key *from) {
    to->is_there = from->is_there;
    to->type = from->type;
    to->expiry = from->expiry;
    to->count = 0;
    bytes_set(&to->value, slice_of(&from->value));
    for (uint32_t i = 0; i < shape_count(from); i++) {
        struct model_item *item = shape_insert(to, i, slice_of(&from->items[i].name));
        bytes_set(&item->value, slice_of(&from->items[i].value));
        item->score = from->items[i].score;
        item->expiry = from->items[i].expiry;
    }
}

void shape_expire(struct model_key *key, long long now) {
    for (uint32_t i = shape_count(key); key->type == MODEL_HASH && i-- > 0;) {
        if (key->items[i].expiry && key->items[i].expiry <= now) shape_remove(key, i);
    }
    shape_end(key);
}

void shape_free(struct model_key *key) {
    for (uint32_t i = 0; i < key->room; i++) {
        bytes_free(&key->items[i].name);
        bytes_free(&key->items[i].value);
    }
    free(key->items);
    bytes_free(&key->value);
    key->items = NULL;
    key->count = key->room = 0;
    key->is_there = false;
}

struct model_key *shape_any_key(const struct model_call *call) {
    return &call->model->keys[MODEL_STRINGS + fuzz_below(call->random, MODEL_SHAPES)];
}

struct model_key *shape_pick(const struct model_call *call, enum model_type type) {
    struct model_key *key = shape_any_key(call);
    for (uint32_t tries = fuzz_chance(call->random, 90) ? 6 : 0; tries > 0; tries--) {
        if (key->is_there ? key->type == type : fuzz_chance(call->random, 20)) break;
        key = shape_any_key(call);
    }
    return key;
}

void shape_add_key(const struct model_call *call, const struct model_key *key) {
    request_add(call->request, key->name, key->name_length);
}

bool shape_is_wrong(const struct model_call *call, const struct model_key *key, enum model_type type) {
    if (!key->is_there || key->type == type) return false;
    shape_answer_error(call, "WRONGTYPE Operation against a key holding the wrong kind of value");
    return true;
}

struct model_key *shape_command(const struct model_call *call, enum model_type type, const char *command) {
    struct model_key *key = shape_pick(call, type);
    request_text(call->request, command);
    shape_add_key(call, key);
    return key;
}

static void add_long_name(const struct model_call *call, uint32_t which, size_t length) {
    char *at = bytes_room(&call->request->bytes, length);
    memset(at, 'a' + (int)which % 26, length);
    call->request->bytes.length += length;
    request_close(call->request);
}

/* Few enough that most are there: integers of each width, texts that look like some, longer than any limit, or odd. */
uint32_t shape_add_name(const struct model_call *call) {
    static const char *const odd[] = {"", "007", "+5", "-0", "1.5", "9223372036854775807", "-9223372036854775808", "32768", "-129",
                                      "9223372036854775808", "\xff\xfe\r\n", "a b"};
    uint32_t number = call->request->count, which = fuzz_below(call->random, 80);
    char text[24];
    if (which < 30) request_number(call->request, (long long)which - 6);
    else if (which < 42) request_text(call->request, odd[which - 30]);
    else if (which < 45) add_long_name(call, which, 65);
    else if (which < 47) add_long_name(call, which, 300);
    else if (which == 47) add_long_name(call, which, call->longest < 5000 ? call->longest : 5000);
    else request_add(call->request, text, (size_t)snprintf(text, sizeof text, "member-%u", which));
    return number;
}

uint32_t shape_add_value(const struct model_call *call) {
    uint32_t number = call->request->count;
    struct words words = {call->longest < 6000 ? call->longest : 6000, 0};
    if (fuzz_chance(call->random, 40)) request_number(call->request, (int)fuzz_below(call->random, 2000) - 1000);
    else if (!word_add(call->request, call->random, &words, "v")) abort();
    return number;
}

long long shape_add_index(const struct model_call *call) {
    static const long long far[] = {100, -100, 1000000, -1000000};
    long long index = (long long)fuzz_below(call->random, 24) - 12;
    if (fuzz_chance(call->random, 10)) index = FUZZ_PICK(call->random, far);
    request_number(call->request, index);
    return index;
}

double shape_add_score(const struct model_call *call) {
    double score = ((int)fuzz_below(call->random, 24) - 8) / 2.0;
    if (fuzz_chance(call->random, 4)) score = INFINITY;
    char text[32];
    request_add(call->request, text, (size_t)snprintf(text, sizeof text, "%.17g", score));
    return score;
}

long long shape_any_seconds(const struct model_call *call) {
    static const long long seconds[] = {1, 2, 10, 60, 100, 1000, 100000};
    return FUZZ_PICK(call->random, seconds);
}

struct shape_span shape_span(uint32_t count, long long first, long long last) {
    if (first < 0) first += count;
    if (last < 0) last += count;
    if (first < 0) first = 0;
    if (last >= count) last = (long long)count - 1;
    if (first > last) return (struct shape_span){0, 0};
    return (struct shape_span){(uint32_t)first, (uint32_t)last + 1};
}

void shape_answer_number(const struct model_call *call, long long number) {
    answer_text_number(call->expected, number);
}

void shape_answer_bulk(const struct model_call *call, struct rd_slice bytes) {
    answer_text_bulk(call->expected, bytes.bytes, bytes.length);
}

static void add_score(struct bytes *text, double score) {
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%.17g", score);
    answer_text_bulk(text, digits, (size_t)length);
}

void shape_answer_score(const struct model_call *call, double score) {
    add_score(call->expected, score);
}

void shape_answer_error(const struct model_call *call, const char *error) {
    bytes_text(call->expected, "-");
    bytes_text(call->expected, error);
    bytes_text(call->expected, " ");
}

void shape_answer_unordered(const struct model_call *call, const struct model_key *key, enum shape_parts parts) {
    static struct answer_groups groups;
    answer_groups_clear(&groups);
    for (uint32_t i = 0; i < shape_count(key); i++) {
        const struct model_item *item = &key->items[i];
        if (parts != SHAPE_VALUES) answer_text_bulk(&groups.text, item->name.at, item->name.length);
        if (parts == SHAPE_VALUES || parts == SHAPE_BOTH) answer_text_bulk(&groups.text, item->value.at, item->value.length);
        if (parts == SHAPE_SCORES) add_score(&groups.text, item->score);
        answer_groups_close(&groups);
    }
    call->whole->group = parts == SHAPE_BOTH || parts == SHAPE_SCORES ? 2 : 1;
    answer_groups_sort(&groups, call->whole->group, call->expected);
}

void shape_scan(const struct model_call *call, enum model_type type) {
    static const char *const words[] = {[MODEL_HASH] = "hscan", [MODEL_SET] = "sscan", [MODEL_ZSET] = "zscan"};
    struct model_key *key = shape_pick(call, type);
    bool is_bare = type == MODEL_HASH && fuzz_chance(call->random, 50);
    request_text(call->request, words[type]);
    shape_add_key(call, key);
    request_text(call->request, "0");
    request_text(call->request, "count");
    request_text(call->request, "100000");
    if (is_bare) request_text(call->request, "novalues");
    if (shape_is_wrong(call, key, type)) return;
    answer_text_array(call->expected, 2);
    answer_text_bulk(call->expected, "0", 1);
    shape_answer_unordered(call, key, type == MODEL_SET || is_bare ? SHAPE_NAMES : type == MODEL_ZSET ? SHAPE_SCORES : SHAPE_BOTH);
}

void shape_remove_some(const struct model_call *call, enum model_type type, const char *command) {
    struct model_key *key = shape_command(call, type, command);
    uint32_t names = 1 + fuzz_below(call->random, fuzz_chance(call->random, 10) ? 40 : 4);
    for (uint32_t i = 0; i < names; i++) (void)shape_add_name(call);
    if (shape_is_wrong(call, key, type)) return;
    long long removed = 0;
    for (uint32_t i = 0; i < names; i++) {
        uint32_t at = shape_find(key, shape_argument(call, 2 + i));
        if (at == SHAPE_NONE) continue;
        shape_remove(key, at);
        removed++;
    }
    shape_end(key);
    shape_answer_number(call, removed);
}

/* What comes before the first that is there is nothing, and what comes behind it is not looked at. */
struct model_key *shape_pop_of_several(const struct model_call *call, enum model_type type, const char *command, const char *side,
                                       uint32_t *wanted) {
    uint32_t count = 1 + fuzz_below(call->random, 3);
    struct model_key *key = NULL;
    *wanted = 1;
    request_text(call->request, command);
    request_number(call->request, count);
    for (uint32_t i = 0; i < count; i++) {
        struct model_key *one = shape_pick(call, type);
        shape_add_key(call, one);
        if (!key && one->is_there) key = one;
    }
    request_text(call->request, side);
    if (fuzz_chance(call->random, 50)) {
        request_text(call->request, "count");
        request_number(call->request, *wanted = 1 + fuzz_below(call->random, 5));
    }
    if (!key) answer_text_null(call->expected);
    if (!key || shape_is_wrong(call, key, type)) return NULL;
    answer_text_array(call->expected, 2);
    answer_text_bulk(call->expected, key->name, key->name_length);
    return key;
}

void shape_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {
        shape_hash_request, shape_hash_request, shape_hash_time_request, shape_set_request, shape_set_request, shape_list_request,
        shape_list_request, shape_list_move_request, shape_zset_request, shape_zset_request, shape_zset_range_request,
        shape_key_request,
    };
    FUZZ_PICK(call->random, all)(call);
}
