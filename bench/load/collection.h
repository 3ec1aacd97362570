/*
 * This file owns the commands on hashes, sets and lists. Each key has one of them, of options->width elements: fields of 8
 * bytes with values, members of 8 bytes, or values alone. What a command adds the same operation takes out again, so that
 * they keep their size.
 */
#ifndef BENCH_COLLECTION_H
#define BENCH_COLLECTION_H

#include "operation.h"
#include "options.h"

/* Each fills an operation, which the caller frees. What options->command asks of a collection: */
void bench_collection_main(struct bench_operation *operation, const struct bench_options *options, const char *value);
/* All elements of it. */
void bench_collection_fill(struct bench_operation *operation, const struct bench_options *options, const char *value);

#endif
