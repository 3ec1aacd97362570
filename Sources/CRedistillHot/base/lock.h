/*
 * This file owns the shard lock: a futex mutex of four bytes, inlined (Drepper, "Futexes Are Tricky", mutex 2).
 * A shard is held for a few hundred nanoseconds, so a waiter spins a little before it sleeps.
 */
#ifndef RD_LOCK_H
#define RD_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rd_lock {
    _Atomic uint32_t state; /* 0 free, 1 held, 2 held and somebody sleeps */
};

void rd_lock_wait(struct rd_lock *lock);
/* False when `gives_up` has become other than 0, and the lock was not taken. NULL: never. */
bool rd_lock_wait_unless(struct rd_lock *lock, const _Atomic uint32_t *gives_up);
void rd_lock_wake(struct rd_lock *lock);

static inline bool rd_lock_try(struct rd_lock *lock) {
    uint32_t expected = 0;
    return atomic_compare_exchange_strong_explicit(&lock->state, &expected, 1, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* Free, whoever held it: that was in a process that has ended, and left the lock in shared memory. */
static inline void rd_lock_reset(struct rd_lock *lock) {
    atomic_store_explicit(&lock->state, 0, memory_order_relaxed);
}

/* Of one that nobody takes or gives back now. */
static inline bool rd_lock_is_free(const struct rd_lock *lock) {
    return atomic_load_explicit(&lock->state, memory_order_acquire) == 0;
}

static inline void rd_lock_acquire(struct rd_lock *lock) {
    if (!rd_lock_try(lock)) rd_lock_wait(lock);
}

/* The same for who may have to give up. */
static inline bool rd_lock_acquire_unless(struct rd_lock *lock, const _Atomic uint32_t *gives_up) {
    return rd_lock_try(lock) || rd_lock_wait_unless(lock, gives_up);
}

static inline void rd_lock_release(struct rd_lock *lock) {
    if (atomic_exchange_explicit(&lock->state, 0, memory_order_release) == 2) rd_lock_wake(lock);
}

#endif
