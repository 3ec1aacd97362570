/* This file owns relief of memory between commands. */
#include "store/relief.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/compact.h"
#include "store/room.h"

/* Blocks given back, or entries evicted, under one hold of a lock: a block of 2 MiB may take 100 us. */
#define TRIM_STEP 4
#define EVICT_STEP 32
/* An idle shard is tidied when a sixteenth of its slabs' memory is holes, and more than a few slabs of it. */
#define TIDY_SHARE 16
#define TIDY_LEAST (16u << 12)
/* Without a limit the pool keeps this above what is used, for what comes next: a share of it, and at least so much. */
#define IDLE_SHARE 8
#define IDLE_LEAST (32u << 20)
/* Less than this is not worth to be given back out of turn. */
#define FREE_HEAP_LEAST (1u << 20)
/* The rest goes back by a fiftieth of what is resident in each tenth of a second: all of it in a few seconds. */
#define IDLE_FALL 50
/* Warm stretches that nobody wanted for a second go back, so much in each tenth of one: all of them in a few seconds. */
#define SPANS_IDLE 10
#define SPANS_FALL (1u << 20)

uint64_t rd_process_resident(const struct rd_region *region) {
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0) return 0;
    text[length] = 0;
    unsigned long total, resident, shared;
    if (sscanf(text, "%lu %lu %lu", &total, &resident, &shared) != 3) return 0;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return region ? (resident - shared) * page + rd_region_resident(region) : resident * page;
}

static uint64_t get(const _Atomic uint64_t *value) {
    return atomic_load_explicit(value, memory_order_relaxed);
}

/* What the pool may have resident: the limit less everything else. */
static uint64_t pool_ceiling(const struct rd_store *store) {
    uint64_t limit = get(&store->limit);
    uint64_t rest = get(&store->blobs.span_bytes) + get(&store->blobs.spans.warm_bytes) + rd_store_other(store);
    return limit > rest ? limit - rest : RD_CHUNK_SIZE;
}

/* Without a limit: what is resident and nobody uses goes back slowly, since it might be wanted again. */
static void lower_idle_ceiling(struct rd_store *store) {
    uint64_t used = get(&store->pool.used_bytes), resident = get(&store->pool.resident_bytes);
    uint64_t keep = used + used / IDLE_SHARE + IDLE_LEAST, lower = resident - resident / IDLE_FALL;
    atomic_store_explicit(&store->idle_ceiling, lower > keep ? lower : keep, memory_order_relaxed);
    if (resident > keep) atomic_store_explicit(&store->relief, true, memory_order_relaxed);
}

/*
 * What else the process has resident. Between two measurements what clients hold is counted by the daemon itself, so
 * that neither a burst nor its end has to wait for the next. Of two measurements the lower counts: while the allocator
 * gives memory back it is resident, and no longer among what is free.
 */
static void measure_others(struct rd_store *store, uint64_t resident, uint64_t free) {
    uint64_t own = rd_store_resident(store) + free;
    if (!get(&store->startup_bytes)) {
        atomic_store_explicit(&store->startup_bytes, resident > own ? resident - own : 1, memory_order_relaxed);
    }
    uint64_t known = own + get(&store->startup_bytes);
    int64_t others = resident > known ? (int64_t)(resident - known) : 0;
    int64_t clients = atomic_load_explicit(&store->client_bytes, memory_order_relaxed);
    int64_t now = others - clients, before = store->measured_before;
    store->measured_before = now;
    atomic_store_explicit(&store->other_than_clients, now < before ? now : before, memory_order_relaxed);
}

static void cool_idle_spans(struct rd_store *store) {
    uint32_t takes = atomic_load_explicit(&store->blobs.spans.takes, memory_order_relaxed);
    store->spans_idle = takes == store->spans_taken ? store->spans_idle + 1 : 0;
    store->spans_taken = takes;
    if (store->spans_idle > SPANS_IDLE) rd_spans_cool(&store->blobs.spans, SPANS_FALL);
}

bool rd_store_measure(struct rd_store *store, uint64_t resident, uint64_t heap_free) {
    uint64_t limit = get(&store->limit);
    if (store->shares) rd_shares_measure(store);
    if (resident) measure_others(store, resident, heap_free);
    atomic_store_explicit(&store->resident_bytes, resident, memory_order_relaxed);
    atomic_store_explicit(&store->minute, (uint32_t)(rd_monotonic_ms() / 60000), memory_order_relaxed);
    cool_idle_spans(store);
    atomic_store_explicit(&store->pool.ceiling, limit ? pool_ceiling(store) : 0, memory_order_relaxed);
    if (limit == 0) {
        lower_idle_ceiling(store);
        return false;
    }
    /* While a store fills, its epochs are parts of what has come. */
    uint64_t used = rd_store_used(store), step = limit / 16;
    if (used > get(&store->grown_bytes) + step) {
        atomic_store_explicit(&store->grown_bytes, used, memory_order_relaxed);
        atomic_fetch_add_explicit(&store->epoch, 1, memory_order_relaxed);
    } else if (used + step < get(&store->grown_bytes)) {
        atomic_store_explicit(&store->grown_bytes, used, memory_order_relaxed);
    }
    if (rd_room_is_wanted(store) || get(&store->pool.resident_bytes) > pool_ceiling(store)) {
        atomic_store_explicit(&store->relief, true, memory_order_relaxed);
    }
    return heap_free > FREE_HEAP_LEAST && resident > limit + get(&store->startup_bytes);
}

/* Evicts from one shard after the other; false when a whole round had nothing to offer, or there is room. */
static bool evict_some(struct rd_store *store, uint32_t *at) {
    for (uint32_t tried = 0; tried < store->shard_count; tried++) {
        struct rd_shard *shard = &store->shards[*at = (*at + 1) & (store->shard_count - 1)];
        if (!rd_shard_keys(shard)) continue;
        if (!rd_shard_try_lock(shard)) continue; /* a script may hold it for long */
        uint32_t evicted = rd_room_evict(shard, EVICT_STEP);
        rd_shard_unlock(shard);
        if (evicted) return true;
        if (!rd_room_is_wanted(store)) return false;
    }
    return false;
}

/* What the pool is to have resident at most. */
static uint64_t pool_target(struct rd_store *store) {
    if (get(&store->limit) == 0) return get(&store->idle_ceiling);
    uint64_t ceiling = pool_ceiling(store);
    atomic_store_explicit(&store->pool.ceiling, ceiling, memory_order_relaxed);
    return ceiling + RD_CHUNK_SIZE; /* a chunk's slack, or each new one would be given back before it is used */
}

/* One step of whatever is most needed; false when nothing is. */
static bool step(struct rd_store *store, uint32_t *at) {
    if (rd_flush_step(store) || rd_store_bury_some(store, at) || rd_strays_step(store)) return true;
    uint64_t target = pool_target(store);
    if (get(&store->pool.resident_bytes) > target && rd_pool_trim(&store->pool, target, TRIM_STEP)) return true;
    uint64_t limit = get(&store->limit);
    if (!rd_room_is_wanted(store)) return false;
    uint64_t used = rd_store_used(store);
    if (used > limit && (rd_spans_cool(&store->blobs.spans, used - limit) || rd_store_compact_blobs(store))) return true;
    return evict_some(store, at);
}

bool rd_store_relieve(struct rd_store *store, uint32_t *shard, int64_t microseconds) {
    int64_t end = rd_microseconds() + microseconds;
    while (step(store, shard)) {
        if (rd_microseconds() >= end) return true;
    }
    atomic_store(&store->relief, false);
    if (__builtin_expect(!rd_strays_are_due(&store->strays), 1)) return false;
    atomic_store(&store->relief, true); /* they are since that was looked at, and keys may have to wait for them */
    return true;
}

bool rd_shard_tidy(struct rd_shard *shard) {
    uint64_t slabs = rd_counter_get(&shard->arena.slab_bytes), entries = rd_counter_get(&shard->entry_bytes);
    if (slabs < entries + slabs / TIDY_SHARE + TIDY_LEAST) return false;
    return rd_shard_compact(shard, NULL);
}
