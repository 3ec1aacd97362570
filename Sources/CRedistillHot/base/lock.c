/* This file owns the slow half of the shard lock: spinning, sleeping and waking. */
#include "base/lock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* About the time that a holder needs for one command; longer means that it was preempted. */
#define RD_SPINS 200

static void pause_cpu(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void rd_lock_wait(struct rd_lock *lock) {
    for (int spin = 0; spin < RD_SPINS; spin++) {
        if (atomic_load_explicit(&lock->state, memory_order_relaxed) == 0 && rd_lock_try(lock)) return;
        pause_cpu();
    }
    while (atomic_exchange_explicit(&lock->state, 2, memory_order_acquire) != 0) {
        syscall(SYS_futex, &lock->state, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
    }
}

void rd_lock_wake(struct rd_lock *lock) {
    syscall(SYS_futex, &lock->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
