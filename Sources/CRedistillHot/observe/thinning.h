/*
 * This file owns which batches a sampler looks at: drawn at random, in so many one, that it has no more than so much to
 * do in a millisecond on average. It goes by all batches that come, and by what those that were looked at held: these
 * are few, and may hold a thousand times as much as is allowed in a millisecond.
 */
#ifndef RD_THINNING_H
#define RD_THINNING_H

#include <stdbool.h>
#include <stdint.h>

/* One thread's. Zeroed, it is ready for rd_thinning_begin. */
struct rd_thinning {
    uint64_t ratio;      /* of what is asked for, one in so many is looked at: each stands for as many; 1 or more */
    uint64_t skip;       /* batches before the next that is looked at */
    uint64_t random;
    int64_t since_ms;    /* since when batches are counted for the next ratio */
    uint64_t batches;    /* that came since then */
    uint64_t items;      /* in the batch that is looked at, so far */
    uint64_t average_16; /* sixteenths of an item in one that is looked at, the last ones more than those before */
    bool looks;          /* at the last batch */
};

/* At first, all are looked at. `now` is monotonic, in ms. */
void rd_thinning_begin(struct rd_thinning *thinning, int64_t now);
/* At a batch's begin: is it looked at? One in `sample` is asked for (1: all), and no more than `a_ms` items in a ms. */
bool rd_thinning_takes(struct rd_thinning *thinning, uint64_t sample, uint64_t a_ms, int64_t now);

#endif
