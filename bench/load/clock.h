/* This file owns the time: nanoseconds of the monotonic clock. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

#define BENCH_NS_PER_S INT64_C(1000000000)

static inline int64_t bench_clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * BENCH_NS_PER_S + now.tv_nsec;
}

static inline struct timespec bench_clock_timespec(int64_t ns) {
    return (struct timespec){.tv_sec = ns / BENCH_NS_PER_S, .tv_nsec = ns % BENCH_NS_PER_S};
}

#endif
