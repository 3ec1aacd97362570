/* This file owns Redis's glob patterns, as KEYS, SCAN MATCH and CONFIG GET use them. */
#ifndef RD_GLOB_H
#define RD_GLOB_H

#include "redistill_hot.h"

/* True when the pattern matches every key, so that callers can skip matching. */
static inline bool rd_glob_is_all(struct rd_slice pattern) {
    return pattern.length == 1 && pattern.bytes[0] == '*';
}

#endif
