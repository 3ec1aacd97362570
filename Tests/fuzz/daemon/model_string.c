/* This file owns the model's string commands. */
#include "model_string.h"

#include <limits.h>

#include "answer.h"
#include "words.h"

static struct model_key *any_key(const struct model_call *call) {
    struct model_key *key = &call->model->keys[fuzz_below(call->random, MODEL_STRINGS)];
    return key;
}

static void add_key(const struct model_call *call, const struct model_key *key) {
    request_add(call->request, key->name, key->name_length);
}

/* A value for a request; borrowed until the next. Some are numbers. */
static struct rd_slice add_value(const struct model_call *call) {
    struct words words = {call->longest, 0};
    if (fuzz_chance(call->random, 30)) request_number(call->request, (int)fuzz_below(call->random, 2000) - 1000);
    else if (!word_add(call->request, call->random, &words, "v")) abort();
    return request_argument(call->request, call->request->count - 1);
}

static void put(struct model_key *key, struct rd_slice value, long long expiry) {
    key->value.length = 0;
    bytes_add(&key->value, value.bytes, value.length);
    key->is_there = true;
    key->expiry = expiry;
}

static void answer_value(const struct model_call *call, const struct model_key *key) {
    if (key->is_there) answer_text_bulk(call->expected, key->value.at, key->value.length);
    else answer_text_null(call->expected);
}

static void answer_number(const struct model_call *call, long long number) {
    answer_text_number(call->expected, number);
}

static void answer_ok(const struct model_call *call) {
    answer_text_status(call->expected, "OK");
}

/* Seconds that the clock of this run either leaves far behind, or does not reach. */
static long long any_seconds(const struct model_call *call) {
    static const long long seconds[] = {1, 2, 10, 60, 100, 1000, 100000};
    return FUZZ_PICK(call->random, seconds);
}

static void get(const struct model_call *call) {
    struct model_key *key = any_key(call);
    request_text(call->request, "get");
    add_key(call, key);
    answer_value(call, key);
}

static void set(const struct model_call *call) {
    struct model_key *key = any_key(call);
    request_text(call->request, "set");
    add_key(call, key);
    uint32_t value_at = call->request->count;
    (void)add_value(call);
    long long expiry = 0;
    bool keeps = false, gets = false;
    uint32_t condition = 0; /* 1 NX, 2 XX */
    if (fuzz_chance(call->random, 40)) {
        uint32_t kind = fuzz_below(call->random, 5);
        long long seconds = any_seconds(call);
        static const char *const words[] = {"ex", "px", "exat", "pxat", "keepttl"};
        request_text(call->request, words[kind]);
        long long at = call->now + seconds * 1000;
        if (kind == 0) request_number(call->request, seconds);
        if (kind == 1) request_number(call->request, seconds * 1000);
        if (kind == 2) request_number(call->request, at /= 1000);
        if (kind == 3) request_number(call->request, at);
        keeps = kind == 4;
        expiry = keeps ? 0 : kind == 2 ? at * 1000 : at;
    }
    if (fuzz_chance(call->random, 20)) {
        condition = 1 + fuzz_below(call->random, 2);
        request_text(call->request, condition == 1 ? "nx" : "xx");
    }
    if (fuzz_chance(call->random, 20)) {
        gets = true;
        request_text(call->request, "get");
    }
    if (gets) answer_value(call, key);
    if ((condition == 1 && key->is_there) || (condition == 2 && !key->is_there)) {
        if (!gets) answer_text_null(call->expected);
        return;
    }
    if (keeps && key->is_there) expiry = key->expiry;
    put(key, request_argument(call->request, value_at), expiry);
    if (expiry && expiry <= call->now) key->is_there = false;
    if (!gets) answer_ok(call);
}

static void set_simply(const struct model_call *call) {
    struct model_key *key = any_key(call);
    uint32_t kind = fuzz_below(call->random, 4);
    static const char *const words[] = {"setnx", "getset", "setex", "psetex"};
    request_text(call->request, words[kind]);
    add_key(call, key);
    long long seconds = any_seconds(call);
    if (kind == 2) request_number(call->request, seconds);
    if (kind == 3) request_number(call->request, seconds * 1000);
    struct rd_slice value = add_value(call);
    if (kind == 0) answer_number(call, !key->is_there);
    if (kind == 1) answer_value(call, key);
    if (kind > 1) answer_ok(call);
    if (kind == 0 && key->is_there) return;
    put(key, value, kind > 1 ? call->now + seconds * 1000 : 0);
}

static void append(const struct model_call *call) {
    struct model_key *key = any_key(call);
    request_text(call->request, "append");
    add_key(call, key);
    struct rd_slice more = add_value(call);
    if (!key->is_there) put(key, (struct rd_slice){"", 0}, 0);
    bytes_add(&key->value, more.bytes, more.length);
    answer_number(call, (long long)key->value.length);
}

static void setrange(const struct model_call *call) {
    struct model_key *key = any_key(call);
    static const size_t offsets[] = {0, 1, 5, 11, 12, 100, 255, 256, 1092, 4096, 32767, 32768};
    size_t offset = FUZZ_PICK(call->random, offsets);
    request_text(call->request, "setrange");
    add_key(call, key);
    request_number(call->request, (long long)offset);
    struct rd_slice more = add_value(call);
    if (more.length == 0) {
        answer_number(call, key->is_there ? (long long)key->value.length : 0);
        return;
    }
    if (!key->is_there) put(key, (struct rd_slice){"", 0}, 0);
    while (key->value.length < offset + more.length) bytes_add(&key->value, "", 1);
    memcpy(key->value.at + offset, more.bytes, more.length);
    answer_number(call, (long long)key->value.length);
}

static void getrange(const struct model_call *call) {
    struct model_key *key = any_key(call);
    static const long long places[] = {0, 1, 2, 10, 255, 256, 4095, 32768, 65536, 1000000, -1, -2, -10, -256, -40000};
    long long start = FUZZ_PICK(call->random, places), end = FUZZ_PICK(call->random, places);
    request_text(call->request, "getrange");
    add_key(call, key);
    request_number(call->request, start);
    request_number(call->request, end);
    long long length = key->is_there ? (long long)key->value.length : 0;
    bool is_empty = start < 0 && end < 0 && start > end;
    if (start < 0) start += length;
    if (end < 0) end += length;
    if (start < 0) start = 0;
    if (end < 0) end = 0;
    if (end >= length) end = length - 1;
    is_empty = is_empty || start > end || length == 0;
    if (is_empty) answer_text_bulk(call->expected, "", 0);
    else answer_text_bulk(call->expected, key->value.at + start, (size_t)(end - start + 1));
}

/* As Redis reads a stored number: at most 20 characters, no sign but -, no leading zero. */
static bool is_number(const struct model_key *key, long long *number) {
    char text[24], again[24], *end;
    if (!key->is_there) return (*number = 0, true);
    if (key->value.length == 0 || key->value.length > 20) return false;
    memcpy(text, key->value.at, key->value.length);
    text[key->value.length] = 0;
    if (strlen(text) != key->value.length) return false;
    *number = strtoll(text, &end, 10);
    snprintf(again, sizeof again, "%lld", *number);
    return *end == 0 && strcmp(text, again) == 0;
}

static void increment(const struct model_call *call) {
    struct model_key *key = any_key(call);
    uint32_t kind = fuzz_below(call->random, 4);
    static const char *const words[] = {"incr", "decr", "incrby", "decrby"};
    static const long long steps[] = {1, 2, -5, 1000000, LLONG_MAX, -LLONG_MAX};
    long long step = kind < 2 ? 1 : FUZZ_PICK(call->random, steps), number, sum;
    request_text(call->request, words[kind]);
    add_key(call, key);
    if (kind > 1) request_number(call->request, step);
    if (!is_number(key, &number)) {
        bytes_text(call->expected, "-ERR value is not an integer or out of range ");
        return;
    }
    if (kind % 2 == 1) step = -step;
    if (__builtin_add_overflow(number, step, &sum)) {
        bytes_text(call->expected, "-ERR increment or decrement would overflow ");
        return;
    }
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", sum);
    put(key, (struct rd_slice){text, (size_t)length}, key->is_there ? key->expiry : 0);
    answer_number(call, sum);
}

static void many(const struct model_call *call) {
    static const char *const words[] = {"mget", "exists", "del", "unlink", "touch"};
    uint32_t kind = fuzz_below(call->random, 5), count = 1 + fuzz_below(call->random, 8);
    request_text(call->request, words[kind]);
    if (kind == 0) answer_text_array(call->expected, count);
    long long found = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct model_key *key = any_key(call);
        add_key(call, key);
        found += key->is_there;
        if (kind == 0) answer_value(call, key);
        if (kind == 2 || kind == 3) key->is_there = false;
    }
    if (kind > 0) answer_number(call, found);
}

static void mset(const struct model_call *call) {
    uint32_t count = 1 + fuzz_below(call->random, 4), first = fuzz_below(call->random, MODEL_STRINGS);
    bool only_new = fuzz_chance(call->random, 30), is_any = false;
    request_text(call->request, only_new ? "msetnx" : "mset");
    struct model_key *keys[4];
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = &call->model->keys[(first + i) % MODEL_STRINGS];
        is_any |= keys[i]->is_there;
        add_key(call, keys[i]);
        (void)add_value(call);
    }
    if (only_new) answer_number(call, !is_any);
    else answer_ok(call);
    if (only_new && is_any) return;
    for (uint32_t i = 0; i < count; i++) put(keys[i], request_argument(call->request, 2 + 2 * i), 0);
}

static void take(const struct model_call *call) {
    struct model_key *key = any_key(call);
    uint32_t kind = fuzz_below(call->random, 4);
    static const char *const words[] = {"getdel", "strlen", "type", "get"};
    request_text(call->request, words[kind]);
    add_key(call, key);
    if (kind == 0 || kind == 3) answer_value(call, key);
    if (kind == 1) answer_number(call, key->is_there ? (long long)key->value.length : 0);
    if (kind == 2) answer_text_status(call->expected, key->is_there ? "string" : "none");
    if (kind == 0) key->is_there = false;
}

static void move(const struct model_call *call) {
    struct model_key *from = any_key(call), *to = any_key(call);
    uint32_t kind = fuzz_below(call->random, 4);
    static const char *const words[] = {"rename", "renamenx", "copy", "copy"};
    request_text(call->request, words[kind]);
    add_key(call, from);
    add_key(call, to);
    if (kind == 3) request_text(call->request, "replace");
    if (kind > 1 && from == to) {
        bytes_text(call->expected, "-ERR source and destination objects are the same ");
        return;
    }
    if (!from->is_there && kind < 2) {
        bytes_text(call->expected, "-ERR no such key ");
        return;
    }
    bool moves = from->is_there && (kind == 0 || kind == 3 || !to->is_there);
    if (from == to) moves = false;
    if (kind == 0) answer_ok(call);
    else answer_number(call, moves);
    if (!moves) return;
    put(to, (struct rd_slice){from->value.at, from->value.length}, from->expiry);
    if (kind < 2) from->is_there = false;
}

static void expire(const struct model_call *call) {
    struct model_key *key = any_key(call);
    uint32_t kind = fuzz_below(call->random, 4), condition = fuzz_below(call->random, 8);
    static const char *const words[] = {"expire", "pexpire", "expireat", "pexpireat"};
    long long seconds = fuzz_chance(call->random, 10) ? -1 : any_seconds(call), at = call->now + seconds * 1000;
    request_text(call->request, words[kind]);
    add_key(call, key);
    if (kind == 0) request_number(call->request, seconds);
    if (kind == 1) request_number(call->request, seconds * 1000);
    if (kind == 2) request_number(call->request, at / 1000), at = at / 1000 * 1000;
    if (kind == 3) request_number(call->request, at);
    static const char *const conditions[] = {"nx", "xx", "gt", "lt"};
    if (condition < 4) request_text(call->request, conditions[condition]);
    bool sets = key->is_there;
    if (condition == 0) sets = sets && !key->expiry;
    if (condition == 1) sets = sets && key->expiry;
    if (condition == 2) sets = sets && key->expiry && at > key->expiry;
    if (condition == 3) sets = sets && (!key->expiry || at < key->expiry);
    answer_number(call, sets);
    if (!sets) return;
    key->expiry = at;
    if (at <= call->now) key->is_there = false;
}

static void ask_expiry(const struct model_call *call) {
    struct model_key *key = any_key(call);
    uint32_t kind = fuzz_below(call->random, 5);
    static const char *const words[] = {"ttl", "pttl", "expiretime", "pexpiretime", "persist"};
    request_text(call->request, words[kind]);
    add_key(call, key);
    if (kind == 4) {
        answer_number(call, key->is_there && key->expiry);
        key->expiry = 0;
        return;
    }
    long long answer = !key->is_there ? -2 : !key->expiry ? -1 : 0;
    if (answer == 0) {
        long long left = key->expiry - call->now;
        answer = kind == 0 ? (left + 500) / 1000 : kind == 1 ? left : kind == 2 ? key->expiry / 1000 : key->expiry;
        if (kind == 2) answer = (key->expiry + 500) / 1000;
    }
    answer_number(call, answer);
}

static void getex(const struct model_call *call) {
    struct model_key *key = any_key(call);
    uint32_t kind = fuzz_below(call->random, 4);
    long long seconds = any_seconds(call);
    request_text(call->request, "getex");
    add_key(call, key);
    static const char *const words[] = {"ex", "px", "persist"};
    if (kind < 3) request_text(call->request, words[kind]);
    if (kind == 0) request_number(call->request, seconds);
    if (kind == 1) request_number(call->request, seconds * 1000);
    answer_value(call, key);
    if (kind < 2) key->expiry = call->now + seconds * 1000;
    if (kind == 2) key->expiry = 0;
}

void string_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {
        get, get, set, set, set, set_simply, append, setrange, getrange, increment, many, mset, take, move, expire,
        ask_expiry, getex,
    };
    FUZZ_PICK(call->random, all)(call);
}
