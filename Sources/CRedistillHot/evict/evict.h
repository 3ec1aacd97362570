/*
 * This file owns eviction: the table of policies, and making room under the memory limit. A policy only chooses
 * victims (evict_*.c); removing them, and deciding when and in which shard, is the same for all.
 */
#ifndef RD_EVICT_H
#define RD_EVICT_H

#include "store/shard.h"

/* What a shard offers to be evicted. */
struct rd_victim {
    uint32_t reference; /* 0: nothing */
    uint32_t score;     /* among several shards' victims, the one with the highest goes */
};

struct rd_policy {
    const char *name;  /* as in Redis's maxmemory-policy */
    bool by_use;       /* LRU or LFU of Redis, under which it shares no small numbers between keys */
    bool counts_use;   /* the age of an entry is how often it is used, not when it came */
    /*
     * With the shard's lock held: the entry to evict next, never `spare`. May reorder the lists and change hits, ages
     * and queues; must not change the table.
     */
    struct rd_victim (*victim)(struct rd_shard *shard, uint32_t spare);
    /* With the lock held: flags for a new entry of that hash. NULL: none. */
    uint8_t (*admit)(struct rd_shard *shard, uint64_t hash);
    /* With the lock held: an entry that victim named is about to go. NULL: the policy need not know. */
    void (*evicted)(struct rd_shard *shard, const struct rd_entry *entry);
};

extern const struct rd_policy rd_policy_noeviction, rd_policy_allkeys_lru, rd_policy_volatile_lru,
    rd_policy_allkeys_random, rd_policy_volatile_random, rd_policy_volatile_ttl, rd_policy_allkeys_lfu,
    rd_policy_volatile_lfu, rd_policy_allkeys_s3fifo;

/* NULL when there is no policy of that name. */
const struct rd_policy *rd_policy_named(const char *name);

/* Is the entries' age a frequency, by the store's policy? */
bool rd_evict_counts_use(const struct rd_shard *shard);

/* Would Redis share small numbers between keys? Not under a limit with a policy by use. */
bool rd_evict_shares_numbers(const struct rd_store *store);

/* Flags for a new entry, by the store's policy. */
uint8_t rd_evict_admit(struct rd_shard *shard, uint64_t hash);

/*
 * Makes a slot of `class` available in the shard: finds room under the limit for a slab, or evicts until there is
 * room, or a slot. RD_ERR_NO_MEMORY when neither can be had. With the shard's lock held; every entry but `spare` (NULL:
 * none) may go, in this shard and others, and all may move; spare->entry and spare->reference follow, its place does not.
 */
RD_MUST_USE enum rd_status rd_evict_for_slot(struct rd_shard *shard, unsigned class, struct rd_found *spare);
/* The same for a blob of that capacity. */
RD_MUST_USE enum rd_status rd_evict_for_blob(struct rd_shard *shard, uint64_t capacity, struct rd_found *spare);
/* The same for a blob that was received and is counted already, so that only what is too much has to go. */
RD_MUST_USE enum rd_status rd_evict_for_received(struct rd_shard *shard, const struct rd_blob *blob,
                                                 struct rd_found *spare);

/*
 * May the store go beyond its limit for `bytes` that an entry which is there already needs, after everything that can
 * go has gone? Commands that Redis does not call DENYOOM must not be refused, or a cache that is full of keys without a
 * time to live could not be mended by giving them one. What is as small as an entry always may: an expiry, a name within
 * an entry, and there are never more of them than entries. A longer name may within what the store may owe for a while.
 */
bool rd_evict_may_exceed(struct rd_store *store, uint64_t bytes);

/* Whether a value that is being received may take `bytes` more. No lock is needed. */
enum rd_reception {
    RD_RECEIVE,
    RD_RECEIVE_LATER,  /* room is being made by relief */
    RD_RECEIVE_NEVER,
};
enum rd_reception rd_evict_may_receive(struct rd_store *store, uint64_t bytes);
/* Releases a blob that was received and did not fit: its memory is not kept for the next one. */
void rd_evict_refused(struct rd_store *store, struct rd_blob *blob);
/* True for what would not fit an empty store, for which nothing is to be driven out. */
bool rd_evict_never_fits(const struct rd_store *store, uint64_t bytes);

/*
 * Evicts up to `most` entries while the store is above its limit; returns how many. With the shard's lock held, no
 * other, and no entry in hand.
 */
uint32_t rd_evict_excess(struct rd_shard *shard, uint32_t most);

/* The shard's next random number. */
static inline uint64_t rd_shard_random(struct rd_shard *shard) {
    uint64_t x = shard->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return shard->random = x;
}

/* How many epochs ago the entry was stamped, 0..31. */
static inline uint32_t rd_entry_age(const struct rd_shard *shard, const struct rd_entry *entry) {
    return (rd_shard_age(shard) - entry->age) & ((1u << RD_AGE_BITS) - 1);
}

/* Entries found at random, for the policies that sample. */
#define RD_SAMPLES_MOST 64
struct rd_samples {
    struct rd_shard *shard;
    uint32_t wanted, count;
    uint32_t spare;
    bool expiring; /* only those with an expiry */
    uint32_t references[RD_SAMPLES_MOST];
};

/* Looks at random buckets until there are samples enough, within bounds; their lines are asked for. */
void rd_evict_sample(struct rd_shard *shard, uint32_t spare, bool expiring, struct rd_samples *samples);

#endif
