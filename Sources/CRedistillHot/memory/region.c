/* This file owns mapping the region, and dealing out its addresses. */
#include "memory/region.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x3165726f74736452u /* "Rdstore1" */
#define CHUNK (2ull << 20)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static const uint64_t places[] = RD_REGION_PLACES;
#define PLACES (sizeof places / sizeof places[0])

static struct rd_region *map(int fd, uint64_t size, uint64_t place) {
    void *wanted = (void *)(uintptr_t)place;
    void *at = mmap(wanted, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE, fd, 0);
    if (at == MAP_FAILED) return NULL;
    if (at == wanted) return at;
    munmap(at, size); /* a kernel before 4.17 takes the flag for a hint */
    return NULL;
}

static void advise(struct rd_region *region, uint64_t size) {
    /* A huge page would make resident what is only an address; the pool asks for its own. */
    madvise(region, size, MADV_NOHUGEPAGE);
    /* A core dump reads every page, and of shared memory that makes resident even what nobody has ever touched. */
    madvise(region, size, MADV_DONTDUMP);
}

enum rd_status rd_region_create(uint64_t bytes, struct rd_region **out) {
    uint64_t size = (bytes + CHUNK - 1) & ~(CHUNK - 1);
    if (size > RD_REGION_MOST) size = RD_REGION_MOST;
    int fd = memfd_create("redistill-store", MFD_CLOEXEC);
    if (fd < 0) return RD_ERR_NO_MEMORY;
    struct rd_region *region = NULL;
    bool is_long = ftruncate(fd, (off_t)size) == 0;
    for (size_t i = 0; i < PLACES && is_long && !region; i++) region = map(fd, size, places[i]);
    if (!region) {
        close(fd);
        return RD_ERR_NO_MEMORY;
    }
    advise(region, size);
    *region = (struct rd_region){.magic = MAGIC, .size = size, .place = region, .fd = fd, .taken = (sizeof *region + 4095) & ~4095ull};
    *out = region;
    return RD_OK;
}

struct rd_region *rd_region_adopt(int fd, uint32_t format, uint64_t fingerprint, const char **why) {
    struct rd_region head;
    struct stat status;
    if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head || head.magic != MAGIC) {
        *why = "it is not a store";
        return NULL;
    }
    if (head.format != format || head.fingerprint != fingerprint) {
        *why = "it is of a version with another layout";
        return NULL;
    }
    if (fstat(fd, &status) != 0 || (uint64_t)status.st_size != head.size || head.size > RD_REGION_MOST || head.taken > head.size) {
        *why = "its size is wrong";
        return NULL;
    }
    uint64_t place = (uint64_t)(uintptr_t)head.place;
    struct rd_region *region = place == places[0] || place == places[1] ? map(fd, head.size, place) : NULL;
    if (!region) {
        *why = "its addresses are taken";
        return NULL;
    }
    advise(region, head.size);
    fcntl(fd, F_SETFD, FD_CLOEXEC); /* it came by way of exec */
    region->fd = fd;
    return region;
}

int rd_region_leave(struct rd_region *region) {
    int fd = region->fd;
    munmap(region, region->size);
    return fd;
}

void rd_region_close(struct rd_region *region) {
    if (region) close(rd_region_leave(region));
}

void *rd_region_take(struct rd_region *region, uint64_t bytes, uint64_t alignment) {
    rd_lock_acquire(&region->lock);
    uint64_t at = (region->taken + alignment - 1) & ~(alignment - 1);
    bool fits = bytes <= region->size && at <= region->size - bytes;
    if (fits) region->taken = at + bytes;
    rd_lock_release(&region->lock);
    return fits ? (char *)region + at : NULL;
}

uint64_t rd_region_resident(const struct rd_region *region) {
    struct stat status;
    return fstat(region->fd, &status) == 0 ? (uint64_t)status.st_blocks * 512 : 0;
}

bool rd_region_drop(const struct rd_region *region, void *at, size_t bytes) {
    /* Of shared memory MADV_DONTNEED would only forget this process's view. */
    return madvise(at, bytes, region ? MADV_REMOVE : MADV_DONTNEED) == 0;
}
