/* This file owns stretches of addresses for the largest values. */
#include "span.h"

#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096u
#define LEAST_RESERVE (64u << 20)
/* Freed memory that stays resident: two values of 1 MiB, or fifty of 40 KiB; in small stores this share of the limit. */
#define WARM_MOST (2u << 20)
#define WARM_SHARE 64

enum rd_status rd_spans_init(struct rd_spans *spans, uint64_t reserve_bytes) {
    *spans = (struct rd_spans){0};
    void *at = MAP_FAILED;
    while (reserve_bytes >= LEAST_RESERVE) {
        at = mmap(NULL, reserve_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at != MAP_FAILED) break;
        reserve_bytes /= 2;
    }
    if (at == MAP_FAILED) return RD_ERR_NO_MEMORY;
    /* A huge page would make resident what is only reserved. */
    madvise(at, reserve_bytes, MADV_NOHUGEPAGE);
    spans->base = at;
    spans->reserved = reserve_bytes;
    rd_spans_fit(spans, 0);
    return RD_OK;
}

void rd_spans_destroy(struct rd_spans *spans) {
    if (spans->base) munmap(spans->base, spans->reserved);
    for (unsigned order = 0; order < RD_SPAN_ORDERS; order++) free(spans->stacks[order].at);
    *spans = (struct rd_spans){0};
}

static unsigned order_of(uint64_t bytes) {
    unsigned order = 0;
    while (order < RD_SPAN_ORDERS && rd_span_size(order) < bytes) order++;
    return order;
}

static void *span_at(const struct rd_spans *spans, uint32_t unit) {
    return spans->base + ((uint64_t)unit << RD_SPAN_SHIFT);
}

static void *open_span(struct rd_spans *spans, unsigned order) {
    struct rd_span_stack *stack = &spans->stacks[order];
    uint64_t size = rd_span_size(order);
    if (size > spans->reserved - spans->opened) return NULL;
    if (stack->opened == stack->capacity) { /* giving back must not fail */
        uint32_t capacity = stack->capacity ? stack->capacity * 2 : 16;
        struct rd_span_free *grown = realloc(stack->at, capacity * sizeof *grown);
        if (!grown) return NULL;
        stack->at = grown;
        stack->capacity = capacity;
    }
    char *at = spans->base + spans->opened;
    if (mprotect(at, size, PROT_READ | PROT_WRITE) != 0) return NULL;
    spans->opened += size;
    stack->opened++;
    return at;
}

/* The top of the smallest stack that has something. A larger stretch serves as well: only addresses are lost. */
static void *take_free(struct rd_spans *spans, unsigned *order, uint32_t *warm) {
    for (unsigned from = *order; from < RD_SPAN_ORDERS; from++) {
        struct rd_span_stack *stack = &spans->stacks[from];
        if (!stack->count) continue;
        struct rd_span_free top = stack->at[--stack->count];
        *order = from;
        *warm = top.warm;
        return span_at(spans, top.unit);
    }
    return NULL;
}

void *rd_span_take(struct rd_spans *spans, uint64_t bytes, uint64_t most, unsigned *order_out) {
    unsigned order = order_of(most);
    if (order == RD_SPAN_ORDERS) return NULL;
    uint32_t warm = 0;
    rd_lock_acquire(&spans->lock);
    void *span = spans->stacks[order].count ? take_free(spans, &order, &warm) : open_span(spans, order);
    if (!span) span = take_free(spans, &order, &warm);
    atomic_fetch_sub_explicit(&spans->warm_bytes, (uint64_t)warm * PAGE, memory_order_relaxed);
    rd_lock_release(&spans->lock);
    if (!span) return NULL;
    uint64_t used = (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1), resident = (uint64_t)warm * PAGE;
    if (resident > used) madvise((char *)span + used, resident - used, MADV_DONTNEED);
    *order_out = order;
    return span;
}

void rd_span_give(struct rd_spans *spans, void *span, unsigned order, uint64_t bytes) {
    uint64_t used = (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    bool keep = atomic_load_explicit(&spans->warm_bytes, memory_order_relaxed) + used <=
                atomic_load_explicit(&spans->warm_most, memory_order_relaxed);
    if (!keep) madvise(span, used, MADV_DONTNEED);
    rd_lock_acquire(&spans->lock);
    struct rd_span_stack *stack = &spans->stacks[order];
    uint32_t unit = (uint32_t)((uint64_t)((char *)span - spans->base) >> RD_SPAN_SHIFT);
    stack->at[stack->count++] = (struct rd_span_free){unit, keep ? (uint32_t)(used / PAGE) : 0};
    if (keep) atomic_fetch_add_explicit(&spans->warm_bytes, used, memory_order_relaxed);
    rd_lock_release(&spans->lock);
}

void rd_span_shorten(char *pages, uint64_t bytes) {
    madvise(pages, bytes, MADV_DONTNEED);
}

void rd_spans_fit(struct rd_spans *spans, uint64_t limit) {
    uint64_t most = limit && limit / WARM_SHARE < WARM_MOST ? limit / WARM_SHARE : WARM_MOST;
    atomic_store_explicit(&spans->warm_most, most, memory_order_relaxed);
}

bool rd_spans_cool(struct rd_spans *spans) {
    if (!atomic_load_explicit(&spans->warm_bytes, memory_order_relaxed)) return false;
    rd_lock_acquire(&spans->lock);
    uint64_t warm = atomic_load_explicit(&spans->warm_bytes, memory_order_relaxed);
    for (unsigned order = 0; order < RD_SPAN_ORDERS; order++) {
        struct rd_span_stack *stack = &spans->stacks[order];
        for (uint32_t i = 0; i < stack->count; i++) {
            struct rd_span_free *span = &stack->at[i];
            if (span->warm) madvise(span_at(spans, span->unit), (size_t)span->warm * PAGE, MADV_DONTNEED);
            span->warm = 0;
        }
    }
    atomic_store_explicit(&spans->warm_bytes, 0, memory_order_relaxed);
    rd_lock_release(&spans->lock);
    return warm != 0;
}
