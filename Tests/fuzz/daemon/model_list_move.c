/* This file owns the model's commands on several lists. */
#include "model_shape.h"

#define KEYS_MOST 3

static const char *const sides[] = {"left", "right"};

static void move(const struct model_call *call) {
    bool is_old = fuzz_chance(call->random, 30);
    uint32_t from_side = is_old ? 1 : fuzz_below(call->random, 2), to_side = is_old ? 0 : fuzz_below(call->random, 2);
    struct model_key *from = shape_pick(call, MODEL_LIST), *to = shape_pick(call, MODEL_LIST);
    static struct bytes element;
    request_text(call->request, is_old ? "rpoplpush" : "lmove");
    shape_add_key(call, from);
    shape_add_key(call, to);
    if (!is_old) {
        request_text(call->request, sides[from_side]);
        request_text(call->request, sides[to_side]);
    }
    if (!from->is_there) {
        answer_text_null(call->expected);
        return;
    }
    if (shape_is_wrong(call, from, MODEL_LIST) || shape_is_wrong(call, to, MODEL_LIST)) return;
    uint32_t at = from_side ? from->count - 1 : 0;
    bytes_set(&element, slice_of(&from->items[at].name));
    shape_answer_bulk(call, slice_of(&element));
    shape_remove(from, at);
    if (from != to) {
        shape_end(from);
        shape_begin(to, MODEL_LIST);
    }
    (void)shape_insert(to, to_side ? to->count : 0, slice_of(&element));
}

/* The first that is there is popped from: what comes before it is nothing, and what comes behind is not looked at. */
static void pop_of_several(const struct model_call *call) {
    uint32_t count = 1 + fuzz_below(call->random, KEYS_MOST), side = fuzz_below(call->random, 2), wanted = 1;
    struct model_key *keys[KEYS_MOST], *key = NULL;
    request_text(call->request, "lmpop");
    request_number(call->request, count);
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = shape_pick(call, MODEL_LIST);
        shape_add_key(call, keys[i]);
        if (!key && keys[i]->is_there) key = keys[i];
    }
    request_text(call->request, sides[side]);
    if (fuzz_chance(call->random, 50)) {
        request_text(call->request, "count");
        request_number(call->request, wanted = 1 + fuzz_below(call->random, 5));
    }
    if (!key) {
        answer_text_null(call->expected);
        return;
    }
    if (shape_is_wrong(call, key, MODEL_LIST)) return;
    if (wanted > key->count) wanted = key->count;
    answer_text_array(call->expected, 2);
    answer_text_bulk(call->expected, key->name, key->name_length);
    answer_text_array(call->expected, wanted);
    for (uint32_t i = 0; i < wanted; i++) {
        uint32_t at = side ? key->count - 1 : 0;
        shape_answer_bulk(call, slice_of(&key->items[at].name));
        shape_remove(key, at);
    }
    shape_end(key);
}

void shape_list_move_request(const struct model_call *call) {
    if (fuzz_chance(call->random, 70)) move(call);
    else pop_of_several(call);
}
