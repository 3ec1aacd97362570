/* This file owns the small tools as tests see them. */
#include "probe_tools.h"

#include "base/hash.h"
#include "base/number.h"

uint64_t probe_hash(uint64_t k0, uint64_t k1, struct rd_slice bytes) {
    struct rd_hash_seed seed = {k0, k1};
    return rd_hash(&seed, bytes.bytes, bytes.length);
}

bool probe_parse_i64(struct rd_slice text, int64_t *value) {
    return rd_parse_i64(text.bytes, text.length, value);
}

bool probe_parse_u64(struct rd_slice text, uint64_t *value) {
    return rd_parse_u64(text.bytes, text.length, value);
}

size_t probe_format_i64(int64_t value, char *out) {
    return (size_t)(rd_format_i64(out, value) - out);
}
