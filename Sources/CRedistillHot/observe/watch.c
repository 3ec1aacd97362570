/* This file owns the tables of watched and tracked keys. */
#include "observe/watch.h"

#include <stdlib.h>

#include "observe/told.h"

#define LEAST_CHAINS 16
/* Walks over all chains ask so far ahead for what they will need. */
#define CHAINS_AHEAD 8

struct rd_interest *rd_interest_new(struct rd_worker *worker, uint64_t hash, struct rd_slice key) {
    struct rd_interest *interest = malloc(sizeof *interest + key.length);
    if (!interest) return NULL;
    *interest = (struct rd_interest){.worker = worker, .hash = hash, .key_length = (uint32_t)key.length};
    memcpy(interest->key, key.bytes, key.length);
    return interest;
}

static uint64_t chain_bytes(const struct rd_watchers *watchers) {
    return watchers->chain_count * sizeof watchers->chains[0];
}

/* The shard's table, made when there is none; NULL when memory is out. */
static struct rd_watchers *table_of(struct rd_shard *shard) {
    struct rd_watchers *watchers = rd_watchers_of(shard);
    if (watchers->chains) return watchers;
    watchers->chains = calloc(LEAST_CHAINS, sizeof watchers->chains[0]);
    if (!watchers->chains) return NULL;
    watchers->chain_count = LEAST_CHAINS;
    rd_counter_add(&watchers->bytes, chain_bytes(watchers));
    shard->listened = true;
    return watchers;
}

static void free_if_empty(struct rd_shard *shard) {
    struct rd_watchers *watchers = rd_watchers_of(shard);
    if (watchers->count || watchers->broadcasts) return;
    shard->listened = false;
    rd_counter_add(&watchers->bytes, -chain_bytes(watchers));
    free(watchers->chains);
    watchers->chains = NULL;
    watchers->chain_count = 0;
}

static void link_into(struct rd_interest **chains, uint32_t count, struct rd_interest *interest) {
    struct rd_interest **chain = &chains[interest->hash & (count - 1)];
    interest->next = *chain;
    interest->place = chain;
    if (interest->next) interest->next->place = &interest->next;
    *chain = interest;
}

/* Without memory the chains just stay long. */
static void grow(struct rd_watchers *watchers) {
    uint32_t count = watchers->chain_count * 2;
    struct rd_interest **chains = calloc(count, sizeof chains[0]);
    if (!chains) return;
    for (uint32_t i = 0; i < watchers->chain_count; i++) {
        for (struct rd_interest *interest = watchers->chains[i], *next; interest; interest = next) {
            next = interest->next;
            link_into(chains, count, interest);
        }
    }
    free(watchers->chains);
    rd_counter_add(&watchers->bytes, (count - watchers->chain_count) * sizeof chains[0]);
    watchers->chains = chains;
    watchers->chain_count = count;
}

static struct rd_interest *chain_of(const struct rd_watchers *watchers, uint64_t hash) {
    return watchers->chains[hash & (watchers->chain_count - 1)];
}

struct rd_interest *rd_interest_in(struct rd_shard *shard, struct rd_worker *worker, uint64_t hash, struct rd_slice key) {
    struct rd_watchers *watchers = table_of(shard);
    if (!watchers) return NULL;
    for (struct rd_interest *interest = chain_of(watchers, hash); interest; interest = interest->next) {
        if (interest->hash == hash && interest->worker == worker) return interest;
    }
    struct rd_interest *interest = rd_interest_new(worker, hash, key);
    if (!interest) {
        free_if_empty(shard);
        return NULL;
    }
    if (watchers->count >= watchers->chain_count) grow(watchers);
    link_into(watchers->chains, watchers->chain_count, interest);
    watchers->count++;
    rd_counter_add(&watchers->bytes, rd_interest_bytes(interest));
    return interest;
}

static void unlink_interest(struct rd_shard *shard, struct rd_interest *interest) {
    struct rd_watchers *watchers = rd_watchers_of(shard);
    *interest->place = interest->next;
    if (interest->next) interest->next->place = interest->place;
    watchers->count--;
    rd_counter_add(&watchers->bytes, -rd_interest_bytes(interest));
    if (interest->worker) watchers->tracked -= interest->count;
}

void rd_interest_end(struct rd_shard *shard, struct rd_interest *interest) {
    unlink_interest(shard, interest);
    free(interest);
    free_if_empty(shard);
}

void rd_interest_count(struct rd_shard *shard, struct rd_interest *interest, int readers) {
    interest->count += (uint32_t)readers;
    rd_watchers_of(shard)->tracked += (uint32_t)readers;
}

/* Hands those who track the key to the worker that serves them. */
static void tell(struct rd_shard *shard, struct rd_interest *interest, bool silent) {
    unlink_interest(shard, interest);
    interest->silent = silent;
    rd_told_push(interest);
}

static void tell_of_key(struct rd_shard *shard, uint64_t hash, struct rd_slice key) {
    struct rd_watchers *watchers = rd_watchers_of(shard);
    for (struct rd_interest *interest = chain_of(watchers, hash), *next; interest; interest = next) {
        next = interest->next;
        if (interest->hash != hash) continue;
        if (interest->worker) tell(shard, interest, false);
        else interest->changes++;
    }
    if (watchers->broadcasts) rd_told_broadcast(watchers->trackers, hash, key);
    free_if_empty(shard);
}

/* Tells who watches a key that is there, and drops every tracked key. */
static void tell_of_all(struct rd_shard *shard) {
    struct rd_watchers *watchers = rd_watchers_of(shard);
    for (uint32_t i = 0; i < watchers->chain_count; i++) {
        struct rd_interest *interest = watchers->chains[i], *next;
        __builtin_prefetch(watchers->chains[(i + CHAINS_AHEAD) & (watchers->chain_count - 1)], 1);
        watchers->chains[i] = NULL; /* what is watched goes back */
        for (; interest; interest = next) {
            next = interest->next;
            struct rd_place place;
            if (interest->worker) {
                watchers->count--;
                watchers->tracked -= interest->count;
                rd_counter_add(&watchers->bytes, -rd_interest_bytes(interest));
                interest->silent = true;
                rd_told_push(interest);
                continue;
            }
            link_into(watchers->chains, watchers->chain_count, interest);
            if (rd_table_find(&shard->table, &shard->arena, interest->hash, rd_interest_key(interest), &place)) {
                interest->changes++;
            }
        }
    }
    free_if_empty(shard);
}

static void changed(struct rd_change_slot *slot, struct rd_shard *shard, uint64_t hash, struct rd_slice key,
                    enum rd_change change) {
    (void)slot; /* rd_watchers_of knows it */
    if (change == RD_CHANGE_CLEARED) tell_of_all(shard);
    else tell_of_key(shard, hash, key);
}

enum rd_status rd_interests_init(struct rd_interests *interests, struct rd_store *store) {
    interests->of_shards = calloc(store->shard_count, sizeof interests->of_shards[0]);
    if (!interests->of_shards) return RD_ERR_NO_MEMORY;
    interests->shard_count = store->shard_count;
    interests->slot.changed = changed;
    store->change_slot = &interests->slot;
    return RD_OK;
}

void rd_interests_destroy(struct rd_interests *interests) {
    free(interests->of_shards);
}

uint64_t rd_interests_bytes(const struct rd_interests *interests) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < interests->shard_count; i++) bytes += rd_counter_get(&interests->of_shards[i].bytes);
    return bytes;
}

void rd_watchers_evict(struct rd_shard *shard, uint64_t spared) {
    struct rd_watchers *watchers = rd_watchers_of(shard);
    for (uint32_t i = 1; i <= watchers->chain_count; i++) {
        for (struct rd_interest *interest = chain_of(watchers, spared + i); interest; interest = interest->next) {
            if (!interest->worker || interest->hash == spared) continue;
            tell(shard, interest, false);
            free_if_empty(shard);
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
    rd_watchers_of(shard)->broadcasts--;
    free_if_empty(shard);
}
