/* This file owns the slow half of the shard lock: spinning, sleeping and waking. */
#include "base/lock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* About the time that a holder needs for one command; longer means that it was preempted. */
#define RD_SPINS 200
/* How soon a waiter that may give up sees that it has to. */
#define RD_LOOK_NS 10000000

static void pause_cpu(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

bool rd_lock_wait_unless(struct rd_lock *lock, const _Atomic uint32_t *gives_up) {
    for (int spin = 0; spin < RD_SPINS; spin++) {
        if (atomic_load_explicit(&lock->state, memory_order_relaxed) == 0 && rd_lock_try(lock)) return true;
        pause_cpu();
    }
    struct timespec look = {.tv_nsec = RD_LOOK_NS};
    while (atomic_exchange_explicit(&lock->state, 2, memory_order_acquire) != 0) {
        if (gives_up && atomic_load_explicit(gives_up, memory_order_relaxed)) return false;
        syscall(SYS_futex, &lock->state, FUTEX_WAIT_PRIVATE, 2, gives_up ? &look : NULL, NULL, 0);
    }
    return true;
}

void rd_lock_wait(struct rd_lock *lock) {
    (void)rd_lock_wait_unless(lock, NULL);
}

void rd_lock_wake(struct rd_lock *lock) {
    syscall(SYS_futex, &lock->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
