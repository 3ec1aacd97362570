/* This file owns counting what each thread asks the sanitizer's allocator for, told as jemalloc tells it. */
#ifndef FUZZ_HEAP_H
#define FUZZ_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Once in a process, before there are servers. */
void heap_begin(void);
int mallctl(const char *name, void *old, size_t *old_length, void *new, size_t new_length);

#endif
