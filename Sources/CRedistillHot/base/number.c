/* This file owns the parsing of decimal integers. */
#include "base/number.h"

const char rd_digit_pairs[201] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                 "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                 "8081828384858687888990919293949596979899";

bool rd_parse_u64(const char *text, size_t length, uint64_t *value) {
    if (length == 0 || length > 20) return false;
    if (text[0] == '0' && length > 1) return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned char)text[i] - '0';
        if (digit > 9) return false;
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, digit, &sum)) return false;
    }
    *value = sum;
    return true;
}

bool rd_parse_i64(const char *text, size_t length, int64_t *value) {
    uint64_t magnitude;
    if (length && text[0] == '-') {
        if (length < 2 || text[1] == '0') return false;
        if (!rd_parse_u64(text + 1, length - 1, &magnitude)) return false;
        if (magnitude > (uint64_t)INT64_MAX + 1) return false;
        *value = (int64_t)(0 - magnitude);
        return true;
    }
    if (!rd_parse_u64(text, length, &magnitude) || magnitude > INT64_MAX) return false;
    *value = (int64_t)magnitude;
    return true;
}
