/*
 * This file owns the counter that one thread at a time writes and anyone may read: no locked instruction, only a
 * relaxed load and store. Who the writer is (a worker, or whoever holds a shard's lock) is said where it lives.
 */
#ifndef RD_COUNTER_H
#define RD_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t rd_counter;

static inline uint64_t rd_counter_get(const rd_counter *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void rd_counter_set(rd_counter *counter, uint64_t value) {
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

/* Adds modulo 2^64, so that a negative amount can be passed as its complement. */
static inline void rd_counter_add(rd_counter *counter, uint64_t amount) {
    rd_counter_set(counter, rd_counter_get(counter) + amount);
}

#endif
