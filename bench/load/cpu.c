/* This file owns reading CPU time. */
#include "cpu.h"

#include "clock.h"
#include "fail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int64_t timeval_ns(struct timeval time) {
    return time.tv_sec * BENCH_NS_PER_S + time.tv_usec * 1000;
}

struct bench_cpu bench_cpu_of_self(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0) bench_fail("getrusage failed");
    int64_t user = timeval_ns(usage.ru_utime), system = timeval_ns(usage.ru_stime);
    return (struct bench_cpu){.user_ns = user, .system_ns = system, .total_ns = user + system};
}

static int64_t scheduler_total(pid_t pid) {
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0) {
        bench_fail("the server's process %d is gone", pid);
    }
    return used.tv_sec * BENCH_NS_PER_S + used.tv_nsec;
}

struct bench_cpu bench_cpu_of_process(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file) bench_fail("the server's process %d is gone", pid);
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = 0;

    /* The second field, the name, may hold anything; the last parenthesis ends it. */
    const char *rest = strrchr(text, ')');
    uint64_t user_ticks, system_ticks;
    if (!rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64, &user_ticks,
                        &system_ticks) != 2) {
        bench_fail("%s can't be read", path);
    }
    int64_t tick_ns = BENCH_NS_PER_S / sysconf(_SC_CLK_TCK);
    return (struct bench_cpu){.user_ns = (int64_t)user_ticks * tick_ns, .system_ns = (int64_t)system_ticks * tick_ns,
                              .total_ns = scheduler_total(pid)};
}

int64_t bench_cpu_stolen_ns(void) {
    FILE *file = fopen("/proc/stat", "re");
    uint64_t ticks = 0;
    /* cpu user nice system idle iowait irq softirq steal; a kernel that has no such field has nothing stolen. */
    if (!file || fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &ticks) != 1) ticks = 0;
    if (file) fclose(file);
    return (int64_t)ticks * (BENCH_NS_PER_S / sysconf(_SC_CLK_TCK));
}

struct bench_cpu bench_cpu_between(struct bench_cpu from, struct bench_cpu to) {
    int64_t user = to.user_ns - from.user_ns, system = to.system_ns - from.system_ns;
    int64_t total = to.total_ns - from.total_ns;
    double user_share = user + system > 0 ? (double)user / (double)(user + system) : 0;
    int64_t user_part = (int64_t)(user_share * (double)total);
    return (struct bench_cpu){.user_ns = user_part, .system_ns = total - user_part, .total_ns = total};
}
