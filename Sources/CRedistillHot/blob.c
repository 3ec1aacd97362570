/* This file owns large values. */
#include "blob.h"

#include <stdlib.h>
#include <sys/mman.h>

/* From here on a blob has its own mapping: it grows by moving page tables and goes back to the system whole. */
#define MAP_FROM (256u << 10)
#define PAGE 4096u

static uint64_t round_to_pages(uint64_t bytes) {
    return (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

uint64_t rd_blob_footprint(const struct rd_blob *blob) {
    return sizeof *blob + blob->capacity;
}

struct rd_blob *rd_blob_new(uint64_t capacity, _Atomic uint64_t *account) {
    struct rd_blob *blob;
    uint64_t bytes = sizeof *blob + capacity;
    bool mapped = bytes >= MAP_FROM;
    if (mapped) {
        bytes = round_to_pages(bytes);
        blob = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (blob == MAP_FAILED) return NULL;
    } else {
        blob = malloc(bytes);
        if (!blob) return NULL;
    }
    atomic_init(&blob->references, 1);
    blob->mapped = mapped;
    blob->length = 0;
    blob->capacity = bytes - sizeof *blob;
    blob->account = account;
    atomic_fetch_add_explicit(account, bytes, memory_order_relaxed);
    return blob;
}

static struct rd_blob *remap(struct rd_blob *blob, uint64_t old_bytes, uint64_t new_bytes) {
#if defined __has_feature
#if __has_feature(thread_sanitizer)
    /* ThreadSanitizer does not see mremap, and would hold what others did at the new address against us. */
    void *copy = mmap(NULL, new_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy == MAP_FAILED) return NULL;
    __builtin_memcpy(copy, blob, old_bytes);
    munmap(blob, old_bytes);
    return copy;
#endif
#endif
    void *moved = mremap(blob, old_bytes, new_bytes, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}

enum rd_status rd_blob_grow(struct rd_blob **place, uint64_t capacity) {
    struct rd_blob *blob = *place;
    if (capacity <= blob->capacity) return RD_OK;
    uint64_t old_bytes = rd_blob_footprint(blob), new_bytes = sizeof *blob + capacity;
    if (blob->mapped) {
        new_bytes = round_to_pages(new_bytes);
        struct rd_blob *moved = remap(blob, old_bytes, new_bytes);
        if (!moved) return RD_ERR_NO_MEMORY;
        moved->capacity = new_bytes - sizeof *moved;
        atomic_fetch_add_explicit(moved->account, new_bytes - old_bytes, memory_order_relaxed);
        *place = moved;
        return RD_OK;
    }
    struct rd_blob *copy = rd_blob_new(capacity, blob->account);
    if (!copy) return RD_ERR_NO_MEMORY;
    __builtin_memcpy(copy->bytes, blob->bytes, blob->length);
    copy->length = blob->length;
    rd_blob_release(blob);
    *place = copy;
    return RD_OK;
}

void rd_blob_release(struct rd_blob *blob) {
    if (atomic_fetch_sub_explicit(&blob->references, 1, memory_order_acq_rel) != 1) return;
    uint64_t bytes = rd_blob_footprint(blob);
    atomic_fetch_sub_explicit(blob->account, bytes, memory_order_relaxed);
    if (blob->mapped) munmap(blob, bytes);
    else free(blob);
}
