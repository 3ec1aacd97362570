/* This file owns what each string command does to the model and answers. */
#ifndef FUZZ_MODEL_STRING_H
#define FUZZ_MODEL_STRING_H

#include "model.h"

/* Makes one request, runs it, and adds what must be answered. */
void string_request(const struct model_call *call);

#endif
