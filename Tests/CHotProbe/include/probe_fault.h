/*
 * This file owns what goes wrong with the system: in a group of threads, and in every thread that one of them starts,
 * the n-th allocation fails, and the wall clock jumps. What the group has and has not given back is counted, so that a leak shows without a sanitizer.
 *
 * The test's binary is linked with --wrap for what the C targets call (Package.swift); libevent and OpenSSL are told
 * to allocate here. The daemon knows nothing of all this.
 */
#ifndef PROBE_FAULT_H
#define PROBE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct probe_fault;

struct probe_fault *probe_fault_new(void);
void probe_fault_free(struct probe_fault *fault); /* its threads have ended */

/* From here to the other the calling thread is one of the group. */
void probe_fault_enter(struct probe_fault *fault);
void probe_fault_leave(void);

/* The n-th allocation from now on fails, or it and all that come after it. */
void probe_fault_arm(struct probe_fault *fault, uint64_t nth, bool and_all_after);
/* From now on none fails. True when one did. */
bool probe_fault_disarm(struct probe_fault *fault);
/* From now on the group's wall clock is so many seconds ahead of the machine's. */
void probe_fault_set_clock(struct probe_fault *fault, int64_t ahead_s);
/* It stands still at this time until told otherwise; 0: it goes. */
void probe_fault_stop_clock(struct probe_fault *fault, int64_t unix_ms);

/* From the first call on the group's monotonic clock stands, so many milliseconds ahead of where it stood then. */
void probe_fault_set_monotonic(struct probe_fault *fault, int64_t ahead_ms);
/* The monotonic clock of the group goes on as it does, so many milliseconds further than it would have been. */
void probe_fault_jump_monotonic(struct probe_fault *fault, int64_t ms);

/* Where the first failed, as an offset into the binary: for addr2line. */
uint64_t probe_fault_site(const struct probe_fault *fault);

struct probe_fault_held {
    int64_t blocks;      /* of malloc and its like */
    int64_t mapped;      /* bytes, in whole pages */
    int64_t descriptors;
};

/* What the group has and did not give back. */
struct probe_fault_held probe_fault_held(const struct probe_fault *fault);

#endif
