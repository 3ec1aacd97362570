/* This file owns counting and finding bits. */
#include "command/bits.h"

bool rd_bits_offset(struct rd_call *call, struct rd_slice argument, unsigned field_bits, uint64_t *offset) {
    bool in_fields = field_bits && argument.length && argument.bytes[0] == '#';
    int64_t value;
    bool valid = rd_parse_i64(argument.bytes + in_fields, argument.length - in_fields, &value) && value >= 0;
    if (in_fields) valid = valid && !__builtin_mul_overflow(value, (int64_t)field_bits, &value);
    if (!valid || (uint64_t)value >> 3 >= rd_call_value_limit(call)) {
        rd_reply_fail(call->reply, "ERR bit offset is not an integer or out of range");
        return false;
    }
    *offset = (uint64_t)value;
    return true;
}

/* Eight bytes as a number whose highest bit is the first of the string. */
static uint64_t load(const char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return __builtin_bswap64(word);
}

static bool bit_at(const char *bytes, uint64_t offset) {
    return (unsigned char)bytes[offset >> 3] >> (7 - (offset & 7)) & 1;
}

uint64_t rd_bits_count(const char *bytes, uint64_t first, uint64_t end) {
    uint64_t count = 0;
    for (; first < end && first & 7; first++) count += bit_at(bytes, first);
    for (; end - first >= 64; first += 64) count += (uint64_t)__builtin_popcountll(load(bytes + (first >> 3)));
    for (; end - first >= 8; first += 8) {
        count += (uint64_t)__builtin_popcount((unsigned char)bytes[first >> 3]);
    }
    for (; first < end; first++) count += bit_at(bytes, first);
    return count;
}

uint64_t rd_bits_find(const char *bytes, unsigned bit, uint64_t first, uint64_t end) {
    for (; first < end && first & 7; first++) {
        if (bit_at(bytes, first) == bit) return first;
    }
    for (; end - first >= 64; first += 64) {
        uint64_t word = load(bytes + (first >> 3));
        if (!bit) word = ~word;
        if (word) return first + (uint64_t)__builtin_clzll(word);
    }
    for (; first < end; first++) {
        if (bit_at(bytes, first) == bit) return first;
    }
    return end;
}
