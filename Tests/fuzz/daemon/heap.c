/*
 * This file owns what redistilld's allocator would tell of the calling thread: here the sanitizer's is asked. Without it
 * the server counts nothing of what OpenSSL holds for a connection.
 */
#include "heap.h"

#include <errno.h>
#include <sanitizer/allocator_interface.h>
#include <string.h>

static _Thread_local uint64_t asked, freed;

static void count_asked(const volatile void *block, size_t size) {
    (void)block;
    asked += size;
}

static void count_freed(const volatile void *block) {
    if (block) freed += __sanitizer_get_allocated_size(block);
}

void heap_begin(void) {
    if (!__sanitizer_install_malloc_and_free_hooks(count_asked, count_freed)) abort();
}

/* jemalloc's, which base/heap.c asks where it is linked. Of the process as a whole nothing is known. */
int mallctl(const char *name, void *old, size_t *old_length, void *new, size_t new_length) {
    (void)new;
    (void)new_length;
    bool is_asked = strcmp(name, "thread.allocatedp") == 0;
    if (!is_asked && strcmp(name, "thread.deallocatedp") != 0) return ENOENT;
    const uint64_t *counter = is_asked ? &asked : &freed;
    if (*old_length != sizeof counter) return EINVAL;
    memcpy(old, &counter, sizeof counter);
    return 0;
}
