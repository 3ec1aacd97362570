/* This file owns reading the clocks, and the processor time of a thread. */
#ifndef RD_CLOCK_H
#define RD_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Who looks at the clock many times a second and finds so much gone was standing still, as by SIGSTOP. */
#define RD_STANDSTILL_MS 500

static inline int64_t rd_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* That the calling thread has run. A system call. */
static inline int64_t rd_thread_microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static inline int64_t rd_microseconds(void) {
    return rd_nanoseconds() / 1000;
}

static inline int64_t rd_monotonic_ms(void) {
    return rd_nanoseconds() / 1000000;
}

static inline int64_t rd_unix_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static inline int64_t rd_unix_ms(void) {
    return rd_unix_us() / 1000;
}

#endif
