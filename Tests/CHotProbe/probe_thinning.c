/* This file owns what tests see of which batches are looked at. */
#include "probe_thinning.h"

#include "observe/thinning.h"

struct probe_thinning probe_thinning_run(uint64_t batches_a_ms, uint64_t items, int64_t for_ms, uint64_t sample,
                                         uint64_t a_ms) {
    struct probe_thinning sum = {0};
    struct rd_thinning thinning = {0};
    rd_thinning_begin(&thinning, 1000);
    for (int64_t now = 1000; now < 1000 + for_ms; now++) {
        for (uint64_t i = 0; i < batches_a_ms; i++) {
            sum.batches++;
            sum.items += items;
            if (!rd_thinning_takes(&thinning, sample, a_ms, now)) continue;
            thinning.items += items;
            sum.seen += items;
            sum.stood_for += items * thinning.ratio * sample;
        }
    }
    return sum;
}
