/* This file owns measuring what the process has resident, and for how long that was above the limit. */
#ifndef RD_MEASURE_H
#define RD_MEASURE_H

#include "base/settings.h"
#include "memory/feeder.h"
#include "store/store.h"

struct rd_measure {
    /* Immutable; borrowed. */
    struct rd_store *store;
    const struct rd_settings *settings;
    struct rd_feeder *feeder;            /* gives back what the heap holds free */
    bool owns_process;                   /* what is resident is ours */
    /* Any thread reads. */
    _Atomic int64_t over_limit_since_ms; /* monotonic; 0 = it is not above its limit */
    _Atomic uint64_t over_limit_ms;      /* of the times before */
};

/* Tells the store what the process has resident. One thread at a time. */
void rd_measure_take(struct rd_measure *measure);

#endif
