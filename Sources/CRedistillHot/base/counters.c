/* This file owns summing and resetting counters. */
#include "base/counters.h"

void rd_counters_add_to(const struct rd_counters *counters, struct rd_statistics *statistics) {
#define ADD(name, field) statistics->field += rd_counter_get(&counters->name);
#define RAISE(name, field)                                                  \
    {                                                                       \
        uint64_t value = rd_counter_get(&counters->name);                   \
        if (value > statistics->field) statistics->field = value;           \
    }
    RD_COUNTERS(ADD, ADD, RAISE)
#undef ADD
#undef RAISE
}

void rd_counters_reset(struct rd_counters *counters) {
#define RESET(name, field) rd_counter_set(&counters->name, 0);
#define KEEP(name, field)
    RD_COUNTERS(RESET, KEEP, KEEP)
#undef RESET
#undef KEEP
}
