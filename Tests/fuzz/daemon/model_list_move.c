/* This file owns the model's commands on several lists. */
#include "model_shape.h"

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

static void pop_of_several(const struct model_call *call) {
    uint32_t side = fuzz_below(call->random, 2), wanted;
    struct model_key *key = shape_pop_of_several(call, MODEL_LIST, "lmpop", sides[side], &wanted);
    if (!key) return;
    if (wanted > key->count) wanted = key->count;
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
