/* This file owns reading the monotonic clock. */
#ifndef RD_CLOCK_H
#define RD_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t rd_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static inline int64_t rd_microseconds(void) {
    return rd_nanoseconds() / 1000;
}

static inline int64_t rd_monotonic_ms(void) {
    return rd_nanoseconds() / 1000000;
}

#endif
