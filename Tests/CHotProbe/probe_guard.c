/* This file owns the guarded buffer. */
#include "probe_guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u

struct probe_guard {
    char *base, *end; /* end is the first byte of the unmapped page */
};

struct probe_guard *probe_guard_new(size_t capacity) {
    struct probe_guard *guard = malloc(sizeof *guard);
    if (!guard) return NULL;
    size_t bytes = (capacity + PAGE - 1) / PAGE * PAGE;
    char *base = mmap(NULL, bytes + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED || mprotect(base + bytes, PAGE, PROT_NONE) != 0) abort();
    *guard = (struct probe_guard){base, base + bytes};
    return guard;
}

void probe_guard_free(struct probe_guard *guard) {
    munmap(guard->base, (size_t)(guard->end - guard->base) + PAGE);
    free(guard);
}

char *probe_guard_place(struct probe_guard *guard, const char *bytes, size_t length) {
    if (length > (size_t)(guard->end - guard->base)) abort();
    char *start = guard->end - length;
    memmove(start, bytes, length);
    return start;
}
