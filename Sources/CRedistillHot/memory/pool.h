/*
 * This file owns the store's memory as pages: one reserved stretch of addresses, handed out as blocks of
 * 2^order pages of 4 KiB by a buddy allocator (Knuth, TAOCP 1, 2.5). Memory comes from the system in chunks of
 * 2 MiB, advised to be huge pages, and whole free chunks go back to it. Under a ceiling, smaller free blocks go back
 * too, page by page; their chunk then stops being a huge page until it was free as a whole.
 *
 * Shards share one pool, so that 256 shards of 400 KB fill huge pages together. Blocks are named by page number,
 * never by pointer. The pool's lock is a leaf: it is taken with a shard's lock held and takes nothing itself.
 */
#ifndef RD_POOL_H
#define RD_POOL_H

#include <semaphore.h>

#include "memory/region.h"

#define RD_PAGE_SHIFT 12
#define RD_PAGE_SIZE (1u << RD_PAGE_SHIFT)
#define RD_POOL_ORDERS 10 /* 4 KiB .. 2 MiB */
#define RD_CHUNK_SIZE (2u << 20)
#define RD_CHUNK_PAGES (RD_CHUNK_SIZE / RD_PAGE_SIZE)
#define RD_NO_PAGE UINT32_MAX

struct rd_pool {
    char *base;              /* immutable after init; page n is at base + n * 4096 */
    uint32_t pages_reserved; /* immutable */
    struct rd_region *region; /* borrowed, immutable: in which all of it lies; NULL: private memory */
    struct rd_lock lock;
    /* Guarded by lock. */
    uint32_t pages_opened;                 /* pages in chunks that were ever taken from the system */
    uint32_t free_head[RD_POOL_ORDERS];    /* first free block of each order, RD_NO_PAGE when none */
    uint32_t cold_head[RD_POOL_ORDERS];    /* the same for blocks of which no page is resident */
    uint32_t free_chunks;                  /* blocks in free_head of the highest order */
    uint32_t pages_feeding;                /* of the chunk that rd_pool_feed is at: neither free nor used */
    sem_t *hungry;                         /* posted when a free chunk came into use; NULL: nobody feeds (feeder.h) */
    uint8_t *state;                        /* per page: see pool.c */
    uint32_t *next, *previous;             /* per page: links of free blocks */
    /* Written under lock, read by anyone. */
    _Atomic uint64_t used_bytes;           /* handed out */
    _Atomic uint64_t resident_bytes;       /* taken from the system and not given back */
    /* Any thread writes. */
    _Atomic uint64_t ceiling;              /* resident_bytes to stay below where free blocks allow it; 0 = none */
};

/* reserve_bytes of addresses, or as much as the process may reserve, but at least 64 MiB. Of the region, if there is one. */
RD_MUST_USE enum rd_status rd_pool_init(struct rd_pool *pool, uint64_t reserve_bytes, struct rd_region *region);
void rd_pool_destroy(struct rd_pool *pool);
/* Another process has left it in its region: what pointed into that process is as new. */
void rd_pool_adopt(struct rd_pool *pool);

/* A block of 2^order pages: its first page's number, or RD_NO_PAGE. Its bytes are not cleared. */
RD_MUST_USE uint32_t rd_pool_take(struct rd_pool *pool, unsigned order);
void rd_pool_give(struct rd_pool *pool, uint32_t page, unsigned order);

/*
 * Has a free chunk made resident, so that whoever takes it does not wait for the kernel to find and clear 2 MiB. The
 * lock is not held meanwhile. One thread at a time. False when enough are ready, or none may be had.
 */
bool rd_pool_feed(struct rd_pool *pool);

/* Gives one free chunk back to the system; false when there is none, or the system refuses. */
bool rd_pool_trim_chunk(struct rd_pool *pool);

/*
 * Gives free blocks back to the system until at most `resident` bytes are resident, or `calls` blocks were given, or
 * none is left; true when it stopped for the second reason. The lock is held for about a microsecond a block.
 */
bool rd_pool_trim(struct rd_pool *pool, uint64_t resident, uint32_t calls);

/* Walks the free lists and the counters; false when they disagree. For tests and debug builds. */
bool rd_pool_check(struct rd_pool *pool);

static inline void *rd_pool_page(const struct rd_pool *pool, uint32_t page) {
    return pool->base + ((uintptr_t)page << RD_PAGE_SHIFT);
}

#endif
