/* This file owns the settings of the allocator that redistilld is linked with, and asking it. */
#include "base/heap.h"

#include <malloc.h>

/* jemalloc's, where it is linked: https://jemalloc.net/jemalloc.3.html */
extern int mallctl(const char *name, void *old, size_t *old_length, void *new, size_t new_length) __attribute__((weak));

/*
 * What was freed stays for a second, in case it is wanted again, and is then given back by a thread of its own, so that
 * nobody who serves clients waits for the kernel. One arena, and few blocks kept by each thread: what arenas and threads
 * keep half used is lost to the keys, and data commands ask for no memory. Up to 20 KiB are kept, since OpenSSL asks for
 * a buffer of 17 with each record. MALLOC_CONF of the environment goes before these.
 */
extern const char *const malloc_conf;
const char *const malloc_conf = "background_thread:true,max_background_threads:1,dirty_decay_ms:1000,muzzy_decay_ms:0,"
                                "narenas:1,tcache_max:20480,tcache_nslots_small_min:2,tcache_nslots_small_max:10,"
                                "tcache_nslots_large:2";

/* MALLCTL_ARENAS_ALL, and the page of the allocator's figures. */
#define ALL_ARENAS "4096"
#define HEAP_PAGE 4096u

const char *rd_allocator_version(void) {
    const char *version = NULL;
    size_t length = sizeof version;
    return mallctl && mallctl("version", &version, &length, NULL, 0) == 0 ? version : NULL;
}

uint64_t rd_heap_size(void *block) {
    return malloc_usable_size(block);
}

static uint64_t ask(const char *name) {
    size_t value = 0, length = sizeof value;
    return mallctl(name, &value, &length, NULL, 0) == 0 ? value : 0;
}

void rd_heap_look(struct rd_heap *heap) {
    *heap = (struct rd_heap){0};
    if (!mallctl) return;
    uint64_t epoch = 1; /* its figures are of the last time that somebody wrote here */
    size_t length = sizeof epoch;
    if (mallctl("epoch", &epoch, &length, &epoch, length) != 0) return;
    uint64_t used = ask("stats.allocated"), resident = ask("stats.resident");
    uint64_t free = ask("stats.arenas." ALL_ARENAS ".pdirty") * HEAP_PAGE;
    if (resident < used + free) return; /* not of one moment */
    *heap = (struct rd_heap){.used = used, .overhead = resident - used - free, .free = free};
}

void rd_heap_purge(void) {
    if (mallctl) mallctl("arena." ALL_ARENAS ".purge", NULL, NULL, NULL, 0);
    else malloc_trim(0);
}

struct rd_heap_thread rd_heap_of_thread(void) {
    struct rd_heap_thread thread = {0};
    size_t length = sizeof thread.asked;
    if (!mallctl) return thread;
    if (mallctl("thread.allocatedp", &thread.asked, &length, NULL, 0) != 0 ||
        mallctl("thread.deallocatedp", &thread.freed, &length, NULL, 0) != 0) {
        return (struct rd_heap_thread){0};
    }
    return thread;
}
