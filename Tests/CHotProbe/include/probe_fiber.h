/* This file owns what tests see of fibers. */
#ifndef PROBE_FIBER_H
#define PROBE_FIBER_H

#include <stdbool.h>
#include <stdint.h>

/* Work that stops so many times in the middle, so many calls deep, keeping sums in each of its frames. */
struct probe_fiber_work {
    uint32_t depth, stops, times; /* done so often on one fiber, one after the other */
};

/* How often it stood still in all; -1 when a frame was not as it was left, or the fiber could not be made. */
int64_t probe_fiber_run(struct probe_fiber_work work);
/* Two fibers by turns, each with floating point, and a rounding mode of its own; true when each kept its own. */
bool probe_fibers_keep_floats(uint32_t turns);
/* The first byte beyond the stack's end can't be touched: a child that does dies by SIGSEGV or SIGBUS. */
bool probe_fiber_is_guarded(void);

#endif
