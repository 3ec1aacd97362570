/* This file owns the model's transactions, and the choice of its requests; model_string.c what each does. */
#include "model.h"

#include "model_string.h"
#include "answer.h"
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
    for (uint32_t i = 0; i < MODEL_KEYS; i++) bytes_free(&model->keys[i].value);
    bytes_free(&model->results);
}

void model_expire(struct model *model, long long now) {
    for (uint32_t i = 0; i < MODEL_KEYS; i++) {
        struct model_key *key = &model->keys[i];
        if (key->is_there && key->expiry && key->expiry <= now) key->is_there = false;
    }
}

static void begin_or_end(struct model *model, struct fuzz_random *random, struct request *request,
                         struct bytes *expected) {
    if (!model->queueing) {
        model->queueing = true;
        model->queued = 0;
        model->results.length = 0;
        request_text(request, "multi");
        answer_text_status(expected, "OK");
        return;
    }
    /* DISCARD would need the keys as they were; the model has only EXEC. */
    (void)random;
    model->queueing = false;
    request_text(request, "exec");
    answer_text_array(expected, model->queued);
    bytes_add(expected, model->results.at, model->results.length);
}

static void one_request(const struct string_call *call) {
    if (fuzz_chance(call->random, 12)) script_of_model(call);
    else string_request(call);
}

void model_request(struct model *model, struct fuzz_random *random, long long now, size_t longest,
                   struct request *request, struct bytes *expected) {
    request_clear(request);
    expected->length = 0;
    model_expire(model, now);
    if (fuzz_chance(random, model->queueing ? 25 : 5)) {
        begin_or_end(model, random, request, expected);
        return;
    }
    struct string_call call = {model, random, now, longest, request, expected};
    if (!model->queueing) {
        one_request(&call);
        return;
    }
    call.expected = &model->results;
    one_request(&call);
    model->queued++;
    answer_text_status(expected, "QUEUED");
    model_expire(model, now);
}
