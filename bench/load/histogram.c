/* This file owns the latency histogram. */
#include "histogram.h"

#include <math.h>

uint64_t bench_histogram_top(uint32_t bucket) {
    if (bucket >> BENCH_HISTOGRAM_BITS == 0) return bucket;
    uint32_t doubling = (bucket >> BENCH_HISTOGRAM_BITS) - 1;
    uint64_t within = bucket & ((1u << BENCH_HISTOGRAM_BITS) - 1);
    return (((UINT64_C(1) << BENCH_HISTOGRAM_BITS) + within + 1) << doubling) - 1;
}

void bench_histogram_add(struct bench_histogram *sum, const struct bench_histogram *part) {
    for (uint32_t i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) sum->counts[i] += part->counts[i];
    sum->total += part->total;
    if (part->largest > sum->largest) sum->largest = part->largest;
}

uint64_t bench_histogram_quantile(const struct bench_histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)ceil(share * (double)histogram->total), seen = 0;
    for (uint32_t i = 0; i < BENCH_HISTOGRAM_BUCKETS && wanted > 0; i++) {
        seen += histogram->counts[i];
        uint64_t top = bench_histogram_top(i);
        if (seen >= wanted) return top < histogram->largest ? top : histogram->largest;
    }
    return 0;
}
