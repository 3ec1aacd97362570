/* This file owns the arguments: a kind has a letter or word, and each throw of the dice makes one of that kind. */
#ifndef FUZZ_WORDS_H
#define FUZZ_WORDS_H

#include "random.h"
#include "request.h"

/* What arguments may be like in this run. */
struct words {
    size_t longest;     /* of a value */
    uint32_t clients;   /* ids of connections lie below this */
};

/* A length around one of the thresholds of the source, or a small one. */
size_t word_length(struct fuzz_random *random, const struct words *words);

/* Adds one argument of the kind; false when there is no such kind. */
bool word_add(struct request *request, struct fuzz_random *random, const struct words *words, const char *kind);

/* One of any kind. */
void word_add_any(struct request *request, struct fuzz_random *random, const struct words *words);

#endif
