/* This file owns the tables of watched and tracked keys. */
#include "observe/watch.h"

#include <stdlib.h>

#include "observe/told.h"

#define LEAST_CHAINS 16
/* Walks over all chains ask so far ahead for what they will need. */
#define CHAINS_AHEAD 8

struct rd_interest *rd_interest_new(struct rd_observer *observer, uint64_t hash, struct rd_slice key) {
    struct rd_interest *interest = malloc(sizeof *interest + key.length);
    if (!interest) return NULL;
    *interest = (struct rd_interest){.observer = observer, .hash = hash, .key_length = (uint32_t)key.length};
    memcpy(interest->key, key.bytes, key.length);
    return interest;
}

static uint64_t table_bytes(const struct rd_watchers *watchers) {
    return sizeof *watchers + watchers->chain_count * sizeof watchers->chains[0];
}

/* The shard's table, made when there is none; NULL when memory is out. */
static struct rd_watchers *table_of(struct rd_shard *shard) {
    if (shard->watchers) return shard->watchers;
    struct rd_watchers *watchers = calloc(1, sizeof *watchers);
    if (!watchers) return NULL;
    watchers->chain_count = LEAST_CHAINS;
    watchers->chains = calloc(watchers->chain_count, sizeof watchers->chains[0]);
    if (watchers->chains) {
        rd_counter_add(&shard->interest_bytes, table_bytes(watchers));
        return shard->watchers = watchers;
    }
    free(watchers);
    return NULL;
}

static void free_if_empty(struct rd_shard *shard) {
    struct rd_watchers *watchers = shard->watchers;
    if (watchers->count || watchers->broadcasts) return;
    shard->watchers = NULL;
    rd_counter_add(&shard->interest_bytes, -table_bytes(watchers));
    free(watchers->chains);
    free(watchers);
}

static void link_into(struct rd_interest **chains, uint32_t count, struct rd_interest *interest) {
    struct rd_interest **chain = &chains[interest->hash & (count - 1)];
    interest->next = *chain;
    interest->place = chain;
    if (interest->next) interest->next->place = &interest->next;
    *chain = interest;
}

/* Without memory the chains just stay long. */
static void grow(struct rd_shard *shard) {
    struct rd_watchers *watchers = shard->watchers;
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
    rd_counter_add(&shard->interest_bytes, (count - watchers->chain_count) * sizeof chains[0]);
    watchers->chains = chains;
    watchers->chain_count = count;
}

static struct rd_interest *chain_of(const struct rd_watchers *watchers, uint64_t hash) {
    return watchers->chains[hash & (watchers->chain_count - 1)];
}

struct rd_interest *rd_interest_in(struct rd_shard *shard, struct rd_observer *observer, uint64_t hash, struct rd_slice key) {
    struct rd_watchers *watchers = table_of(shard);
    if (!watchers) return NULL;
    for (struct rd_interest *interest = chain_of(watchers, hash); interest; interest = interest->next) {
        if (interest->hash == hash && interest->observer == observer) return interest;
    }
    struct rd_interest *interest = rd_interest_new(observer, hash, key);
    if (!interest) {
        free_if_empty(shard);
        return NULL;
    }
    if (watchers->count >= watchers->chain_count) grow(shard);
    link_into(watchers->chains, watchers->chain_count, interest);
    watchers->count++;
    rd_counter_add(&shard->interest_bytes, rd_interest_bytes(interest));
    return interest;
}

static void unlink_interest(struct rd_shard *shard, struct rd_interest *interest) {
    struct rd_watchers *watchers = shard->watchers;
    *interest->place = interest->next;
    if (interest->next) interest->next->place = interest->place;
    watchers->count--;
    rd_counter_add(&shard->interest_bytes, -rd_interest_bytes(interest));
    if (interest->observer) watchers->tracked -= interest->count;
}

void rd_interest_end(struct rd_shard *shard, struct rd_interest *interest) {
    unlink_interest(shard, interest);
    free(interest);
    free_if_empty(shard);
}

void rd_interest_count(struct rd_shard *shard, struct rd_interest *interest, int readers) {
    interest->count += (uint32_t)readers;
    shard->watchers->tracked += (uint32_t)readers;
}

/* Hands those who track the key to the worker that serves them. */
static void tell(struct rd_shard *shard, struct rd_interest *interest, bool silent) {
    unlink_interest(shard, interest);
    interest->silent = silent;
    rd_told_push(interest);
}

void rd_watchers_tell(struct rd_shard *shard, uint64_t hash, struct rd_slice key) {
    struct rd_watchers *watchers = shard->watchers;
    for (struct rd_interest *interest = chain_of(watchers, hash), *next; interest; interest = next) {
        next = interest->next;
        if (interest->hash != hash) continue;
        if (interest->observer) tell(shard, interest, false);
        else interest->changes++;
    }
    if (watchers->broadcasts) rd_told_broadcast(watchers->trackers, hash, key);
    free_if_empty(shard);
}

void rd_watchers_clear(struct rd_shard *shard) {
    struct rd_watchers *watchers = shard->watchers;
    for (uint32_t i = 0; i < watchers->chain_count; i++) {
        struct rd_interest *interest = watchers->chains[i], *next;
        __builtin_prefetch(watchers->chains[(i + CHAINS_AHEAD) & (watchers->chain_count - 1)], 1);
        watchers->chains[i] = NULL; /* what is watched goes back */
        for (; interest; interest = next) {
            next = interest->next;
            struct rd_place place;
            if (interest->observer) {
                watchers->count--;
                watchers->tracked -= interest->count;
                rd_counter_add(&shard->interest_bytes, -rd_interest_bytes(interest));
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

void rd_watchers_evict(struct rd_shard *shard, uint64_t spared) {
    struct rd_watchers *watchers = shard->watchers;
    for (uint32_t i = 1; i <= watchers->chain_count; i++) {
        for (struct rd_interest *interest = chain_of(watchers, spared + i); interest; interest = interest->next) {
            if (!interest->observer || interest->hash == spared) continue;
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
    shard->watchers->broadcasts--;
    free_if_empty(shard);
}
