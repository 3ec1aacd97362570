/* This file owns the ring. */
#include "ring.h"

#include "fail.h"
#include "sequence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Few keys: the ring still must not repeat so soon that a server could learn it. */
#define BENCH_RING_REQUESTS_MIN 65536
/* Large values: the ring then holds fewer requests than there are keys, and says so. */
#define BENCH_RING_BYTES_MAX ((size_t)512 << 20)

static char *map_bytes(size_t size) {
    char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) bench_fail("no memory for a ring of %zu bytes", size);
    /* Fewer TLB misses for the kernel's copy, which otherwise takes a new page every 40 to 110 requests. */
    madvise(bytes, size, MADV_HUGEPAGE);
    return bytes;
}

static size_t larger(size_t one, size_t other) {
    return one > other ? one : other;
}

static void fill_batch(struct bench_batch *batch, char *out, const struct bench_requests *requests,
                       const struct bench_options *options, struct bench_sequence *sequence,
                       struct bench_random *kinds) {
    for (uint32_t i = 0; i < options->pipeline; i++) {
        bool is_main = bench_random_unit(kinds) >= options->set_share;
        if (i == 0) batch->main_first = is_main;
        const struct bench_operation *operation = is_main ? &requests->main : &requests->set;
        char *request = out + batch->request_size;
        memcpy(request, operation->bytes, operation->size);
        uint32_t key = 0;
        for (uint32_t k = 0; k < operation->keys; k++) {
            if (k == 0 || !operation->is_one_key) key = options->first_key + bench_sequence_next(sequence);
            bench_key_write(request + operation->key_at[k], operation->key_size, key);
        }
        batch->request_size += (uint32_t)operation->size;
        batch->reply_size += (uint32_t)operation->reply_size;
        batch->reads += operation->reads;
    }
}

void bench_ring_init(struct bench_ring *ring, const struct bench_requests *requests,
                     const struct bench_options *options) {
    const struct bench_operation *main = &requests->main, *set = &requests->set;
    uint32_t keys_each = main->keys && !main->is_one_key ? main->keys : 1;
    uint64_t wanted = ((uint64_t)options->keys + keys_each - 1) / keys_each;
    if (main->keys == 0 || wanted < BENCH_RING_REQUESTS_MIN) wanted = BENCH_RING_REQUESTS_MIN;
    uint32_t most = (uint32_t)((wanted + options->pipeline - 1) / options->pipeline);
    size_t largest_batch = options->pipeline * larger(main->size, set->size);
    size_t largest_reply = options->pipeline * larger(main->reply_size, set->reply_size);
    if (largest_batch > UINT32_MAX || largest_reply > UINT32_MAX) bench_fail("--pipeline: a batch exceeds 4 GiB");

    *ring = (struct bench_ring){.mapped = BENCH_RING_BYTES_MAX + largest_batch};
    ring->bytes = map_bytes(ring->mapped);
    ring->batches = bench_allocate(most, sizeof *ring->batches);

    struct bench_sequence sequence;
    struct bench_random kinds = {.state = ~options->seed};
    bench_sequence_init(&sequence, options->keys, options->zipf, options->seed);
    for (size_t at = 0; ring->count < most && at < BENCH_RING_BYTES_MAX; ring->count++) {
        struct bench_batch *batch = &ring->batches[ring->count];
        fill_batch(batch, ring->bytes + at, requests, options, &sequence, &kinds);
        at += batch->request_size;
    }
    bench_sequence_free(&sequence);
    uint64_t held = (uint64_t)ring->count * options->pipeline * keys_each;
    if (main->keys > 0 && held < options->keys) {
        fprintf(stderr, "bench-load: the ring visits %lu keys, not all %u: its requests are large\n", held,
                options->keys);
    }
}

void bench_ring_free(struct bench_ring *ring) {
    munmap(ring->bytes, ring->mapped);
    free(ring->batches);
}

struct bench_cursor bench_ring_cursor(const struct bench_ring *ring, double share) {
    struct bench_cursor cursor = {.batch = (uint32_t)(share * ring->count)};
    for (uint32_t i = 0; i < cursor.batch; i++) cursor.offset += ring->batches[i].request_size;
    return cursor;
}
