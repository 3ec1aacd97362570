/* This file owns the dice: the same seed throws the same numbers. */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct fuzz_random {
    uint64_t state;
};

/* splitmix64, https://prng.di.unimi.it/splitmix64.c */
static inline uint64_t fuzz_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t fuzz_next(struct fuzz_random *random) {
    return fuzz_mix(random->state += 0x9e3779b97f4a7c15u);
}

/* 0 .. n - 1 */
static inline uint32_t fuzz_below(struct fuzz_random *random, uint32_t n) {
    return (uint32_t)(fuzz_next(random) % n);
}

static inline bool fuzz_chance(struct fuzz_random *random, uint32_t percent) {
    return fuzz_below(random, 100) < percent;
}

/* The dice of one action: those of the others do not depend on whether it is left out. */
static inline struct fuzz_random fuzz_random_of(uint64_t seed, uint64_t number) {
    return (struct fuzz_random){fuzz_mix(seed * 0x9e3779b97f4a7c15u + number + 1)};
}

#define FUZZ_PICK(random, array) ((array)[fuzz_below((random), sizeof(array) / sizeof(array)[0])])

#endif
