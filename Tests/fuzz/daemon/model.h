/*
 * This file owns the plain model: what strings with a time to live one client has under its own keys, and what the
 * daemon must answer. It shares no code with the daemon.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "random.h"
#include "request.h"

#define MODEL_KEYS 12

struct model_key {
    char name[512];
    size_t name_length;
    bool is_there;
    struct bytes value;
    long long expiry; /* Unix ms; 0: none */
};

struct model {
    struct model_key keys[MODEL_KEYS];
    bool queueing;
    uint32_t queued;
    struct bytes results; /* of the queued */
};

void model_begin(struct model *model, uint32_t client);
void model_end(struct model *model);

/* Forgets what has expired by now. */
void model_expire(struct model *model, long long now);
/* Makes the next request and says what the answer must be (answer.h's text). `longest` bounds values. */
void model_request(struct model *model, struct fuzz_random *random, long long now, size_t longest,
                   struct request *request, struct bytes *expected);

#endif
