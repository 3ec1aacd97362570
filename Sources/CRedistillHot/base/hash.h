/*
 * This file owns the key hash: SipHash-1-3 with a random 128-bit seed, so that nobody outside can choose keys that
 * meet in one bucket (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; 1-3 is what Rust and CPython use).
 */
#ifndef RD_HASH_H
#define RD_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd_hash_seed {
    uint64_t k0, k1;
};

static inline uint64_t rd_rotate_left(uint64_t x, int bits) {
    return (x << bits) | (x >> (64 - bits));
}

#define RD_SIP_ROUND                                                                          \
    do {                                                                                      \
        v0 += v1; v1 = rd_rotate_left(v1, 13); v1 ^= v0; v0 = rd_rotate_left(v0, 32);         \
        v2 += v3; v3 = rd_rotate_left(v3, 16); v3 ^= v2;                                      \
        v0 += v3; v3 = rd_rotate_left(v3, 21); v3 ^= v0;                                      \
        v2 += v1; v1 = rd_rotate_left(v1, 17); v1 ^= v2; v2 = rd_rotate_left(v2, 32);         \
    } while (0)

static inline uint64_t rd_hash(const struct rd_hash_seed *seed, const char *bytes, size_t length) {
    uint64_t v0 = seed->k0 ^ 0x736f6d6570736575u, v1 = seed->k1 ^ 0x646f72616e646f6du;
    uint64_t v2 = seed->k0 ^ 0x6c7967656e657261u, v3 = seed->k1 ^ 0x7465646279746573u;
    size_t left = length;
    uint64_t word;
    for (; left >= 8; left -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        v3 ^= word;
        RD_SIP_ROUND;
        v0 ^= word;
    }
    word = (uint64_t)length << 56;
    if (left >= 4) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + left - 4, 4); /* overlaps low, which it then repeats at the same place */
        word |= low | (uint64_t)high << (8 * (left - 4));
    } else if (left) {
        word |= (uint64_t)(unsigned char)bytes[0] | (uint64_t)(unsigned char)bytes[left >> 1] << (8 * (left >> 1)) |
                (uint64_t)(unsigned char)bytes[left - 1] << (8 * (left - 1));
    }
    v3 ^= word;
    RD_SIP_ROUND;
    v0 ^= word;
    v2 ^= 0xff;
    RD_SIP_ROUND;
    RD_SIP_ROUND;
    RD_SIP_ROUND;
    return v0 ^ v1 ^ v2 ^ v3;
}

/* Fills the seed from the kernel's random source. Never fails: it waits for the source at boot. */
void rd_hash_seed_random(struct rd_hash_seed *seed);

#endif
