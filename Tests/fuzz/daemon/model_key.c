/* This file owns the model's commands on keys of any type: names, times, other places, payloads, the wrong type. */
#include "model_shape.h"

#include "resp/rdb.h"

static struct model_key *begin(const struct model_call *call, const char *command) {
    struct model_key *key = shape_any_key(call);
    request_text(call->request, command);
    shape_add_key(call, key);
    return key;
}

static void many(const struct model_call *call) {
    static const char *const words[] = {"exists", "touch", "del", "unlink"};
    uint32_t kind = fuzz_below(call->random, 4), count = 1 + fuzz_below(call->random, 3);
    long long found = 0;
    request_text(call->request, words[kind]);
    for (uint32_t i = 0; i < count; i++) {
        struct model_key *key = shape_any_key(call);
        shape_add_key(call, key);
        found += key->is_there;
        if (kind > 1) key->is_there = false;
    }
    shape_answer_number(call, found);
}

static void type(const struct model_call *call) {
    static const char *const types[] = {"string", "hash", "set", "list", "zset"};
    const struct model_key *key = begin(call, "type");
    answer_text_status(call->expected, key->is_there ? types[key->type] : "none");
}

static void expire(const struct model_call *call) {
    static const char *const words[] = {"expire", "pexpire", "expireat", "pexpireat", "persist"};
    uint32_t kind = fuzz_below(call->random, 5);
    struct model_key *key = begin(call, words[kind]);
    long long seconds = fuzz_chance(call->random, 5) ? -1 : shape_any_seconds(call), at = call->now + seconds * 1000;
    if (kind == 0) request_number(call->request, seconds);
    if (kind == 1) request_number(call->request, seconds * 1000);
    if (kind == 2) request_number(call->request, at / 1000), at = at / 1000 * 1000;
    if (kind == 3) request_number(call->request, at);
    bool changes = key->is_there && (kind < 4 || key->expiry);
    shape_answer_number(call, changes);
    if (!changes) return;
    key->expiry = kind < 4 ? at : 0;
    if (kind < 4 && at <= call->now) key->is_there = false;
}

static void ask_expiry(const struct model_call *call) {
    bool is_time = fuzz_chance(call->random, 50);
    const struct model_key *key = begin(call, is_time ? "pexpiretime" : "pttl");
    long long left = is_time ? key->expiry : key->expiry - call->now;
    shape_answer_number(call, !key->is_there ? -2 : !key->expiry ? -1 : left);
}

static void move(const struct model_call *call) {
    static const char *const words[] = {"rename", "renamenx", "copy", "copy"};
    uint32_t kind = fuzz_below(call->random, 4);
    struct model_key *from = begin(call, words[kind]), *to = shape_any_key(call);
    shape_add_key(call, to);
    if (kind == 3) request_text(call->request, "replace");
    if (kind > 1 && from == to) {
        shape_answer_error(call, "ERR source and destination objects are the same");
        return;
    }
    if (!from->is_there && kind < 2) {
        shape_answer_error(call, "ERR no such key");
        return;
    }
    bool moves = from != to && from->is_there && (kind == 0 || kind == 3 || !to->is_there);
    if (kind == 0) answer_text_status(call->expected, "OK");
    else shape_answer_number(call, moves);
    if (!moves) return;
    shape_copy(to, from);
    if (kind < 2) from->is_there = false;
}

/* A payload that was made before, of what is known, under any key. */
static void restore(const struct model_call *call) {
    struct model *model = call->model;
    struct model_key *key = begin(call, "restore");
    bool replaces = fuzz_chance(call->random, 60), has_time = fuzz_chance(call->random, 30);
    long long seconds = shape_any_seconds(call);
    request_number(call->request, has_time ? seconds * 1000 : 0);
    request_add(call->request, model->payload.at, model->payload.length);
    if (replaces) request_text(call->request, "replace");
    if (key->is_there && !replaces) {
        shape_answer_error(call, "BUSYKEY Target key name already exists.");
        return;
    }
    answer_text_status(call->expected, "OK");
    shape_copy(key, &model->dumped);
    key->expiry = has_time ? call->now + seconds * 1000 : 0;
    shape_expire(key, call->now);
}

/* What it says is kept, once that has come. */
static void dump(const struct model_call *call) {
    struct model *model = call->model;
    if (!call->whole || (model->dumped.is_there && model->payload.length == 0)) {
        type(call);
        return;
    }
    const struct model_key *key = begin(call, "dump");
    if (!key->is_there) {
        answer_text_null(call->expected);
        return;
    }
    shape_copy(&model->dumped, key);
    model->payload.length = 0;
    call->whole->is_payload = true;
}

static void dump_or_restore(const struct model_call *call) {
    bool restores = fuzz_chance(call->random, 60);
    if (restores && call->model->payload.length) restore(call);
    else dump(call);
}

/* A value as Redis wrote it in its first versions, of lengths and texts alone. */
static void restore_own(const struct model_call *call) {
    static const char types[] = {RD_RDB_STRING, RD_RDB_HASH, RD_RDB_SET, RD_RDB_LIST};
    static struct bytes payload;
    struct model_key *key = begin(call, "restore");
    enum model_type type = 1 + fuzz_below(call->random, 3);
    static struct model_key made;
    static struct request names;
    made.is_there = false;
    shape_begin(&made, type);
    request_clear(&names);
    struct model_call aside = *call;
    aside.request = &names;
    for (uint32_t i = 1 + fuzz_below(call->random, 30); i > 0; i--) {
        struct rd_slice name = shape_argument(&aside, shape_add_name(&aside));
        if (type != MODEL_LIST && shape_find(&made, name) != SHAPE_NONE) continue;
        bytes_set(&shape_insert(&made, made.count, name)->value, name);
    }
    payload.length = 0;
    bytes_add(&payload, &types[type], 1);
    char count = (char)made.count; /* below 64 it is one byte */
    bytes_add(&payload, &count, 1);
    for (uint32_t i = 0; i < made.count; i++) {
        for (int part = 0; part < (type == MODEL_HASH ? 2 : 1); part++) {
            uint32_t length = (uint32_t)made.items[i].name.length;
            char head[] = {(char)0x80, (char)(length >> 24), (char)(length >> 16), (char)(length >> 8), (char)length};
            bytes_add(&payload, head, sizeof head);
            bytes_add(&payload, made.items[i].name.at, length);
        }
    }
    bytes_room(&payload, RD_RDB_TAIL);
    payload.length = rd_rdb_seal(payload.at, payload.length, RD_RDB_VERSION);
    request_text(call->request, "0");
    request_add(call->request, payload.at, payload.length);
    request_text(call->request, "replace");
    answer_text_status(call->expected, "OK");
    shape_copy(key, &made);
}

/* Over whatever is there. */
static void overwrite(const struct model_call *call) {
    struct model_key *key = begin(call, "set");
    uint32_t value = shape_add_value(call);
    key->is_there = false;
    shape_begin(key, MODEL_STRING);
    bytes_set(&key->value, shape_argument(call, value));
    answer_text_status(call->expected, "OK");
}

static void misuse(const struct model_call *call) {
    static const char *const words[] = {"get", "strlen", "incr", "getdel", "append", "getset", "setrange", "getbit"};
    uint32_t kind = fuzz_below(call->random, 8);
    struct model_key *key = shape_any_key(call);
    if (!key->is_there || key->type == MODEL_STRING) {
        overwrite(call);
        return;
    }
    request_text(call->request, words[kind]);
    shape_add_key(call, key);
    if (kind == 6) request_text(call->request, "1");
    if (kind > 3) request_text(call->request, "1");
    (void)shape_is_wrong(call, key, MODEL_STRING);
}

void shape_key_request(const struct model_call *call) {
    static void (*const all[])(const struct model_call *) = {
        many, type, expire, ask_expiry, move, move, dump_or_restore, dump_or_restore, dump_or_restore, restore_own, misuse,
    };
    FUZZ_PICK(call->random, all)(call);
}
