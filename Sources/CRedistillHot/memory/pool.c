/* This file owns the page pool. */
#include "memory/pool.h"

#include <string.h>
#include <sys/mman.h>

/* A byte of state per page. The first two are a free block's, and stand at its first page. */
#define STATE_FREE 0x80u
#define STATE_ORDER 0x0fu
#define STATE_COLD 0x40u  /* this page is not resident */
#define STATE_SPLIT 0x20u /* at a chunk's first page: the chunk is not a huge page */

/* Chunks kept when they fall free, so that a table that grows and shrinks does not call the kernel each time. */
#define SPARE_CHUNKS 4
/* Resident chunks that feeding keeps ready: one may come into use while the next is on its way. */
#define READY_CHUNKS 2
/* Chunks whose addresses are opened together: each opening is a call that takes the lock of all mappings. */
#define OPEN_CHUNKS 16
/* Blocks given back on the way when a chunk is opened above the ceiling: about as many pages as it brings. */
#define TRIM_AT_OPENING 256

static void *reserve(struct rd_region *region, size_t bytes) {
    if (region) return rd_region_take(region, bytes, RD_CHUNK_SIZE);
    void *at = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* Zeroed, and resident only where it is touched. */
static void *side_array(struct rd_region *region, size_t bytes) {
    if (region) return rd_region_take(region, bytes, RD_PAGE_SIZE);
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* Huge pages need chunks aligned to their size: what lies outside goes. */
static char *trim_ends(char *at, uint64_t bytes) {
    uintptr_t start = ((uintptr_t)at + RD_CHUNK_SIZE - 1) & ~(uintptr_t)(RD_CHUNK_SIZE - 1);
    uintptr_t end = (uintptr_t)at + bytes + RD_CHUNK_SIZE;
    if (start > (uintptr_t)at) munmap(at, start - (uintptr_t)at);
    if (end > start + bytes) munmap((void *)(start + bytes), end - (start + bytes));
    return (char *)start;
}

enum rd_status rd_pool_init(struct rd_pool *pool, uint64_t reserve_bytes, struct rd_region *region) {
    *pool = (struct rd_pool){.region = region};
    uint64_t limit = (uint64_t)(RD_NO_PAGE - RD_CHUNK_PAGES) << RD_PAGE_SHIFT;
    if (reserve_bytes > limit) reserve_bytes = limit;
    uint64_t bytes = (reserve_bytes + RD_CHUNK_SIZE - 1) & ~(uint64_t)(RD_CHUNK_SIZE - 1);
    if (bytes < (64u << 20)) bytes = 64u << 20;
    char *at = NULL;
    /* RLIMIT_AS may allow less than asked; half of it is better than nothing. */
    while (!(at = reserve(region, bytes + RD_CHUNK_SIZE)) && bytes > (64u << 20)) bytes = (bytes / 2) & ~(uint64_t)(RD_CHUNK_SIZE - 1);
    if (!at) return RD_ERR_NO_MEMORY;
    pool->base = region ? at : trim_ends(at, bytes);
    pool->pages_reserved = (uint32_t)(bytes >> RD_PAGE_SHIFT);
    for (unsigned order = 0; order < RD_POOL_ORDERS; order++) {
        pool->free_head[order] = pool->cold_head[order] = RD_NO_PAGE;
    }
    pool->state = side_array(region, pool->pages_reserved);
    pool->next = side_array(region, (size_t)pool->pages_reserved * sizeof *pool->next);
    pool->previous = side_array(region, (size_t)pool->pages_reserved * sizeof *pool->previous);
    if (!pool->state || !pool->next || !pool->previous) {
        rd_pool_destroy(pool);
        return RD_ERR_NO_MEMORY;
    }
    return RD_OK;
}

void rd_pool_destroy(struct rd_pool *pool) {
    size_t pages = pool->region ? 0 : pool->pages_reserved; /* a region goes as a whole */
    if (pool->base && pages) munmap(pool->base, pages << RD_PAGE_SHIFT);
    if (pool->state && pages) munmap(pool->state, pages);
    if (pool->next && pages) munmap(pool->next, pages * sizeof *pool->next);
    if (pool->previous && pages) munmap(pool->previous, pages * sizeof *pool->previous);
    *pool = (struct rd_pool){0};
}

void rd_pool_adopt(struct rd_pool *pool) {
    rd_lock_reset(&pool->lock);
    pool->hungry = NULL;
    /* The advice on its pages was another process's; a chunk that was split stays so until it is free as a whole. */
    for (uint32_t page = 0; page < pool->pages_opened; page += RD_CHUNK_PAGES) {
        if (!(pool->state[page] & STATE_SPLIT)) madvise(rd_pool_page(pool, page), RD_CHUNK_SIZE, MADV_HUGEPAGE);
    }
}

static uint32_t count_cold(const struct rd_pool *pool, uint32_t page, unsigned order) {
    uint32_t cold = 0;
    for (uint32_t i = 0; i < 1u << order; i++) cold += (pool->state[page + i] & STATE_COLD) != 0;
    return cold;
}

static uint32_t *head_of(struct rd_pool *pool, uint32_t page, unsigned order) {
    /* A block whose first page is resident is not cold; the others are counted. */
    bool cold = (pool->state[page] & STATE_COLD) && count_cold(pool, page, order) == 1u << order;
    return cold ? &pool->cold_head[order] : &pool->free_head[order];
}

static void push_free(struct rd_pool *pool, uint32_t page, unsigned order) {
    uint32_t *head = head_of(pool, page, order);
    pool->state[page] = (uint8_t)((pool->state[page] & (STATE_COLD | STATE_SPLIT)) | STATE_FREE | order);
    pool->next[page] = *head;
    pool->previous[page] = RD_NO_PAGE;
    if (*head != RD_NO_PAGE) pool->previous[*head] = page;
    if (order == RD_POOL_ORDERS - 1 && head == &pool->free_head[order]) pool->free_chunks++;
    *head = page;
}

static void unlink_free(struct rd_pool *pool, uint32_t page, unsigned order) {
    uint32_t next = pool->next[page], previous = pool->previous[page];
    uint32_t *head = head_of(pool, page, order);
    if (next != RD_NO_PAGE) pool->previous[next] = previous;
    if (previous != RD_NO_PAGE) pool->next[previous] = next;
    else *head = next;
    if (order == RD_POOL_ORDERS - 1 && head == &pool->free_head[order]) pool->free_chunks--;
    pool->state[page] &= STATE_COLD | STATE_SPLIT;
}

static void add_resident(struct rd_pool *pool, int64_t bytes) {
    atomic_fetch_add_explicit(&pool->resident_bytes, (uint64_t)bytes, memory_order_relaxed);
}

/* The pages are about to be used, or (a huge page) come together with those that are. */
static void warm(struct rd_pool *pool, uint32_t page, uint32_t count) {
    uint32_t cold = 0;
    for (uint32_t i = 0; i < count; i++) {
        cold += (pool->state[page + i] & STATE_COLD) != 0;
        pool->state[page + i] &= (uint8_t)~STATE_COLD;
    }
    if (cold) add_resident(pool, (int64_t)cold * RD_PAGE_SIZE);
}

/* Gives the memory of a block that is in no list back to the system. False when the system refuses. */
static bool cool(struct rd_pool *pool, uint32_t page, unsigned order) {
    uint32_t chunk = page & ~(RD_CHUNK_PAGES - 1), count = 1u << order;
    if (order < RD_POOL_ORDERS - 1 && !(pool->state[chunk] & STATE_SPLIT)) {
        /* Else the kernel would make one page of it again, and take back what is given here. */
        if (madvise(rd_pool_page(pool, chunk), RD_CHUNK_SIZE, MADV_NOHUGEPAGE) != 0) return false;
        pool->state[chunk] |= STATE_SPLIT;
    }
    if (!rd_region_drop(pool->region, rd_pool_page(pool, page), (size_t)count << RD_PAGE_SHIFT)) return false;
    uint32_t warm_pages = count - count_cold(pool, page, order);
    for (uint32_t i = 0; i < count; i++) pool->state[page + i] |= STATE_COLD;
    add_resident(pool, -(int64_t)warm_pages * RD_PAGE_SIZE);
    return true;
}

/* The same of a free one, which stays free. */
static bool cool_free(struct rd_pool *pool, uint32_t page, unsigned order) {
    unlink_free(pool, page, order);
    bool cooled = cool(pool, page, order);
    push_free(pool, page, order);
    return cooled;
}

/* With the lock held; as rd_pool_trim. */
static bool trim(struct rd_pool *pool, uint64_t resident, uint32_t calls) {
    for (unsigned order = RD_POOL_ORDERS; order-- > 0;) {
        while (pool->free_head[order] != RD_NO_PAGE) {
            if (atomic_load_explicit(&pool->resident_bytes, memory_order_relaxed) <= resident) return false;
            if (calls-- == 0) return true;
            if (!cool_free(pool, pool->free_head[order], order)) return false;
        }
    }
    return false;
}

bool rd_pool_trim(struct rd_pool *pool, uint64_t resident, uint32_t calls) {
    rd_lock_acquire(&pool->lock);
    bool more = trim(pool, resident, calls);
    rd_lock_release(&pool->lock);
    return more;
}

/* A kernel without huge pages serves small ones. */
static bool make_huge(struct rd_pool *pool, uint32_t page, uint32_t pages) {
    return madvise(rd_pool_page(pool, page), (size_t)pages << RD_PAGE_SHIFT, MADV_HUGEPAGE) == 0;
}

/* Opens the next of the reserved addresses. Nothing of them is resident yet. */
static bool open_chunks(struct rd_pool *pool) {
    uint32_t page = pool->pages_opened, left = pool->pages_reserved - page;
    uint32_t count = left < OPEN_CHUNKS * RD_CHUNK_PAGES ? left : OPEN_CHUNKS * RD_CHUNK_PAGES;
    if (count == 0) return false;
    if (mprotect(rd_pool_page(pool, page), (size_t)count << RD_PAGE_SHIFT, PROT_READ | PROT_WRITE) != 0) return false;
    make_huge(pool, page, count);
    pool->pages_opened += count;
    memset(pool->state + page, STATE_COLD, count);
    /* The last first, so that the lowest addresses are at the list's head. */
    for (uint32_t at = page + count; at > page; at -= RD_CHUNK_PAGES) {
        push_free(pool, at - RD_CHUNK_PAGES, RD_POOL_ORDERS - 1);
    }
    return true;
}

/* The smallest free block of at least the order, resident ones first; its order, or RD_POOL_ORDERS without any. */
static unsigned find_free(const struct rd_pool *pool, unsigned order, uint32_t *page) {
    for (unsigned from = order; from < RD_POOL_ORDERS; from++) {
        if ((*page = pool->free_head[from]) != RD_NO_PAGE) return from;
    }
    for (unsigned from = order; from < RD_POOL_ORDERS; from++) {
        if ((*page = pool->cold_head[from]) != RD_NO_PAGE) return from;
    }
    return RD_POOL_ORDERS;
}

/* A whole chunk comes into use: it is, or becomes again, a huge page, all of it resident with its first byte. */
static void begin_chunk(struct rd_pool *pool, uint32_t page) {
    if (pool->state[page] & STATE_SPLIT) {
        if (!make_huge(pool, page, RD_CHUNK_PAGES)) return;
        pool->state[page] &= (uint8_t)~STATE_SPLIT;
    }
    warm(pool, page, RD_CHUNK_PAGES);
}

/* A chunk of which nothing is resident, in no list any more; RD_NO_PAGE when none is wanted or to be had. */
static uint32_t begin_feeding(struct rd_pool *pool) {
    uint32_t page = RD_NO_PAGE;
    rd_lock_acquire(&pool->lock);
    uint64_t resident = atomic_load_explicit(&pool->resident_bytes, memory_order_relaxed);
    uint64_t ceiling = atomic_load_explicit(&pool->ceiling, memory_order_relaxed);
    bool wanted = pool->free_chunks < READY_CHUNKS && (!ceiling || resident + RD_CHUNK_SIZE <= ceiling);
    if (wanted && (pool->cold_head[RD_POOL_ORDERS - 1] != RD_NO_PAGE || open_chunks(pool))) {
        page = pool->cold_head[RD_POOL_ORDERS - 1];
        unlink_free(pool, page, RD_POOL_ORDERS - 1);
        pool->pages_feeding = RD_CHUNK_PAGES;
    }
    rd_lock_release(&pool->lock);
    return page;
}

bool rd_pool_feed(struct rd_pool *pool) {
    uint32_t page = begin_feeding(pool);
    if (page == RD_NO_PAGE) return false;
    char *at = rd_pool_page(pool, page);
    if (pool->state[page] & STATE_SPLIT) make_huge(pool, page, RD_CHUNK_PAGES);
    /* Not MADV_POPULATE_WRITE: it would hold the lock of all mappings, for which workers may be waiting. */
    for (uint32_t i = 0; i < RD_CHUNK_PAGES; i++) ((volatile char *)at)[i << RD_PAGE_SHIFT] = 0;
    rd_lock_acquire(&pool->lock);
    begin_chunk(pool, page);
    push_free(pool, page, RD_POOL_ORDERS - 1);
    pool->pages_feeding = 0;
    rd_lock_release(&pool->lock);
    return true;
}

bool rd_pool_trim_chunk(struct rd_pool *pool) {
    rd_lock_acquire(&pool->lock);
    uint32_t page = pool->free_head[RD_POOL_ORDERS - 1];
    bool trimmed = page != RD_NO_PAGE && cool_free(pool, page, RD_POOL_ORDERS - 1);
    rd_lock_release(&pool->lock);
    return trimmed;
}

uint32_t rd_pool_take(struct rd_pool *pool, unsigned order) {
    rd_lock_acquire(&pool->lock);
    uint32_t page;
    unsigned from = find_free(pool, order, &page);
    if (from == RD_POOL_ORDERS && open_chunks(pool)) from = find_free(pool, order, &page);
    if (from == RD_POOL_ORDERS) {
        rd_lock_release(&pool->lock);
        return RD_NO_PAGE;
    }
    unlink_free(pool, page, from);
    uint64_t before = atomic_load_explicit(&pool->resident_bytes, memory_order_relaxed);
    if (from == RD_POOL_ORDERS - 1) {
        begin_chunk(pool, page);
        if (pool->hungry) sem_post(pool->hungry);
    }
    while (from > order) {
        from--;
        push_free(pool, page + (1u << from), from);
    }
    warm(pool, page, 1u << order);
    atomic_fetch_add_explicit(&pool->used_bytes, (uint64_t)RD_PAGE_SIZE << order, memory_order_relaxed);
    uint64_t resident = atomic_load_explicit(&pool->resident_bytes, memory_order_relaxed);
    uint64_t ceiling = atomic_load_explicit(&pool->ceiling, memory_order_relaxed);
    /* A chunk's worth of slack, or each new chunk would be given back before it is used. */
    if (resident > before && ceiling && resident > ceiling + RD_CHUNK_SIZE) {
        trim(pool, ceiling + RD_CHUNK_SIZE, TRIM_AT_OPENING);
    }
    rd_lock_release(&pool->lock);
    return page;
}

void rd_pool_give(struct rd_pool *pool, uint32_t page, unsigned order) {
    rd_lock_acquire(&pool->lock);
    atomic_fetch_sub_explicit(&pool->used_bytes, (uint64_t)RD_PAGE_SIZE << order, memory_order_relaxed);
    while (order < RD_POOL_ORDERS - 1) {
        uint32_t buddy = page ^ (1u << order);
        if ((pool->state[buddy] & (STATE_FREE | STATE_ORDER)) != (STATE_FREE | order)) break;
        unlink_free(pool, buddy, order);
        page &= ~(1u << order);
        order++;
    }
    if (order == RD_POOL_ORDERS - 1 && pool->free_chunks >= SPARE_CHUNKS) cool(pool, page, order);
    push_free(pool, page, order);
    rd_lock_release(&pool->lock);
}

bool rd_pool_check(struct rd_pool *pool) {
    rd_lock_acquire(&pool->lock);
    uint64_t free_pages = 0, cold_pages = 0;
    bool sound = true;
    for (unsigned list = 0; list < 2 * RD_POOL_ORDERS && sound; list++) {
        unsigned order = list / 2;
        uint32_t previous = RD_NO_PAGE;
        uint32_t *head = list % 2 ? &pool->cold_head[order] : &pool->free_head[order];
        for (uint32_t page = *head; page != RD_NO_PAGE; page = pool->next[page]) {
            if ((pool->state[page] & (STATE_FREE | STATE_ORDER)) != (STATE_FREE | order) ||
                pool->previous[page] != previous || page % (1u << order) != 0 || page >= pool->pages_opened ||
                head_of(pool, page, order) != head) {
                sound = false;
                break;
            }
            free_pages += 1u << order;
            previous = page;
        }
    }
    for (uint32_t page = 0; page < pool->pages_opened; page++) cold_pages += (pool->state[page] & STATE_COLD) != 0;
    uint64_t resident = atomic_load_explicit(&pool->resident_bytes, memory_order_relaxed) >> RD_PAGE_SHIFT;
    sound = sound && resident + cold_pages == pool->pages_opened;
    uint64_t used = atomic_load_explicit(&pool->used_bytes, memory_order_relaxed) >> RD_PAGE_SHIFT;
    sound = sound && used + free_pages + pool->pages_feeding == pool->pages_opened;
    rd_lock_release(&pool->lock);
    return sound;
}
