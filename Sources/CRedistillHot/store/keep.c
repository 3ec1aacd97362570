/* This file owns parking and adopting a store. */
#include "store/keep.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

/* Of a region: several times the memory, for the holes between blocks of different sizes; six of these parts in all. */
#define PART_MACHINES 8
#define BESIDE_PARTS (1ull << 30)
#define PART_MOST ((RD_REGION_MOST - BESIDE_PARTS) / 6)

static const struct rd_hash_seed checksum_seed = {0x7265646973746974u, 0x6b6570746b657074u};

/* Of what everything else is found from. */
static uint64_t checksum_of(const struct rd_store *store) {
    uint64_t of_store = rd_hash(&checksum_seed, (const char *)store, sizeof *store);
    return of_store ^ rd_hash(&checksum_seed, (const char *)store->shards, store->shard_count * sizeof *store->shards);
}

/* NULL: what is found there can't be one. */
static struct rd_store *find_store(const struct rd_region *region) {
    struct rd_store *store = region->root;
    bool has_shards = rd_region_has(region, store, sizeof *store) && store->shard_count > 0 &&
                      store->shard_count <= RD_MOST_SHARDS && (store->shard_count & (store->shard_count - 1)) == 0 &&
                      rd_region_has(region, store->shards, store->shard_count * sizeof *store->shards);
    return has_shards ? store : NULL;
}

/* The parked store; NULL, and *why says what is wrong with it. */
static struct rd_store *find_parked(const struct rd_region *region, const char **why) {
    struct rd_store *store = find_store(region);
    if (store && region->checksum == checksum_of(store)) return store;
    *why = "its checksum is wrong";
    return NULL;
}

static bool has_same_sizes(const struct rd_store *store) {
    struct rd_size_classes classes;
    rd_size_classes_init(&classes);
    return memcmp(&classes, &store->classes, sizeof classes) == 0;
}

static bool has_same_shares(const struct rd_store *store, const struct rd_store_options *options) {
    if (!store->shares || !options->shares) return !store->shares && !options->shares;
    uint8_t percent[RD_SPACES] = {0};
    for (uint32_t i = 0; i < store->shares->count; i++) percent[store->shares->database[i]] = store->shares->percent[i];
    return memcmp(percent, options->shares, store->databases.count) == 0;
}

/* What the options ask for and the parked store cannot become; NULL: nothing. */
static const char *difference(const struct rd_store *store, const struct rd_store_options *options, const struct rd_keep *keep) {
    if (!has_same_sizes(store)) return "it is of a version with other sizes";
    if (store->shard_count != options->shards && !keep->any_shards) return "the number of shards has changed";
    if (store->databases.count != (options->databases ? options->databases : 1)) return "the number of databases has changed";
    return has_same_shares(store, options) ? NULL : "the shares of databases have changed";
}

/* What the process before knew of itself, and this one does not share. */
static void begin_anew(struct rd_store *store, const struct rd_store_options *options) {
    store->shared = options->shared;
    store->shapes = options->shapes;
    store->change_slot = NULL;
    store->measured_before = 0;
    atomic_store(&store->busy, 0);
    atomic_store(&store->client_bytes, 0);
    atomic_store(&store->other_than_clients, 0);
    atomic_store(&store->resident_bytes, 0);
    atomic_store(&store->startup_bytes, 0);
    atomic_store(&store->policy, options->policy ? options->policy : &rd_policy_noeviction);
    rd_lock_reset(&store->flush.lock);
    rd_pool_adopt(&store->pool);
    rd_blobs_adopt(&store->blobs);
    store->blobs.told_of_buried = &store->relief;
    for (uint32_t i = 0; i < store->shard_count; i++) rd_shard_adopt(&store->shards[i]);
    rd_store_set_limit(store, options->limit);
    rd_strays_adopt(store);
}

static struct rd_store *adopt(struct rd_region *region, const struct rd_store_options *options, struct rd_keep *keep) {
    struct rd_store *store = find_parked(region, &keep->why_cold);
    if (store) keep->why_cold = difference(store, options, keep);
    if (keep->why_cold) {
        rd_region_close(region);
        return NULL;
    }
    region->state = RD_REGION_USED;
    region->recovered_ms = 0; /* whoever had recovered it has come to an end in order */
    rd_lock_reset(&region->lock);
    begin_anew(store, options);
    keep->adopted = true;
    return store;
}

/* `seed` is that of a store which it is to be filled from, whose values are ordered by it; NULL: a new one. */
static struct rd_store *make_in_region(const struct rd_store_options *options, struct rd_keep *keep, const struct rd_hash_seed *seed) {
    long pages = sysconf(_SC_PHYS_PAGES);
    uint64_t part = pages > 0 ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) * PART_MACHINES : PART_MOST;
    if (part > PART_MOST) part = PART_MOST;
    struct rd_store_options in_region = *options;
    in_region.reserve = part;
    if (seed) in_region.seed = seed;
    if (rd_region_create(6 * part + BESIDE_PARTS, &in_region.region) != RD_OK) {
        if (!keep->why_cold) keep->why_cold = "there is no shared memory to be had";
        return NULL;
    }
    struct rd_region *region = in_region.region;
    struct rd_store *store = rd_region_take(region, sizeof *store, _Alignof(struct rd_shard));
    if (!store || rd_store_init(store, &in_region) != RD_OK) {
        rd_region_close(region);
        return NULL;
    }
    region->format = RD_KEPT_FORMAT;
    region->fingerprint = keep->fingerprint;
    region->root = store;
    return store;
}

/* What the process before knew of itself, and those who look at what it has left must not take for theirs. */
static void end_of_crashed(struct rd_store *left, const struct rd_store_options *options) {
    left->shared = false;
    left->shapes = options->shapes;
    left->change_slot = NULL;
    left->blobs.told_of_buried = NULL;
    for (uint32_t i = 0; i < left->shard_count; i++) left->shards[i].listened = false;
}

/* Is what its parts are found by as it was made? */
static bool has_sound_head(const struct rd_store *left, const struct rd_region *region) {
    const struct rd_pool *pool = &left->pool;
    return pool->region == region && rd_region_has(region, pool->base, (uint64_t)pool->pages_reserved << RD_PAGE_SHIFT) &&
           left->databases.count <= RD_SPACES && left->shard_shift == 64 - (uint32_t)__builtin_ctz(left->shard_count);
}

/* Why what a crash has left is not even to be looked at; NULL: it is. */
static const char *reason_to_leave(const struct rd_region *region, const struct rd_keep *keep) {
    if (!keep->after_crash || region->state != RD_REGION_GUARDED) return "the process before did not end in order";
    int64_t since = rd_unix_ms() - region->recovered_ms;
    if (region->recovered_ms && since >= 0 && since < RD_RECOVERY_TRIAL) return "it crashed again, soon after the last crash";
    const struct rd_store *left = find_store(region);
    if (!left || !has_sound_head(left, region)) return "its head is damaged";
    return has_same_sizes(left) ? NULL : "it is of a version with other sizes";
}

/* A new store, of which keep->why_cold says why nothing is in it; NULL: there is none. */
static struct rd_store *recover(struct rd_region *region, const struct rd_store_options *options, struct rd_keep *keep) {
    keep->why_cold = reason_to_leave(region, keep);
    struct rd_store *left = keep->why_cold ? NULL : region->root;
    struct rd_store *store = left ? make_in_region(options, keep, &left->seed) : NULL;
    if (store) {
        region->state = RD_REGION_USED; /* should this process, too, crash */
        end_of_crashed(left, options);
        keep->why_cold = rd_store_recover(store, left, keep->most_resident, &keep->recovery);
        if (!keep->why_cold && keep->recovery.lost_shards == keep->recovery.shards) keep->why_cold = "no part of it is sound";
        keep->adopted = !keep->why_cold;
        if (keep->adopted) store->pool.region->recovered_ms = rd_unix_ms();
    }
    rd_region_close(region);
    return store;
}

/* What there is behind keep->fd, if it is of use. */
static struct rd_store *take_over(const struct rd_store_options *options, struct rd_keep *keep) {
    struct rd_region *region = rd_region_adopt(keep->fd, RD_KEPT_FORMAT, keep->fingerprint, &keep->why_cold);
    if (!region) {
        close(keep->fd);
        return NULL;
    }
    return region->state == RD_REGION_PARKED ? adopt(region, options, keep) : recover(region, options, keep);
}

enum rd_status rd_store_open(const struct rd_store_options *options, struct rd_keep *keep, struct rd_store **out) {
    *out = NULL;
    if (keep) {
        keep->adopted = false;
        keep->why_cold = NULL;
        keep->recovery = (struct rd_recovery){0};
        if (keep->fd >= 0) *out = take_over(options, keep);
        if (!*out) *out = make_in_region(options, keep, NULL);
        if (*out) return RD_OK;
    }
    struct rd_store *store = aligned_alloc(_Alignof(struct rd_shard), (sizeof *store + 127) & ~(size_t)127);
    if (!store) return RD_ERR_NO_MEMORY;
    enum rd_status status = rd_store_init(store, options);
    if (status == RD_OK) *out = store;
    else free(store);
    return status;
}

void rd_store_guard(struct rd_store *store, const struct rd_keep *keep) {
    if (store->pool.region && keep->after_crash) store->pool.region->state = RD_REGION_GUARDED;
}

int rd_store_descriptor(const struct rd_store *store) {
    return store->pool.region ? store->pool.region->fd : -1;
}

void rd_store_close(struct rd_store *store) {
    if (!store) return;
    struct rd_region *region = store->pool.region;
    if (region) {
        rd_region_close(region);
        return;
    }
    rd_store_destroy(store);
    free(store);
}

int rd_store_park(struct rd_store *store) {
    struct rd_region *region = store->pool.region;
    if (!region || atomic_load(&store->blobs.orphan_bytes)) {
        rd_store_close(store);
        return -1;
    }
    region->checksum = checksum_of(store);
    region->state = RD_REGION_PARKED;
    return rd_region_leave(region);
}
