/* This file owns the parts that RESP's requests are made of, and the sizes of what answers them. */
#ifndef BENCH_RESP_H
#define BENCH_RESP_H

#include "operation.h"
#include "options.h"

/* More than the fixed parts of one command of a row have: its header, its name, the headers of key and value, EX. */
#define BENCH_RESP_ROOM ((size_t)160)
/* More than the header before each key, and the line end behind it. */
#define BENCH_RESP_KEY_ROOM ((size_t)16)

void bench_resp_append_key(struct bench_operation *operation);
void bench_resp_append_value(struct bench_operation *operation, const char *value, size_t size);

/* Of an array's or a bulk's header. */
size_t bench_resp_header_size(char kind, size_t number);
/* Of options->value_size bytes as a bulk. */
size_t bench_resp_hit_size(const struct bench_options *options);

#endif
