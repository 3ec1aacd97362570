/* This file owns the table of tracked keys. */
#include "observe/interest.h"

#include <stdlib.h>

#include "observe/told.h"

/* Walks over all chains ask so far ahead for what they will need. */
#define CHAINS_AHEAD 8

static struct rd_interest *interest_of(struct rd_link *link) {
    return (struct rd_interest *)link; /* its first field */
}

struct rd_interest *rd_interest_new(struct rd_observer *observer, uint64_t hash, struct rd_slice key) {
    struct rd_interest *interest = malloc(sizeof *interest + key.length);
    if (!interest) return NULL;
    *interest = (struct rd_interest){.link.hash = hash, .observer = observer, .key_length = (uint32_t)key.length};
    memcpy(interest->key, key.bytes, key.length);
    return interest;
}

struct rd_interest *rd_interest_in(struct rd_shard *shard, struct rd_observer *observer, uint64_t hash, struct rd_slice key) {
    struct rd_followers *followers = rd_followers_of(shard);
    for (struct rd_link *link = rd_chains_at(&followers->tracked, hash); link; link = link->next) {
        if (link->hash == hash && interest_of(link)->observer == observer) return interest_of(link);
    }
    struct rd_interest *interest = rd_interest_new(observer, hash, key);
    if (!interest) return NULL;
    if (rd_followers_add(shard, &followers->tracked, &interest->link, rd_interest_bytes(interest)) != RD_OK) {
        free(interest);
        return NULL;
    }
    return interest;
}

static void take_out(struct rd_shard *shard, struct rd_interest *interest) {
    struct rd_followers *followers = rd_followers_of(shard);
    followers->readers -= interest->count;
    rd_followers_remove(shard, &followers->tracked, &interest->link, rd_interest_bytes(interest));
}

void rd_interest_end(struct rd_shard *shard, struct rd_interest *interest) {
    take_out(shard, interest);
    free(interest);
}

void rd_interest_count(struct rd_shard *shard, struct rd_interest *interest, int readers) {
    interest->count += (uint32_t)readers;
    rd_followers_of(shard)->readers += (uint32_t)readers;
}

/* Hands those who track the key to the worker that serves them. */
static void tell(struct rd_shard *shard, struct rd_interest *interest) {
    take_out(shard, interest);
    rd_told_push(interest);
}

void rd_interests_changed(struct rd_shard *shard, uint64_t hash) {
    const struct rd_chains *chains = &rd_followers_of(shard)->tracked;
    for (struct rd_link *link = rd_chains_at(chains, hash), *next; link; link = next) {
        next = link->next; /* the last one's going frees the chains */
        if (link->hash == hash) tell(shard, interest_of(link));
    }
}

void rd_interests_cleared(struct rd_shard *shard) {
    struct rd_followers *followers = rd_followers_of(shard);
    struct rd_chains *chains = &followers->tracked;
    uint64_t bytes = rd_chains_bytes(chains);
    for (uint32_t i = 0; i < chains->length; i++) {
        __builtin_prefetch(chains->first[(i + CHAINS_AHEAD) & (chains->length - 1)], 1);
        for (struct rd_link *link = chains->first[i], *next; link; link = next) {
            next = link->next;
            struct rd_interest *interest = interest_of(link);
            bytes += rd_interest_bytes(interest);
            interest->silent = true;
            rd_told_push(interest);
        }
    }
    rd_chains_drop(chains);
    followers->readers = 0;
    rd_counter_add(&followers->bytes, -bytes);
    rd_followers_settle(shard);
}

void rd_interests_evict(struct rd_shard *shard, uint64_t spared) {
    const struct rd_chains *chains = &rd_followers_of(shard)->tracked;
    for (uint32_t i = 1; i <= chains->length; i++) {
        struct rd_link *link = rd_chains_at(chains, spared + i);
        while (link && link->hash == spared) link = link->next;
        if (!link) continue;
        tell(shard, interest_of(link));
        return;
    }
}

void rd_interests_begin_broadcast(struct rd_shard *shard, struct rd_trackers *trackers) {
    struct rd_followers *followers = rd_followers_of(shard);
    followers->trackers = trackers;
    followers->broadcasts++;
    rd_followers_settle(shard);
}

void rd_interests_end_broadcast(struct rd_shard *shard) {
    rd_followers_of(shard)->broadcasts--;
    rd_followers_settle(shard);
}
