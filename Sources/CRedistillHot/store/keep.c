/* This file owns parking and adopting a store. */
#include "store/keep.h"

#include <stdlib.h>
#include <unistd.h>

/* Of a region: several times the memory, for the holes between blocks of different sizes; six of these parts in all. */
#define PART_MACHINES 8
#define PART_MOST (4ull << 40)

static const struct rd_hash_seed checksum_seed = {0x7265646973746974u, 0x6b6570746b657074u};

/* Of what everything else is found from. */
static uint64_t checksum_of(const struct rd_store *store) {
    uint64_t of_store = rd_hash(&checksum_seed, (const char *)store, sizeof *store);
    return of_store ^ rd_hash(&checksum_seed, (const char *)store->shards, store->shard_count * sizeof *store->shards);
}

static bool lies_in(const struct rd_region *region, const void *at, uint64_t bytes) {
    uint64_t offset = (uint64_t)((const char *)at - (const char *)region);
    return (const char *)at > (const char *)region && offset <= region->taken && bytes <= region->taken - offset;
}

/* The parked store; NULL, and *why says what is wrong with it. */
static struct rd_store *find_parked(const struct rd_region *region, const char **why) {
    struct rd_store *store = region->root;
    if (!region->clean) {
        *why = "the process before did not end in order";
        return NULL;
    }
    *why = "its checksum is wrong";
    if (!lies_in(region, store, sizeof *store) || store->shard_count == 0 || store->shard_count > RD_MOST_SHARDS ||
        !lies_in(region, store->shards, store->shard_count * sizeof *store->shards) ||
        region->checksum != checksum_of(store)) {
        return NULL;
    }
    *why = NULL;
    return store;
}

static bool has_same_shares(const struct rd_store *store, const struct rd_store_options *options) {
    if (!store->shares || !options->shares) return !store->shares && !options->shares;
    uint8_t percent[RD_SPACES] = {0};
    for (uint32_t i = 0; i < store->shares->count; i++) percent[store->shares->database[i]] = store->shares->percent[i];
    return memcmp(percent, options->shares, store->databases.count) == 0;
}

/* What the options ask for and the parked store cannot become; NULL: nothing. */
static const char *difference(const struct rd_store *store, const struct rd_store_options *options, const struct rd_keep *keep) {
    struct rd_size_classes classes;
    rd_size_classes_init(&classes);
    if (memcmp(&classes, &store->classes, sizeof classes) != 0) return "it is of a version with other sizes";
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

static struct rd_store *adopt(const struct rd_store_options *options, struct rd_keep *keep) {
    struct rd_region *region = rd_region_adopt(keep->fd, RD_KEPT_FORMAT, keep->fingerprint, &keep->why_cold);
    if (!region) {
        close(keep->fd);
        return NULL;
    }
    struct rd_store *store = find_parked(region, &keep->why_cold);
    if (store) keep->why_cold = difference(store, options, keep);
    if (keep->why_cold) {
        rd_region_close(region);
        return NULL;
    }
    region->clean = false;
    rd_lock_reset(&region->lock);
    begin_anew(store, options);
    keep->adopted = true;
    return store;
}

static struct rd_store *make_in_region(const struct rd_store_options *options, struct rd_keep *keep) {
    long pages = sysconf(_SC_PHYS_PAGES);
    uint64_t part = pages > 0 ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) * PART_MACHINES : PART_MOST;
    if (part > PART_MOST) part = PART_MOST;
    struct rd_store_options in_region = *options;
    in_region.reserve = part;
    if (rd_region_create(6 * part + (1u << 30), &in_region.region) != RD_OK) {
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

enum rd_status rd_store_open(const struct rd_store_options *options, struct rd_keep *keep, struct rd_store **out) {
    *out = NULL;
    if (keep) {
        keep->adopted = false;
        keep->why_cold = NULL;
        if (keep->fd >= 0) *out = adopt(options, keep);
        if (!*out) *out = make_in_region(options, keep);
        if (*out) return RD_OK;
    }
    struct rd_store *store = aligned_alloc(_Alignof(struct rd_shard), (sizeof *store + 127) & ~(size_t)127);
    if (!store) return RD_ERR_NO_MEMORY;
    enum rd_status status = rd_store_init(store, options);
    if (status == RD_OK) *out = store;
    else free(store);
    return status;
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
    region->clean = true;
    return rd_region_leave(region);
}
