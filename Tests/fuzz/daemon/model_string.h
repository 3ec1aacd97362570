/* This file owns what each string command does to the model and answers. */
#ifndef FUZZ_MODEL_STRING_H
#define FUZZ_MODEL_STRING_H

#include "model.h"

struct string_call {
    struct model *model;
    struct fuzz_random *random;
    long long now;
    size_t longest;
    struct request *request;
    struct bytes *expected;
};

/* Makes one request, runs it, and adds what must be answered. */
void string_request(const struct string_call *call);

#endif
