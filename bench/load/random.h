/* This file owns the random numbers: splitmix64, so that one seed gives the same requests on every machine. */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdint.h>

struct bench_random {
    uint64_t state;
};

static inline uint64_t bench_random_next(struct bench_random *random) {
    uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 to bound - 1, by multiplication: the bias is below 2^-32 for any bound used here. */
static inline uint64_t bench_random_below(struct bench_random *random, uint64_t bound) {
    return (uint64_t)(((unsigned __int128)bench_random_next(random) * bound) >> 64);
}

/* 0 <= x < 1 */
static inline double bench_random_unit(struct bench_random *random) {
    return (double)(bench_random_next(random) >> 11) * 0x1p-53;
}

#endif
