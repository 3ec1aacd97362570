/*
 * This file owns the latency histogram: log-linear, so that every value is kept to within 1/128 of itself at a fixed
 * size and a few instructions per record.
 *
 *   value < 128:   one bucket per nanosecond
 *   otherwise:     128 buckets for each doubling: [128,256) by 1, [256,512) by 2, [512,1024) by 4, ...
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define BENCH_HISTOGRAM_BITS 7
#define BENCH_HISTOGRAM_BUCKETS ((64 - BENCH_HISTOGRAM_BITS + 1) << BENCH_HISTOGRAM_BITS)

/* All zero is empty. */
struct bench_histogram {
    uint64_t counts[BENCH_HISTOGRAM_BUCKETS];
    uint64_t total;
    uint64_t largest;
};

static inline uint32_t bench_histogram_bucket(uint64_t value) {
    if (value >> BENCH_HISTOGRAM_BITS == 0) return (uint32_t)value;
    uint32_t doubling = 63 - (uint32_t)__builtin_clzll(value) - BENCH_HISTOGRAM_BITS;
    uint32_t within = (uint32_t)(value >> doubling) & ((1u << BENCH_HISTOGRAM_BITS) - 1);
    return ((doubling + 1) << BENCH_HISTOGRAM_BITS) + within;
}

static inline void bench_histogram_record(struct bench_histogram *histogram, uint64_t value) {
    histogram->counts[bench_histogram_bucket(value)]++;
    histogram->total++;
    if (value > histogram->largest) histogram->largest = value;
}

/* The largest value that falls into that bucket. */
uint64_t bench_histogram_top(uint32_t bucket);

void bench_histogram_add(struct bench_histogram *sum, const struct bench_histogram *part);

/* The value that `share` (0..1) of all values do not exceed: the top of its bucket; 0 when empty. */
uint64_t bench_histogram_quantile(const struct bench_histogram *histogram, double share);

#endif
