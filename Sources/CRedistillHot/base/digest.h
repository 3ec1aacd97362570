/*
 * This file owns the digest of a value: XXH3 with 64 bits and seed 0, as Redis 8.4's DIGEST and IFDEQ use it.
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
#ifndef RD_DIGEST_H
#define RD_DIGEST_H

#include "redistill_hot.h"

#define RD_DIGEST_DIGITS 16

uint64_t rd_digest(struct rd_slice bytes);
/* The digest as 16 lower-case hexadecimal digits, not terminated. */
void rd_digest_format(struct rd_slice bytes, char *text);

#endif
