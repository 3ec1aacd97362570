/* This file owns the small tools as tests see them: the inlined ones need a function to be called. */
#ifndef PROBE_TOOLS_H
#define PROBE_TOOLS_H

#include "redistill_hot.h"

uint64_t probe_hash(uint64_t k0, uint64_t k1, struct rd_slice bytes);

bool probe_parse_i64(struct rd_slice text, int64_t *value);
bool probe_parse_u64(struct rd_slice text, uint64_t *value);
/* Writes at most 20 bytes; returns how many. */
size_t probe_format_i64(int64_t value, char *out);

#endif
