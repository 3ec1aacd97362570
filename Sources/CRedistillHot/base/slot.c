/* This file owns computing slots. */
#include "base/slot.h"

#include <string.h>

/*
 * What a byte adds that has so many others behind it, for x^16 + x^12 + x^5 + 1 with the highest bit first. A CRC is linear:
 * of a byte it is that of its bits together.
 */
#define ENTRY(i, b0, b1, b2, b3, b4, b5, b6, b7)                                                                      \
    (uint16_t)(((i) & 1 ? b0 : 0) ^ ((i) & 2 ? b1 : 0) ^ ((i) & 4 ? b2 : 0) ^ ((i) & 8 ? b3 : 0) ^                      \
               ((i) & 16 ? b4 : 0) ^ ((i) & 32 ? b5 : 0) ^ ((i) & 64 ? b6 : 0) ^ ((i) & 128 ? b7 : 0))
#define FOUR(i, ...) ENTRY(i, __VA_ARGS__), ENTRY(i + 1, __VA_ARGS__), ENTRY(i + 2, __VA_ARGS__), ENTRY(i + 3, __VA_ARGS__)
#define SIXTEEN(i, ...) FOUR(i, __VA_ARGS__), FOUR(i + 4, __VA_ARGS__), FOUR(i + 8, __VA_ARGS__), FOUR(i + 12, __VA_ARGS__)
#define SIXTY_FOUR(i, ...) \
    SIXTEEN(i, __VA_ARGS__), SIXTEEN(i + 16, __VA_ARGS__), SIXTEEN(i + 32, __VA_ARGS__), SIXTEEN(i + 48, __VA_ARGS__)
#define TABLE(...) \
    {SIXTY_FOUR(0, __VA_ARGS__), SIXTY_FOUR(64, __VA_ARGS__), SIXTY_FOUR(128, __VA_ARGS__), SIXTY_FOUR(192, __VA_ARGS__)}
static const uint16_t tables[8][256] = {
    TABLE(0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462, 0x48c4, 0x9188),
    TABLE(0x3331, 0x6662, 0xccc4, 0x89a9, 0x0373, 0x06e6, 0x0dcc, 0x1b98),
    TABLE(0x3730, 0x6e60, 0xdcc0, 0xa9a1, 0x4363, 0x86c6, 0x1dad, 0x3b5a),
    TABLE(0x76b4, 0xed68, 0xcaf1, 0x85c3, 0x1ba7, 0x374e, 0x6e9c, 0xdd38),
    TABLE(0xaa51, 0x4483, 0x8906, 0x022d, 0x045a, 0x08b4, 0x1168, 0x22d0),
    TABLE(0x45a0, 0x8b40, 0x06a1, 0x0d42, 0x1a84, 0x3508, 0x6a10, 0xd420),
    TABLE(0xb861, 0x60e3, 0xc1c6, 0x93ad, 0x377b, 0x6ef6, 0xddec, 0xabf9),
    TABLE(0x47d3, 0x8fa6, 0x0f6d, 0x1eda, 0x3db4, 0x7b68, 0xf6d0, 0xfd81),
};

static inline uint32_t add_byte(uint32_t crc, uint8_t byte) {
    return (crc << 8 & 0xffff) ^ tables[0][crc >> 8 ^ byte];
}

/* Eight bytes at once, the first one lowest: none of their tables waits for another. */
static inline uint32_t add_word(uint32_t crc, uint64_t word) {
    return (uint32_t)(tables[7][crc >> 8 ^ (word & 0xff)] ^ tables[6][(crc & 0xff) ^ (word >> 8 & 0xff)] ^
                      tables[5][word >> 16 & 0xff] ^ tables[4][word >> 24 & 0xff] ^ tables[3][word >> 32 & 0xff] ^
                      tables[2][word >> 40 & 0xff] ^ tables[1][word >> 48 & 0xff] ^ tables[0][word >> 56]);
}

static inline uint64_t word_at(const char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Has one of the eight bytes an opening brace? */
static inline bool has_brace(uint64_t word) {
    uint64_t x = word ^ 0x7b7b7b7b7b7b7b7bull;
    return ((x - 0x0101010101010101ull) & ~x & 0x8080808080808080ull) != 0;
}

static uint32_t crc_of(struct rd_slice part) {
    const char *at = part.bytes, *end = at + part.length;
    uint32_t crc = 0;
    for (; end - at >= 8; at += 8) crc = add_word(crc, word_at(at));
    for (; at < end; at++) crc = add_byte(crc, (uint8_t)*at);
    return crc;
}

/* What counts of a key with a brace: what is behind it up to the next one that closes, where that is not nothing. */
static struct rd_slice hashed_part(struct rd_slice key, const char *brace) {
    const char *from = brace + 1;
    const char *close = memchr(from, '}', (size_t)(key.bytes + key.length - from));
    if (!close || close == from) return key;
    return (struct rd_slice){from, (size_t)(close - from)};
}

static __attribute__((noinline)) uint32_t slot_of_tagged(struct rd_slice key) {
    const char *brace = memchr(key.bytes, '{', key.length);
    return crc_of(brace ? hashed_part(key, brace) : key) & (RD_SLOTS - 1);
}

/* In one pass as long as there is no brace. */
uint32_t rd_slot_of(struct rd_slice key) {
    const char *at = key.bytes, *end = at + key.length;
    uint32_t crc = 0;
    for (; end - at >= 8; at += 8) {
        uint64_t word = word_at(at);
        if (__builtin_expect(has_brace(word), 0)) return slot_of_tagged(key);
        crc = add_word(crc, word);
    }
    for (; at < end; at++) {
        if (__builtin_expect(*at == '{', 0)) return slot_of_tagged(key);
        crc = add_byte(crc, (uint8_t)*at);
    }
    return crc & (RD_SLOTS - 1);
}
