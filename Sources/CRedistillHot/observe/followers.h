/*
 * This file owns who follows the store's keys: what hangs in its change slot. For each shard it knows the keys that
 * somebody WATCHes (watch.h), those that somebody tracks (interest.h), of which there may be a thousand times as many,
 * and how many trackers are told of every key. A shard with none of them is not listened to. Everything of a shard is
 * guarded by its lock, but what says otherwise.
 */
#ifndef RD_FOLLOWERS_H
#define RD_FOLLOWERS_H

#include "observe/chains.h"
#include "store/store.h"

struct rd_trackers;

/* Of one shard. */
struct rd_followers {
    struct rd_chains watched;        /* of struct rd_watched */
    struct rd_chains tracked;        /* of struct rd_interest */
    uint32_t readers;                /* of all that is tracked */
    uint32_t broadcasts;             /* trackers that are told of every key with their prefixes */
    struct rd_trackers *trackers;    /* where those are; NULL when nobody ever was */
    rd_counter bytes;                /* of the heap: the chains, and what is tracked. Any thread reads */
} __attribute__((aligned(64)));

/* Of a store. */
struct rd_following {
    struct rd_change_slot slot;      /* the first: rd_followers_of goes back from it */
    struct rd_followers *of_shards;  /* owned, one for each */
    uint32_t shard_count;
};

/* From now on the store tells of what somebody follows. Before others use it. */
RD_MUST_USE enum rd_status rd_following_init(struct rd_following *following, struct rd_store *store);
/* Nobody follows any more. */
void rd_following_destroy(struct rd_following *following);
/* What they take of the heap. Any thread, without a lock. */
uint64_t rd_following_bytes(const struct rd_following *following);

/*
 * With all shards locked: the databases of two keyspaces are about to be exchanged, or that of the first to be flushed, which
 * then has the second. Those who track keys have to be told still (rd_trackers_flush).
 */
void rd_following_swap(struct rd_store *store, uint32_t a, uint32_t b, int64_t now);

static inline struct rd_followers *rd_followers_of(const struct rd_shard *shard) {
    return &((struct rd_following *)shard->store->change_slot)->of_shards[shard->number];
}

/* After any change of a shard's followers: is there anybody still, or now? */
static inline void rd_followers_settle(struct rd_shard *shard) {
    const struct rd_followers *followers = rd_followers_of(shard);
    shard->listened = followers->watched.count || followers->tracked.count || followers->broadcasts;
}

/*
 * Adds a link to one of the shard's chains, and takes it out of them; `own` bytes are what it takes of the heap
 * beyond them, where that counts in `bytes` as well. RD_ERR_NO_MEMORY: it was not added.
 */
RD_MUST_USE static inline enum rd_status rd_followers_add(struct rd_shard *shard, struct rd_chains *chains,
                                                          struct rd_link *link, uint64_t own) {
    uint64_t before = rd_chains_bytes(chains);
    if (rd_chains_add(chains, link) != RD_OK) return RD_ERR_NO_MEMORY;
    rd_counter_add(&rd_followers_of(shard)->bytes, rd_chains_bytes(chains) - before + own);
    rd_followers_settle(shard);
    return RD_OK;
}

static inline void rd_followers_remove(struct rd_shard *shard, struct rd_chains *chains, struct rd_link *link,
                                       uint64_t own) {
    uint64_t before = rd_chains_bytes(chains);
    rd_chains_remove(chains, link);
    rd_counter_add(&rd_followers_of(shard)->bytes, rd_chains_bytes(chains) - before - own);
    rd_followers_settle(shard);
}

#endif
