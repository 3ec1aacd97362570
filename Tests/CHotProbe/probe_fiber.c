/* This file owns work for fibers. */
#include "probe_fiber.h"

#include <fenv.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fiber.h"

#define STACK ((size_t)8 << 20)

struct job {
    struct rd_fiber fiber;
    struct probe_fiber_work work;
    int64_t stops;
    bool is_wrong;
};

/* At the bottom it stands still; each frame sees on the way back that it is as it was. */
static uint64_t descend(struct job *job, uint32_t depth, uint64_t sum) {
    volatile uint64_t kept[8];
    for (uint32_t i = 0; i < 8; i++) kept[i] = sum * 31 + i;
    double half = (double)sum / 2;
    uint64_t below = 0;
    if (depth > 0) {
        below = descend(job, depth - 1, sum * 6364136223846793005ull + 1);
    } else {
        for (uint32_t i = 0; i < job->work.stops; i++) {
            job->stops++;
            rd_fiber_yield(&job->fiber);
        }
    }
    for (uint32_t i = 0; i < 8; i++) job->is_wrong |= kept[i] != sum * 31 + i;
    job->is_wrong |= half != (double)sum / 2;
    return below + kept[depth % 8];
}

static uint64_t expected(uint32_t depth, uint64_t sum) {
    return (depth ? expected(depth - 1, sum * 6364136223846793005ull + 1) : 0) + sum * 31 + depth % 8;
}

static void work(void *argument) {
    struct job *job = argument;
    job->is_wrong |= descend(job, job->work.depth, 7) != expected(job->work.depth, 7);
}

int64_t probe_fiber_run(struct probe_fiber_work wanted) {
    struct job job = {.work = wanted};
    if (rd_fiber_init(&job.fiber, STACK) != RD_OK) return -1;
    int64_t resumed = 0;
    for (uint32_t i = 0; i < wanted.times; i++) {
        for (bool done = rd_fiber_begin(&job.fiber, work, &job); !done; done = rd_fiber_resume(&job.fiber)) resumed++;
    }
    rd_fiber_destroy(&job.fiber);
    return job.is_wrong || resumed != job.stops ? -1 : resumed;
}

struct float_job {
    struct rd_fiber fiber;
    double step, sum;
    int mode;
    uint32_t turns;
    bool is_wrong;
};

static void add_up(void *argument) {
    struct float_job *job = argument;
    fesetround(job->mode);
    double a = job->step, b = a * 3, c = a * 5, sum = 0;
    for (uint32_t i = 0; i < job->turns; i++) {
        sum += a + b * c;
        rd_fiber_yield(&job->fiber);
        job->is_wrong |= fegetround() != job->mode;
    }
    job->sum = sum;
}

bool probe_fibers_keep_floats(uint32_t turns) {
    struct float_job jobs[] = {{.step = 0.5, .mode = FE_UPWARD, .turns = turns}, {.step = 0.25, .mode = FE_TOWARDZERO, .turns = turns}};
    int before = fegetround();
    bool is_right = true, done[2];
    for (int i = 0; i < 2; i++) {
        if (rd_fiber_init(&jobs[i].fiber, STACK) != RD_OK) return false;
        done[i] = rd_fiber_begin(&jobs[i].fiber, add_up, &jobs[i]);
    }
    while (!done[0] || !done[1]) {
        for (int i = 0; i < 2; i++) {
            if (!done[i]) done[i] = rd_fiber_resume(&jobs[i].fiber);
            is_right &= fegetround() == before;
        }
    }
    for (int i = 0; i < 2; i++) {
        double a = jobs[i].step;
        is_right &= !jobs[i].is_wrong && jobs[i].sum == (a + a * 3 * (a * 5)) * turns;
        rd_fiber_destroy(&jobs[i].fiber);
    }
    return is_right;
}

static void touch_guard(void *argument) {
    struct rd_fiber *fiber = argument;
    *(volatile char *)(fiber->stack + sysconf(_SC_PAGESIZE) - 1) = 1;
}

bool probe_fiber_is_guarded(void) {
    pid_t child = fork();
    if (child == 0) {
        struct rd_fiber fiber;
        signal(SIGSEGV, SIG_DFL);
        signal(SIGBUS, SIG_DFL);
        if (rd_fiber_init(&fiber, STACK) != RD_OK) _exit(1);
        touch_guard(&fiber);
        _exit(2);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return false;
    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
}
