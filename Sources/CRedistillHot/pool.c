/* This file owns the page pool. */
#include "pool.h"

#include <stdlib.h>
#include <sys/mman.h>

#define STATE_FREE 0x80u /* with the order in the low bits */
#define STATE_COLD 0x40u /* a free chunk whose memory went back to the system */
#define ORDER_MASK 0x0fu

/* Chunks kept when they fall free, so that a table that grows and shrinks does not call the kernel each time. */
#define SPARE_CHUNKS 4

static void *reserve(size_t bytes) {
    void *at = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* Zeroed, and resident only where it is touched. */
static void *side_array(size_t bytes) {
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

enum rd_status rd_pool_init(struct rd_pool *pool, uint64_t reserve_bytes) {
    *pool = (struct rd_pool){0};
    uint64_t limit = (uint64_t)(RD_NO_PAGE - RD_CHUNK_PAGES) << RD_PAGE_SHIFT;
    if (reserve_bytes > limit) reserve_bytes = limit;
    uint64_t bytes = (reserve_bytes + RD_CHUNK_SIZE - 1) & ~(uint64_t)(RD_CHUNK_SIZE - 1);
    if (bytes < (64u << 20)) bytes = 64u << 20;
    char *at = NULL;
    /* RLIMIT_AS may allow less than asked; half of it is better than nothing. */
    while (!(at = reserve(bytes + RD_CHUNK_SIZE)) && bytes > (64u << 20)) bytes = (bytes / 2) & ~(uint64_t)(RD_CHUNK_SIZE - 1);
    if (!at) return RD_ERR_NO_MEMORY;
    /* Huge pages need chunks aligned to their size: trim what lies outside. */
    uintptr_t start = ((uintptr_t)at + RD_CHUNK_SIZE - 1) & ~(uintptr_t)(RD_CHUNK_SIZE - 1);
    uintptr_t end = (uintptr_t)at + bytes + RD_CHUNK_SIZE;
    if (start > (uintptr_t)at) munmap(at, start - (uintptr_t)at);
    if (end > start + bytes) munmap((void *)(start + bytes), end - (start + bytes));

    pool->base = (char *)start;
    pool->pages_reserved = (uint32_t)(bytes >> RD_PAGE_SHIFT);
    for (unsigned order = 0; order < RD_POOL_ORDERS; order++) pool->free_head[order] = RD_NO_PAGE;
    pool->state = side_array(pool->pages_reserved);
    pool->next = side_array((size_t)pool->pages_reserved * sizeof *pool->next);
    pool->previous = side_array((size_t)pool->pages_reserved * sizeof *pool->previous);
    if (!pool->state || !pool->next || !pool->previous) {
        rd_pool_destroy(pool);
        return RD_ERR_NO_MEMORY;
    }
    return RD_OK;
}

void rd_pool_destroy(struct rd_pool *pool) {
    size_t pages = pool->pages_reserved;
    if (pool->base) munmap(pool->base, pages << RD_PAGE_SHIFT);
    if (pool->state) munmap(pool->state, pages);
    if (pool->next) munmap(pool->next, pages * sizeof *pool->next);
    if (pool->previous) munmap(pool->previous, pages * sizeof *pool->previous);
    *pool = (struct rd_pool){0};
}

static void push_free(struct rd_pool *pool, uint32_t page, unsigned order, unsigned flags) {
    uint32_t head = pool->free_head[order];
    pool->state[page] = (uint8_t)(STATE_FREE | flags | order);
    pool->next[page] = head;
    pool->previous[page] = RD_NO_PAGE;
    if (head != RD_NO_PAGE) pool->previous[head] = page;
    pool->free_head[order] = page;
}

static void unlink_free(struct rd_pool *pool, uint32_t page, unsigned order) {
    uint32_t next = pool->next[page], previous = pool->previous[page];
    if (next != RD_NO_PAGE) pool->previous[next] = previous;
    if (previous != RD_NO_PAGE) pool->next[previous] = next;
    else pool->free_head[order] = next;
    pool->state[page] = 0;
}

static void add_resident(struct rd_pool *pool, int64_t bytes) {
    atomic_fetch_add_explicit(&pool->resident_bytes, (uint64_t)bytes, memory_order_relaxed);
}

/* Takes the next chunk of the reserved addresses from the system. */
static bool open_chunk(struct rd_pool *pool) {
    if (pool->pages_opened + RD_CHUNK_PAGES > pool->pages_reserved) return false;
    char *at = rd_pool_page(pool, pool->pages_opened);
    if (mprotect(at, RD_CHUNK_SIZE, PROT_READ | PROT_WRITE) != 0) return false;
    madvise(at, RD_CHUNK_SIZE, MADV_HUGEPAGE); /* a kernel without huge pages serves small ones */
    push_free(pool, pool->pages_opened, RD_POOL_ORDERS - 1, 0);
    pool->pages_opened += RD_CHUNK_PAGES;
    pool->free_chunks++;
    add_resident(pool, RD_CHUNK_SIZE);
    return true;
}

uint32_t rd_pool_take(struct rd_pool *pool, unsigned order) {
    rd_lock_acquire(&pool->lock);
    unsigned from = order;
    while (from < RD_POOL_ORDERS && pool->free_head[from] == RD_NO_PAGE) from++;
    if (from == RD_POOL_ORDERS) {
        from = RD_POOL_ORDERS - 1;
        if (!open_chunk(pool)) {
            rd_lock_release(&pool->lock);
            return RD_NO_PAGE;
        }
    }
    uint32_t page = pool->free_head[from];
    if (from == RD_POOL_ORDERS - 1) {
        if (pool->state[page] & STATE_COLD) add_resident(pool, RD_CHUNK_SIZE);
        else pool->free_chunks--;
    }
    unlink_free(pool, page, from);
    while (from > order) {
        from--;
        push_free(pool, page + (1u << from), from, 0);
    }
    atomic_fetch_add_explicit(&pool->used_bytes, (uint64_t)RD_PAGE_SIZE << order, memory_order_relaxed);
    rd_lock_release(&pool->lock);
    return page;
}

void rd_pool_give(struct rd_pool *pool, uint32_t page, unsigned order) {
    rd_lock_acquire(&pool->lock);
    atomic_fetch_sub_explicit(&pool->used_bytes, (uint64_t)RD_PAGE_SIZE << order, memory_order_relaxed);
    while (order < RD_POOL_ORDERS - 1) {
        uint32_t buddy = page ^ (1u << order);
        if (pool->state[buddy] != (STATE_FREE | order)) break;
        unlink_free(pool, buddy, order);
        page &= ~(1u << order);
        order++;
    }
    unsigned flags = 0;
    if (order == RD_POOL_ORDERS - 1) {
        if (pool->free_chunks < SPARE_CHUNKS) {
            pool->free_chunks++;
        } else if (madvise(rd_pool_page(pool, page), RD_CHUNK_SIZE, MADV_DONTNEED) == 0) {
            flags = STATE_COLD;
            add_resident(pool, -(int64_t)RD_CHUNK_SIZE);
        } else {
            pool->free_chunks++;
        }
    }
    push_free(pool, page, order, flags);
    rd_lock_release(&pool->lock);
}

bool rd_pool_check(struct rd_pool *pool) {
    rd_lock_acquire(&pool->lock);
    uint64_t free_pages = 0;
    bool sound = true;
    for (unsigned order = 0; order < RD_POOL_ORDERS && sound; order++) {
        uint32_t previous = RD_NO_PAGE;
        for (uint32_t page = pool->free_head[order]; page != RD_NO_PAGE; page = pool->next[page]) {
            if ((pool->state[page] & (STATE_FREE | ORDER_MASK)) != (STATE_FREE | order) ||
                pool->previous[page] != previous || page % (1u << order) != 0 || page >= pool->pages_opened) {
                sound = false;
                break;
            }
            free_pages += 1u << order;
            previous = page;
        }
    }
    uint64_t used = atomic_load_explicit(&pool->used_bytes, memory_order_relaxed) >> RD_PAGE_SHIFT;
    sound = sound && used + free_pages == pool->pages_opened;
    rd_lock_release(&pool->lock);
    return sound;
}
