/* This file owns the model's transactions, and the choice of its requests. */
#include "model.h"

#include "answer.h"
#include "model_shape.h"
#include "model_string.h"
#include "script.h"

void model_begin(struct model *model, uint32_t client) {
    memset(model, 0, sizeof *model);
    for (uint32_t i = 0; i < MODEL_KEYS; i++) {
        struct model_key *key = &model->keys[i];
        int length = snprintf(key->name, sizeof key->name, "m%u:%u:", client, i);
        key->name_length = (size_t)length;
        if (i % 4 == 3) { /* of more than the entry's short form */
            memset(key->name + length, 'k', 240 + i);
            key->name_length += 240 + i;
        }
    }
}

void model_end(struct model *model) {
    for (uint32_t i = 0; i < MODEL_KEYS; i++) shape_free(&model->keys[i]);
    shape_free(&model->dumped);
    bytes_free(&model->payload);
    bytes_free(&model->results);
}

void model_expire(struct model *model, long long now) {
    for (uint32_t i = 0; i < MODEL_KEYS; i++) {
        struct model_key *key = &model->keys[i];
        if (key->is_there && key->expiry && key->expiry <= now) key->is_there = false;
        shape_expire(key, now);
    }
}

static void begin_or_end(struct model *model, struct request *request, struct bytes *expected) {
    if (!model->queueing) {
        model->queueing = true;
        model->queued = 0;
        model->results.length = 0;
        request_text(request, "multi");
        answer_text_status(expected, "OK");
        return;
    }
    /* DISCARD would need the keys as they were; the model has only EXEC. */
    model->queueing = false;
    request_text(request, "exec");
    answer_text_array(expected, model->queued);
    bytes_add(expected, model->results.at, model->results.length);
}

void model_command(const struct model_call *call) {
    if (fuzz_chance(call->random, 35)) string_request(call);
    else shape_request(call);
}

static void one_request(const struct model_call *call) {
    if (fuzz_chance(call->random, 12)) script_of_model(call);
    else model_command(call);
}

void model_request(struct model *model, struct fuzz_random *random, long long now, size_t longest,
                   struct request *request, struct model_answer *answer) {
    request_clear(request);
    answer->text.length = 0;
    answer->group = 0;
    answer->is_payload = false;
    model_expire(model, now);
    if (fuzz_chance(random, model->queueing ? 25 : 5)) {
        begin_or_end(model, request, &answer->text);
        return;
    }
    struct model_call call = {model, random, now, longest, request, &answer->text, answer};
    if (!model->queueing) {
        one_request(&call);
        return;
    }
    call.expected = &model->results;
    call.whole = NULL;
    one_request(&call);
    model->queued++;
    answer_text_status(&answer->text, "QUEUED");
    model_expire(model, now);
}
