/* This file owns decimal integers: strict parsing as Redis's string2ll, fast formatting. */
#ifndef RD_NUMBER_H
#define RD_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RD_I64_DIGITS 20 /* "-9223372036854775808" */

/* Accepts what prints back to itself only: no sign but '-', no leading zero, no space, 64-bit range. */
bool rd_parse_i64(const char *text, size_t length, int64_t *value);
/* The same for 0..2^64-1. */
bool rd_parse_u64(const char *text, size_t length, uint64_t *value);

extern const char rd_digit_pairs[201];

/* Writes value in decimal at out (20 bytes of room); returns the end. */
static inline char *rd_format_u64(char *out, uint64_t value) {
    if (value < 10) {
        *out = (char)('0' + value);
        return out + 1;
    }
    if (value < 100) {
        memcpy(out, rd_digit_pairs + value * 2, 2);
        return out + 2;
    }
    if (value < 10000) { /* most lengths of values */
        char four[5] = {0};
        memcpy(four, rd_digit_pairs + value / 100 * 2, 2);
        memcpy(four + 2, rd_digit_pairs + value % 100 * 2, 2);
        bool three = value < 1000;
        memcpy(out, four + three, 4);
        return out + 4 - three;
    }
    char text[RD_I64_DIGITS];
    char *at = text + sizeof text;
    while (value >= 100) {
        at -= 2;
        memcpy(at, rd_digit_pairs + (value % 100) * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(at, rd_digit_pairs + value * 2, 2);
    } else {
        *--at = (char)('0' + value);
    }
    size_t length = (size_t)(text + sizeof text - at);
    memcpy(out, at, length);
    return out + length;
}

static inline char *rd_format_i64(char *out, int64_t value) {
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        *out++ = '-';
        magnitude = 0 - magnitude;
    }
    return rd_format_u64(out, magnitude);
}

#endif
