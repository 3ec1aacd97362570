/* This file owns reading CPU time: the server's and our own. */
#ifndef BENCH_CPU_H
#define BENCH_CPU_H

#include <stdint.h>
#include <sys/types.h>

/* CPU time that a process has used until now, all its threads, also those that ended. */
struct bench_cpu {
    int64_t user_ns;
    int64_t system_ns;
    int64_t total_ns;
};

struct bench_cpu bench_cpu_of_self(void);

/*
 * The total is the scheduler's own sum, exact to the nanosecond and up to date for a thread that runs right now.
 * user_ns and system_ns come from the kernel's tick sampling, in steps of 10 ms, and serve to split a total.
 */
struct bench_cpu bench_cpu_of_process(pid_t pid);

/*
 * Time that the host gave to others while a processor of this machine wanted to run, all processors together. It is
 * charged to whoever was running, so a window with much of it tells little.
 */
int64_t bench_cpu_stolen_ns(void);

/* What was used from `from` to `to`; the total split in the proportion of the sampled parts. */
struct bench_cpu bench_cpu_between(struct bench_cpu from, struct bench_cpu to);

#endif
