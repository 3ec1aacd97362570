/* This file owns XXH3-64, the scalar form. */
#include "base/digest.h"

#include <string.h>

#define P32_1 0x9E3779B1u
#define P32_2 0x85EBCA77u
#define P32_3 0xC2B2AE3Du
#define P64_1 0x9E3779B185EBCA87u
#define P64_2 0xC2B2AE3D27D4EB4Fu
#define P64_3 0x165667B19E3779F9u
#define P64_4 0x85EBCA77C2B2AE63u
#define P64_5 0x27D4EB2F165667C5u
#define SECRET_BYTES 192
#define STRIPE 64
#define SECRET_STEP 8 /* each stripe of a block starts this much further into the secret */
#define STRIPES_PER_BLOCK ((SECRET_BYTES - STRIPE) / SECRET_STEP)

static const unsigned char secret[] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d,
    0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0,
    0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21, 0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0,
    0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b,
    0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac,
    0xd8, 0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51,
    0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34,
    0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb, 0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49,
    0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e, 0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8,
    0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b,
    0x40, 0x7e,
};
_Static_assert(sizeof secret == SECRET_BYTES, "a byte too few would be a zero at the end");

static uint64_t load64(const unsigned char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static uint32_t load32(const unsigned char *p) {
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Both halves of the 128-bit product, folded. */
static uint64_t fold_product(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t avalanche(uint64_t x) {
    x = (x ^ x >> 37) * 0x165667919E3779F9u;
    return x ^ x >> 32;
}

static uint64_t avalanche_xxh64(uint64_t x) {
    x = (x ^ x >> 33) * P64_2;
    x = (x ^ x >> 29) * P64_3;
    return x ^ x >> 32;
}

static uint64_t of_1_to_3(const unsigned char *p, size_t length) {
    uint32_t combined = (uint32_t)p[0] << 16 | (uint32_t)p[length >> 1] << 24 | p[length - 1] | (uint32_t)length << 8;
    return avalanche_xxh64(combined ^ (uint64_t)(load32(secret) ^ load32(secret + 4)));
}

static uint64_t rotate(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static uint64_t of_4_to_8(const unsigned char *p, size_t length) {
    uint64_t input = load32(p + length - 4) + ((uint64_t)load32(p) << 32);
    uint64_t x = input ^ (load64(secret + 8) ^ load64(secret + 16));
    x ^= rotate(x, 49) ^ rotate(x, 24);
    x *= 0x9FB21C651E98DF25u;
    x ^= (x >> 35) + length;
    x *= 0x9FB21C651E98DF25u;
    return x ^ x >> 28;
}

static uint64_t of_9_to_16(const unsigned char *p, size_t length) {
    uint64_t low = load64(p) ^ (load64(secret + 24) ^ load64(secret + 32));
    uint64_t high = load64(p + length - 8) ^ (load64(secret + 40) ^ load64(secret + 48));
    return avalanche(length + __builtin_bswap64(low) + high + fold_product(low, high));
}

static uint64_t mix16(const unsigned char *p, const unsigned char *key) {
    return fold_product(load64(p) ^ load64(key), load64(p + 8) ^ load64(key + 8));
}

static uint64_t of_17_to_128(const unsigned char *p, size_t length) {
    uint64_t sum = length * P64_1;
    for (size_t i = (length - 1) / 32 + 1; i-- > 0;) {
        sum += mix16(p + 16 * i, secret + 32 * i);
        sum += mix16(p + length - 16 * (i + 1), secret + 32 * i + 16);
    }
    return avalanche(sum);
}

static uint64_t of_129_to_240(const unsigned char *p, size_t length) {
    uint64_t sum = length * P64_1;
    for (size_t i = 0; i < 8; i++) sum += mix16(p + 16 * i, secret + 16 * i);
    sum = avalanche(sum);
    for (size_t i = 8; i < length / 16; i++) sum += mix16(p + 16 * i, secret + 16 * (i - 8) + 3);
    sum += mix16(p + length - 16, secret + 136 - 17);
    return avalanche(sum);
}

static void accumulate(uint64_t lanes[8], const unsigned char *p, const unsigned char *key) {
    for (int i = 0; i < 8; i++) {
        uint64_t value = load64(p + 8 * i), keyed = value ^ load64(key + 8 * i);
        lanes[i ^ 1] += value;
        lanes[i] += (keyed & UINT32_MAX) * (keyed >> 32);
    }
}

static void scramble(uint64_t lanes[8]) {
    const unsigned char *key = secret + SECRET_BYTES - STRIPE;
    for (int i = 0; i < 8; i++) {
        lanes[i] = (lanes[i] ^ lanes[i] >> 47 ^ load64(key + 8 * i)) * P32_1;
    }
}

static uint64_t of_long(const unsigned char *p, size_t length) {
    uint64_t lanes[8] = {P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1};
    size_t stripes = (length - 1) / STRIPE; /* the last stripe, whole or not, is taken from the end */
    for (size_t i = 0; i < stripes; i++) {
        accumulate(lanes, p + i * STRIPE, secret + (i % STRIPES_PER_BLOCK) * SECRET_STEP);
        bool ends_block = i % STRIPES_PER_BLOCK == STRIPES_PER_BLOCK - 1;
        if (ends_block) scramble(lanes);
    }
    accumulate(lanes, p + length - STRIPE, secret + SECRET_BYTES - STRIPE - 7);
    uint64_t sum = length * P64_1;
    for (int i = 0; i < 4; i++) {
        const unsigned char *key = secret + 11 + 16 * i;
        sum += fold_product(lanes[2 * i] ^ load64(key), lanes[2 * i + 1] ^ load64(key + 8));
    }
    return avalanche(sum);
}

uint64_t rd_digest(struct rd_slice bytes) {
    const unsigned char *p = (const unsigned char *)bytes.bytes;
    size_t length = bytes.length;
    if (length > 240) return of_long(p, length);
    if (length > 128) return of_129_to_240(p, length);
    if (length > 16) return of_17_to_128(p, length);
    if (length > 8) return of_9_to_16(p, length);
    if (length > 3) return of_4_to_8(p, length);
    if (length > 0) return of_1_to_3(p, length);
    return avalanche_xxh64(load64(secret + 56) ^ load64(secret + 64));
}

void rd_digest_format(struct rd_slice bytes, char *text) {
    uint64_t digest = rd_digest(bytes);
    for (int i = 0; i < RD_DIGEST_DIGITS; i++) text[i] = "0123456789abcdef"[digest >> (60 - 4 * i) & 15];
}
