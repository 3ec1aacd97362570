/* This file owns what tests see of which batches are looked at (thinning.h). */
#ifndef PROBE_THINNING_H
#define PROBE_THINNING_H

#include "redistill_hot.h"

/* What came of batches of so many items each, so many in a millisecond, for so long. */
struct probe_thinning {
    uint64_t batches, items; /* that came */
    uint64_t seen;           /* items of the batches that were looked at */
    uint64_t stood_for;      /* the same, each as many as it stands for */
};

struct probe_thinning probe_thinning_run(uint64_t batches_a_ms, uint64_t items, int64_t for_ms, uint64_t sample, uint64_t a_ms);

#endif
