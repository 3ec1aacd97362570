/*
 * This file owns what the bit commands share: offsets as arguments, and ranges of bytes or bits within a string.
 * Bit 0 is the highest of the first byte, as in Redis.
 */
#ifndef RD_BITS_H
#define RD_BITS_H

#include "call/handler.h"

/*
 * Reads a bit offset; with field_bits, "#3" counts in fields of that width. Writes Redis's error and returns false
 * when it is none, or beyond the longest string.
 */
bool rd_bits_offset(struct rd_call *call, struct rd_slice argument, unsigned field_bits, uint64_t *offset);

/* The bit, 0 beyond the end. */
static inline unsigned rd_bits_get(struct rd_slice bytes, uint64_t offset) {
    uint64_t byte = offset >> 3;
    return byte < bytes.length ? (unsigned char)bytes.bytes[byte] >> (7 - (offset & 7)) & 1 : 0;
}

/* How many bits from `first` up to, not including, `end` are set; both within the bytes. */
uint64_t rd_bits_count(const char *bytes, uint64_t first, uint64_t end);

/* The first bit from `first` up to, not including, `end` that is `bit`; `end` when there is none. */
uint64_t rd_bits_find(const char *bytes, unsigned bit, uint64_t first, uint64_t end);

#endif
