/* This file owns the store as tests see it. */
#include "probe_store.h"

#include <stdlib.h>
#include <string.h>

#include "store/compact.h"
#include "evict/policies.h"
#include "shape/look.h"
#include "shape/shape.h"
#include "store/relief.h"
#include "store/room.h"
#include "store/store.h"
#include "store/sweep.h"
#include "store/value.h"

#define RELIEF_SLICE_US 500

struct probe_store {
    struct rd_store store;
    uint32_t relief_shard;
};

struct probe_store *probe_store_new(const struct probe_store_options *options) {
    struct probe_store *probe = calloc(1, sizeof *probe);
    if (!probe) return NULL;
    struct rd_hash_seed seed = {options->seed, ~options->seed};
    struct rd_store_options wanted = {
        .shards = options->shards,
        .shared = options->shared,
        .limit = options->limit,
        .reserve = options->reserve ? options->reserve : (uint64_t)1 << 30,
        .policy = options->policy ? rd_policy_named(options->policy) : NULL,
        .seed = &seed,
        .shapes = &rd_shapes,
    };
    if (options->policy && !wanted.policy) abort();
    if (rd_store_init(&probe->store, &wanted) != RD_OK) {
        free(probe);
        return NULL;
    }
    return probe;
}

struct rd_store *probe_store_inside(struct probe_store *probe) {
    return &probe->store;
}

uint64_t probe_store_orphans(const struct probe_store *probe) {
    return atomic_load(&probe->store.blobs.orphan_bytes);
}

void probe_store_free(struct probe_store *probe) {
    rd_store_destroy(&probe->store);
    free(probe);
}

struct visit {
    struct rd_shard *shard;
    struct rd_found found;
    uint64_t hash;
};

/* Locks the key's shard and looks the key up. */
static struct visit enter(struct probe_store *probe, struct rd_slice key, int64_t now) {
    uint64_t hash = rd_store_hash(&probe->store, key);
    struct visit visit = {.shard = rd_store_shard(&probe->store, hash), .hash = hash};
    rd_shard_lock(visit.shard);
    visit.found = rd_shard_find(visit.shard, hash, rd_key_of(key, 0), now);
    return visit;
}

static enum rd_status leave(const struct visit *visit, enum rd_status status) {
    rd_shard_unlock(visit->shard);
    return status;
}

enum rd_status probe_store_put(struct probe_store *probe, struct rd_slice key, struct rd_slice value, int64_t expiry,
                               int64_t now) {
    struct visit visit = enter(probe, key, now);
    struct rd_new_value new = {.value = value, .expiry = expiry};
    return leave(&visit, rd_shard_put(visit.shard, visit.hash, rd_key_of(key, 0), &visit.found, &new));
}

enum rd_status probe_store_put_blob(struct probe_store *probe, struct rd_slice key, struct rd_slice value,
                                    int64_t expiry, int64_t now) {
    struct rd_blob *blob = rd_blob_new(&probe->store.blobs, value.length, 0);
    if (!blob) return RD_ERR_NO_MEMORY;
    memcpy(blob->bytes, value.bytes, value.length);
    blob->length = value.length;
    struct visit visit = enter(probe, key, now);
    enum rd_status status = rd_room_for_received(visit.shard, blob, visit.found.entry ? &visit.found : NULL);
    struct rd_new_value new = {.blob = blob, .expiry = expiry};
    if (status == RD_OK) status = rd_shard_put(visit.shard, visit.hash, rd_key_of(key, 0), &visit.found, &new);
    if (status != RD_OK) rd_room_refused(&probe->store, blob);
    return leave(&visit, status);
}

bool probe_store_get(struct probe_store *probe, struct rd_slice key, int64_t now, struct rd_slice *value,
                     int64_t *expiry) {
    struct visit visit = enter(probe, key, now);
    bool there = visit.found.entry != NULL;
    if (there) {
        rd_entry_touch(visit.found.entry);
        *value = rd_entry_value(visit.found.entry);
        *expiry = rd_entry_expiry(visit.found.entry);
    }
    rd_shard_unlock(visit.shard);
    return there;
}

bool probe_store_look(struct probe_store *probe, struct rd_slice key, int64_t now, probe_value_fn *look,
                      void *context) {
    struct visit visit = enter(probe, key, now);
    if (visit.found.entry) look(context, rd_entry_value(visit.found.entry));
    rd_shard_unlock(visit.shard);
    return visit.found.entry != NULL;
}

enum rd_status probe_store_append(struct probe_store *probe, struct rd_slice key, struct rd_slice added, int64_t now) {
    struct visit visit = enter(probe, key, now);
    if (!visit.found.entry) return leave(&visit, RD_ERR_INVALID);
    uint64_t length = rd_entry_value(visit.found.entry).length;
    char *bytes;
    enum rd_status status = rd_shard_resize(visit.shard, visit.hash, &visit.found, length + added.length, &bytes);
    if (status == RD_OK) memcpy(bytes + length, added.bytes, added.length);
    return leave(&visit, status);
}

enum rd_status probe_store_resize(struct probe_store *probe, struct rd_slice key, uint64_t length, int64_t now) {
    struct visit visit = enter(probe, key, now);
    if (!visit.found.entry) return leave(&visit, RD_ERR_INVALID);
    char *bytes;
    return leave(&visit, rd_shard_resize(visit.shard, visit.hash, &visit.found, length, &bytes));
}

enum rd_status probe_store_set_expiry(struct probe_store *probe, struct rd_slice key, int64_t expiry, int64_t now) {
    struct visit visit = enter(probe, key, now);
    if (!visit.found.entry) return leave(&visit, RD_ERR_INVALID);
    return leave(&visit, rd_shard_set_expiry(visit.shard, visit.hash, &visit.found, expiry));
}

enum rd_status probe_store_copy(struct probe_store *probe, struct rd_slice from, struct rd_slice to, int64_t now) {
    struct rd_value value;
    struct visit visit = enter(probe, from, now);
    if (!visit.found.entry) return leave(&visit, RD_ERR_INVALID);
    rd_value_take(&value, visit.found.entry);
    rd_shard_unlock(visit.shard);
    visit = enter(probe, to, now);
    struct rd_new_value new = {.value = rd_value_slice(&value), .blob = value.blob, .expiry = value.expiry};
    enum rd_status status = rd_shard_put(visit.shard, visit.hash, rd_key_of(to, 0), &visit.found, &new);
    if (status == RD_OK) value.blob = NULL; /* handed over */
    rd_value_drop(&value);
    return leave(&visit, status);
}

uint64_t probe_store_digest(struct probe_store *probe, struct rd_slice key) {
    struct visit visit = enter(probe, key, 0);
    uint64_t digest = visit.found.entry ? rd_shape_digest(visit.found.entry) : 0;
    rd_shard_unlock(visit.shard);
    return digest;
}

bool probe_store_remove(struct probe_store *probe, struct rd_slice key, int64_t now) {
    struct visit visit = enter(probe, key, now);
    bool there = visit.found.entry != NULL;
    if (there) rd_shard_remove(visit.shard, visit.found);
    rd_shard_unlock(visit.shard);
    return there;
}

uint64_t probe_store_sweep(struct probe_store *probe, int64_t now) {
    uint64_t removed = 0;
    for (uint32_t i = 0; i < probe->store.shard_count; i++) {
        struct rd_shard *shard = &probe->store.shards[i];
        struct rd_swept swept = {0};
        rd_shard_lock(shard);
        shard->sweep_cursor = 0;
        for (; !swept.wrapped; removed += swept.removed) swept = rd_shard_sweep(shard, 4096, now);
        rd_shard_unlock(shard);
    }
    return removed;
}

uint64_t probe_store_clear(struct probe_store *probe) {
    uint64_t removed = rd_store_clear(&probe->store);
    rd_flush_finish(&probe->store);
    return removed;
}

bool probe_store_flush_step(struct probe_store *probe) {
    return rd_flush_step(&probe->store);
}

uint64_t probe_store_keys(const struct probe_store *probe) {
    return rd_store_keys(&probe->store, 0);
}

uint64_t probe_store_used(const struct probe_store *probe) {
    return rd_store_used(&probe->store);
}

uint64_t probe_store_evicted(const struct probe_store *probe) {
    uint64_t evicted = 0;
    for (uint32_t i = 0; i < probe->store.shard_count; i++) evicted += rd_counter_get(&probe->store.shards[i].evicted);
    return evicted;
}

uint32_t probe_store_buckets(const struct probe_store *probe) {
    uint32_t buckets = 0;
    for (uint32_t i = 0; i < probe->store.shard_count; i++) {
        buckets += atomic_load_explicit(&probe->store.shards[i].table.buckets, memory_order_relaxed);
    }
    return buckets;
}

bool probe_store_check(struct probe_store *probe) {
    return rd_store_check(&probe->store);
}

void probe_store_statistics(const struct probe_store *probe, int64_t now, struct rd_statistics *statistics) {
    memset(statistics, 0, sizeof *statistics);
    rd_store_statistics(&probe->store, now, statistics);
}

void probe_store_set_limit(struct probe_store *probe, uint64_t limit) {
    rd_store_set_limit(&probe->store, limit);
}

bool probe_store_set_policy(struct probe_store *probe, const char *name) {
    const struct rd_policy *policy = rd_policy_named(name);
    if (policy) atomic_store(&probe->store.policy, policy);
    return policy != NULL;
}

bool probe_store_feed(struct probe_store *probe) {
    return rd_pool_feed(&probe->store.pool);
}

bool probe_store_relieve(struct probe_store *probe) {
    (void)rd_store_measure(&probe->store, 0, 0);
    return rd_store_relieve(&probe->store, &probe->relief_shard, RELIEF_SLICE_US);
}

void probe_store_set_minute(struct probe_store *probe, uint32_t minute) {
    atomic_store_explicit(&probe->store.minute, minute, memory_order_relaxed);
}

void probe_store_set_lfu_decay(struct probe_store *probe, uint32_t minutes) {
    atomic_store_explicit(&probe->store.lfu_decay_minutes, minutes, memory_order_relaxed);
}

bool probe_store_tidy(struct probe_store *probe) {
    bool moved = false;
    for (uint32_t i = 0; i < probe->store.shard_count; i++) {
        struct rd_shard *shard = &probe->store.shards[i];
        rd_shard_lock(shard);
        while (rd_shard_tidy(shard)) moved = true;
        rd_shard_unlock(shard);
    }
    return moved;
}

bool probe_store_rest(struct probe_store *probe) {
    return rd_pool_trim_chunk(&probe->store.pool);
}

uint64_t probe_store_resident(const struct probe_store *probe) {
    return atomic_load_explicit(&probe->store.pool.resident_bytes, memory_order_relaxed);
}

void probe_store_compact(struct probe_store *probe) {
    for (uint32_t i = 0; i < probe->store.shard_count; i++) {
        struct rd_shard *shard = &probe->store.shards[i];
        rd_shard_lock(shard);
        while (rd_shard_compact(shard, NULL)) {
        }
        rd_shard_unlock(shard);
    }
    rd_store_compact_blobs(&probe->store);
}

void *probe_store_hold_value(struct probe_store *probe, struct rd_slice key, int64_t now) {
    struct visit visit = enter(probe, key, now);
    struct rd_blob *blob = visit.found.entry ? rd_entry_value_blob(visit.found.entry) : NULL;
    if (blob) rd_blob_retain(blob);
    rd_shard_unlock(visit.shard);
    return blob;
}

struct rd_slice probe_held_value(const void *held) {
    const struct rd_blob *blob = held;
    return (struct rd_slice){blob->bytes, blob->length};
}

void probe_release_value(void *held) {
    rd_blob_release(held);
}

struct key_visit {
    const struct rd_shard *shard;
    probe_key_fn *visit;
    void *context;
};

static void visit_entry(void *context, uint32_t reference) {
    struct key_visit *visit = context;
    visit->visit(visit->context, rd_entry_key(rd_shard_entry(visit->shard, reference)));
}

bool probe_store_has_passed(const struct probe_store *probe, uint64_t cursor, struct rd_slice key) {
    uint32_t bits = (uint32_t)__builtin_ctz(probe->store.shard_count);
    return rd_table_cursor(rd_store_hash(&probe->store, key)) < (uint32_t)(cursor >> bits);
}

uint64_t probe_store_scan(struct probe_store *probe, uint64_t cursor, probe_key_fn *visit, void *context) {
    uint32_t number = (uint32_t)(cursor & (probe->store.shard_count - 1));
    uint32_t bits = (uint32_t)__builtin_ctz(probe->store.shard_count);
    struct rd_shard *shard = &probe->store.shards[number];
    struct key_visit keys = {shard, visit, context};
    rd_shard_lock(shard);
    uint64_t position = rd_table_scan(&shard->table, (uint32_t)(cursor >> bits), visit_entry, &keys);
    rd_shard_unlock(shard);
    if (position) return position << bits | number;
    return number + 1 == probe->store.shard_count ? 0 : number + 1;
}
