/* This file owns giving back pages of a store that is being copied. */
#include "store/vacate.h"

#include <sys/mman.h>

/* As many as are given back in one call at most. */
#define RUN_MOST (4u << 10)

void rd_vacate_init(struct rd_vacate *vacate, const struct rd_pool *pool) {
    *vacate = (struct rd_vacate){.pool = pool};
    void *at = mmap(NULL, pool->pages_reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at != MAP_FAILED) vacate->needed = at;
}

static void give_back(struct rd_vacate *vacate) {
    /* Where the system refuses they stay, until all of the region goes. */
    size_t bytes = (size_t)(vacate->end - vacate->begin) << RD_PAGE_SHIFT;
    if (bytes) (void)!rd_region_drop(vacate->pool->region, rd_pool_page(vacate->pool, vacate->begin), bytes);
    vacate->begin = vacate->end;
}

void rd_vacate_destroy(struct rd_vacate *vacate) {
    give_back(vacate);
    if (vacate->needed) munmap(vacate->needed, vacate->pool->pages_reserved);
    vacate->needed = NULL;
}

/* The pages that a blob of the pool is on; none of one in a span. */
static uint32_t pages_of(const struct rd_vacate *vacate, const struct rd_blob *blob, uint32_t *first) {
    const char *at = (const char *)blob, *base = vacate->pool->base;
    uint64_t offset = (uint64_t)(at - base), end = (uint64_t)(blob->bytes + rd_blob_capacity(blob) - base);
    if (at < base || offset >> RD_PAGE_SHIFT >= vacate->pool->pages_reserved) return 0;
    *first = (uint32_t)(offset >> RD_PAGE_SHIFT);
    return (uint32_t)((end - 1) >> RD_PAGE_SHIFT) - *first + 1;
}

void rd_vacate_need(struct rd_vacate *vacate, const struct rd_blob *blob) {
    uint32_t first = 0, count = vacate->needed ? pages_of(vacate, blob, &first) : 0;
    for (uint32_t page = first; page < first + count; page++) vacate->needed[page]++;
}

void rd_vacate_pages(struct rd_vacate *vacate, uint32_t page, uint32_t count) {
    if (page != vacate->end || vacate->end - vacate->begin >= RUN_MOST) {
        give_back(vacate);
        vacate->begin = page;
    }
    vacate->end = page + count;
}

void rd_vacate_done(struct rd_vacate *vacate, const struct rd_blob *blob) {
    if (!vacate->needed) return;
    uint32_t first, count = pages_of(vacate, blob, &first);
    if (count == 0) { /* a span, whose pages are its own */
        (void)!rd_region_drop(vacate->pool->region, blob->bytes, rd_blob_capacity(blob));
        return;
    }
    for (uint32_t page = first; page < first + count; page++) {
        if (--vacate->needed[page] == 0) rd_vacate_pages(vacate, page, 1);
    }
}
