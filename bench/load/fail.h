/* This file owns giving up: one line on stderr and exit code 2, for what makes a run impossible. */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

#include <stddef.h>

_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed memory, owned by the caller (free); never NULL. */
void *bench_allocate(size_t count, size_t size);

#endif
