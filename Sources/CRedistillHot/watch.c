/* This file owns the tables of watched and tracked keys. */
#include "watch.h"

#include <stdlib.h>

#include "tracking.h"

#define LEAST_CHAINS 16

struct rd_watch *rd_watch_new(struct rd_shard *shard, uint64_t hash, struct rd_slice key) {
    struct rd_watch *watch = malloc(sizeof *watch + key.length);
    if (!watch) return NULL;
    *watch = (struct rd_watch){.shard = shard, .hash = hash, .key_length = key.length};
    memcpy(watch->key, key.bytes, key.length);
    return watch;
}

/* The shard's table, made when there is none; NULL when memory is out. */
static struct rd_watchers *table_of(struct rd_shard *shard) {
    if (shard->watchers) return shard->watchers;
    struct rd_watchers *watchers = calloc(1, sizeof *watchers);
    if (!watchers) return NULL;
    watchers->chain_count = LEAST_CHAINS;
    watchers->chains = calloc(watchers->chain_count, sizeof watchers->chains[0]);
    if (watchers->chains) return shard->watchers = watchers;
    free(watchers);
    return NULL;
}

static void free_if_empty(struct rd_shard *shard) {
    struct rd_watchers *watchers = shard->watchers;
    if (watchers->count || watchers->broadcasts) return;
    shard->watchers = NULL;
    free(watchers->chains);
    free(watchers);
}

static void link_into(struct rd_watch **chains, uint32_t count, struct rd_watch *watch) {
    struct rd_watch **chain = &chains[watch->hash & (count - 1)];
    watch->next = *chain;
    watch->place = chain;
    if (watch->next) watch->next->place = &watch->next;
    *chain = watch;
}

/* Without memory the chains just stay long. */
static void grow(struct rd_watchers *watchers) {
    uint32_t count = watchers->chain_count * 2;
    struct rd_watch **chains = calloc(count, sizeof chains[0]);
    if (!chains) return;
    for (uint32_t i = 0; i < watchers->chain_count; i++) {
        for (struct rd_watch *watch = watchers->chains[i], *next; watch; watch = next) {
            next = watch->next;
            link_into(chains, count, watch);
        }
    }
    free(watchers->chains);
    watchers->chains = chains;
    watchers->chain_count = count;
}

enum rd_status rd_watch_begin(struct rd_watch *watch) {
    struct rd_watchers *watchers = table_of(watch->shard);
    if (!watchers) return RD_ERR_NO_MEMORY;
    if (watchers->count >= watchers->chain_count) grow(watchers);
    link_into(watchers->chains, watchers->chain_count, watch);
    watchers->count++;
    watchers->tracked += watch->tracker != NULL;
    return RD_OK;
}

static void unlink_watch(struct rd_watch *watch) {
    struct rd_watchers *watchers = watch->shard->watchers;
    *watch->place = watch->next;
    if (watch->next) watch->next->place = watch->place;
    watchers->count--;
    watchers->tracked -= watch->tracker != NULL;
}

void rd_watch_end(struct rd_watch *watch) {
    unlink_watch(watch);
    free_if_empty(watch->shard);
}

static struct rd_watch *chain_of(const struct rd_watchers *watchers, uint64_t hash) {
    return watchers->chains[hash & (watchers->chain_count - 1)];
}

static void forget(struct rd_watch *watch) {
    unlink_watch(watch);
    rd_tracker_forgets(watch->tracker);
    free(watch);
}

void rd_watchers_tell(struct rd_shard *shard, uint64_t hash, struct rd_slice key) {
    for (struct rd_watch *watch = chain_of(shard->watchers, hash), *next; watch; watch = next) {
        next = watch->next;
        if (watch->hash != hash) continue;
        if (watch->tracker) {
            rd_tracker_tell(watch->tracker, hash, key);
            forget(watch);
        } else {
            atomic_store_explicit(watch->touched, true, memory_order_relaxed);
        }
    }
    if (shard->watchers->broadcasts) rd_trackers_broadcast(shard->watchers->trackers, hash, key);
    free_if_empty(shard);
}

bool rd_watchers_track(const struct rd_shard *shard, const struct rd_tracker *tracker, uint64_t hash) {
    if (!shard->watchers) return false;
    for (const struct rd_watch *watch = chain_of(shard->watchers, hash); watch; watch = watch->next) {
        if (watch->hash == hash && watch->tracker == tracker) return true;
    }
    return false;
}

void rd_watchers_clear(struct rd_shard *shard) {
    for (uint32_t i = 0; i < shard->watchers->chain_count; i++) {
        for (struct rd_watch *watch = shard->watchers->chains[i], *next; watch; watch = next) {
            next = watch->next;
            struct rd_place place;
            if (watch->tracker) forget(watch);
            else if (rd_table_find(&shard->table, &shard->arena, watch->hash, rd_watch_key(watch), &place)) {
                atomic_store_explicit(watch->touched, true, memory_order_relaxed);
            }
        }
    }
    free_if_empty(shard);
}

void rd_watchers_drop(struct rd_shard *shard, const struct rd_tracker *tracker) {
    for (uint32_t i = 0; i < shard->watchers->chain_count; i++) {
        for (struct rd_watch *watch = shard->watchers->chains[i], *next; watch; watch = next) {
            next = watch->next;
            if (watch->tracker == tracker) forget(watch);
        }
    }
    free_if_empty(shard);
}

void rd_watchers_evict(struct rd_shard *shard, uint64_t spared) {
    const struct rd_watchers *watchers = shard->watchers;
    for (uint32_t i = 1; i <= watchers->chain_count; i++) {
        for (struct rd_watch *watch = chain_of(watchers, spared + i); watch; watch = watch->next) {
            if (!watch->tracker || watch->hash == spared) continue;
            rd_tracker_tell(watch->tracker, watch->hash, rd_watch_key(watch));
            forget(watch);
            return;
        }
    }
}

enum rd_status rd_watchers_begin_broadcast(struct rd_shard *shard, struct rd_trackers *trackers) {
    struct rd_watchers *watchers = table_of(shard);
    if (!watchers) return RD_ERR_NO_MEMORY;
    watchers->trackers = trackers;
    watchers->broadcasts++;
    return RD_OK;
}

void rd_watchers_end_broadcast(struct rd_shard *shard) {
    shard->watchers->broadcasts--;
    free_if_empty(shard);
}
