/*
 * This file owns the region: shared memory (a memfd) in which everything of a store lies when it is to be kept for the
 * next process. It is mapped at the same addresses in each, so that pointers within it stay right; those out of it are
 * set anew by their owners (rd_pool_adopt and its like). Its first bytes are struct rd_region itself.
 *
 *     base                 taken                                          size
 *     +-----------+--------+----------------------------------------------+
 *     | rd_region | what was taken: the pool, spans, blocks | addresses only |
 *     +-----------+--------+----------------------------------------------+
 *
 * Whoever keeps nothing has none: a region of NULL means the process's own, private memory everywhere here.
 */
#ifndef RD_REGION_H
#define RD_REGION_H

#include <stddef.h>

#include "base/lock.h"
#include "redistill_hot.h"

/*
 * The two places where a region may be, and what fits into each: no kernel or sanitizer puts anything there by itself. Two,
 * so that one which a crash has left can be read while another is filled from it.
 */
#define RD_REGION_PLACES {1ull << 45, 1ull << 46}
#define RD_REGION_MOST (1ull << 44)
/* Blocks of 2^n bytes: see kept.h. */
#define RD_KEPT_CLASSES 40

/* What becomes of it when its process ends now. */
enum rd_region_state {
    RD_REGION_USED,    /* nothing: a write may be half done, and nobody would know */
    RD_REGION_GUARDED, /* what has to be whole is, but for what a lock that is held guards (store/recover.h) */
    RD_REGION_PARKED,  /* all of it is the next process's: nobody uses it */
};

struct rd_region {
    uint64_t magic;
    uint32_t format;      /* of everything that lies here: see RD_KEPT_FORMAT */
    uint32_t state;       /* enum rd_region_state; written by whoever starts or ends its use */
    uint64_t fingerprint; /* of the layouts of structs that lie here */
    uint64_t size;        /* of all addresses */
    uint64_t checksum;    /* whoever parks it computes and checks it; what it covers is theirs to say */
    struct rd_region *place; /* where it is mapped, one of RD_REGION_PLACES */
    void *root;           /* what everything else is found from */
    int64_t recovered_ms; /* when it was filled from what a crash had left, Unix time; 0: it was not */
    int fd;               /* of this process; owned */
    struct rd_lock lock;
    /* Guarded by lock. */
    uint64_t taken;       /* bytes from the base that are somebody's */
    void *free[RD_KEPT_CLASSES]; /* blocks given back, by size: kept.h */
};

/* Room for `bytes` of addresses, 0 resident. RD_ERR_NO_MEMORY: the kernel has no memfd, or not so many addresses. */
RD_MUST_USE enum rd_status rd_region_create(uint64_t bytes, struct rd_region **region);
/*
 * Maps what another process has left behind the descriptor, which is taken over on success. NULL, and *why says in a
 * few words: it is not a region, of another layout, or there is no place for it. Nothing in it is trusted yet.
 */
struct rd_region *rd_region_adopt(int fd, uint32_t format, uint64_t fingerprint, const char **why);
/* Unmaps it; its memory is gone, unless somebody else has a descriptor of it. */
void rd_region_close(struct rd_region *region);
/* The same, but returns the descriptor, which the caller owns from now on. */
int rd_region_leave(struct rd_region *region);

/* So many bytes of it, zero, never given back; NULL: none are left. A power of two is the alignment. Any thread. */
void *rd_region_take(struct rd_region *region, uint64_t bytes, uint64_t alignment);

/* Do these bytes lie in what was taken of it? */
static inline bool rd_region_has(const struct rd_region *region, const void *at, uint64_t bytes) {
    uint64_t offset = (uint64_t)((const char *)at - (const char *)region);
    return (const char *)at > (const char *)region && offset <= region->taken && bytes <= region->taken - offset;
}

/* What it has resident, in whichever process; 0 where the kernel does not tell. */
uint64_t rd_region_resident(const struct rd_region *region);

/* Gives whole pages back to the system; they read as zero afterwards. Of private memory without a region. */
RD_MUST_USE bool rd_region_drop(const struct rd_region *region, void *at, size_t bytes);

#endif
