/*
 * This file owns the guarded buffer: memory whose end is the end of a page, with an unmapped page behind it, so that
 * a read of one byte too many ends the test.
 */
#ifndef PROBE_GUARD_H
#define PROBE_GUARD_H

#include <stddef.h>

struct probe_guard;

/* Room for `capacity` bytes before the unmapped page. NULL when memory is out. */
struct probe_guard *probe_guard_new(size_t capacity);
void probe_guard_free(struct probe_guard *guard);

/* Copies the bytes so that they end at the unmapped page; returns where they start. Valid until the next call. */
char *probe_guard_place(struct probe_guard *guard, const char *bytes, size_t length);

#endif
