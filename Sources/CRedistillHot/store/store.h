/*
 * This file owns the store: the shards, the memory that they share, the limit, and which shard a key belongs to.
 * It knows nothing of connections or of the protocol.
 *
 * Locks: a shard's lock is taken for each access; several at once only in ascending order of their numbers
 * (rd_store_lock_set). The pool's lock is taken inside. With a single worker nothing is shared and no lock is taken.
 */
#ifndef RD_STORE_H
#define RD_STORE_H

#include "memory/blobs.h"
#include "base/counter.h"
#include "store/databases.h"
#include "store/flush.h"
#include "store/policy.h"
#include "store/share.h"
#include "store/shard.h"
#include "store/strays.h"

struct rd_store_options {
    uint32_t shards;     /* power of two, 1..65,536 */
    bool shared;         /* more than one thread uses the store */
    uint64_t limit;      /* bytes, 0 = none */
    uint64_t reserve;    /* bytes of address space for entries and tables; 0 = by the machine's memory */
    const struct rd_policy *policy;  /* which entry goes; borrowed; NULL: rd_policy_noeviction */
    const struct rd_hash_seed *seed; /* NULL: random; tests pass one */
    uint32_t databases;  /* 1..256; 0 is 1 */
    const struct rd_shapes *shapes; /* who owns values with a shape; borrowed; NULL: there are none */
    const uint8_t *shares; /* of each database, in percent of the limit (share.h); borrowed; NULL: none */
    struct rd_region *region; /* in which all of it is to lie, the store itself too (keep.h); borrowed; NULL: private memory */
};

struct rd_store {
    uint32_t shard_count;
    uint32_t shard_shift;          /* the shard of a hash is hash >> shard_shift */
    bool shared;
    _Atomic uint32_t busy;         /* scripts that hold their shards for longer than they should: nobody waits for those */
    struct rd_shard *shards;
    struct rd_change_slot *change_slot; /* borrowed; set by the owner before others use the store. NULL: nobody ever listens */
    const struct rd_shapes *shapes; /* borrowed; immutable. NULL: no value has a shape */
    struct rd_hash_seed seed;
    struct rd_size_classes classes;
    struct rd_pool pool;
    struct rd_blobs blobs;
    struct rd_flush flush;
    struct rd_databases databases;
    struct rd_strays strays;
    struct rd_shares *shares;      /* owned; immutable; NULL mostly: no database has one */
    _Atomic int64_t client_bytes;  /* of the heap that clients hold, as the workers count it */
    int64_t measured_before;       /* the same as the last measurement alone has it; used by whoever measures */
    _Atomic int64_t other_than_clients; /* what else was resident when it was last measured; may be below 0 */
    _Atomic uint64_t small_bytes;  /* keys and values in the small queues of S3-FIFO, as the shards have told */
    _Atomic uint64_t ghost_bytes;  /* evicted from there since the start */
    _Atomic uint64_t aged_bytes;   /* evicted since the epoch began */
    _Atomic uint32_t epoch;        /* the low bits stamp entries: sixteen are about the life of an entry */
    _Atomic uint32_t lfu_decay_minutes; /* in which what is unused loses one of its frequency; 0 = never */
    _Atomic uint32_t minute;       /* of the monotonic clock, at the last measurement */
    _Atomic uint64_t grown_bytes;  /* used when the epoch began */
    uint32_t spans_taken, spans_idle; /* of the last measurement: spans.takes, and for how many it has stood still */
    _Atomic uint64_t resident_bytes; /* of the process, as last measured */
    _Atomic uint64_t startup_bytes; /* of those, before the first key; written by the first measurement */
    _Atomic uint64_t idle_ceiling; /* without a limit: what the pool should not have resident beyond */
    _Atomic bool relief;           /* there is work for rd_store_relieve */
    _Atomic uint64_t limit;
    _Atomic uint32_t samples;      /* for the policies that sample */
    _Atomic(const struct rd_policy *) policy;
};

/* How many shards suit a limit (0 = none) and so many threads. */
uint32_t rd_store_usual_shards(uint64_t limit, uint32_t threads);

RD_MUST_USE enum rd_status rd_store_init(struct rd_store *store, const struct rd_store_options *options);
void rd_store_destroy(struct rd_store *store);

/* Any thread. A lower limit is reached in slices, by rd_store_relieve. */
void rd_store_set_limit(struct rd_store *store, uint64_t limit);

/* What the store has resident. */
static inline uint64_t rd_store_resident(const struct rd_store *store) {
    return atomic_load_explicit(&store->pool.resident_bytes, memory_order_relaxed) +
           atomic_load_explicit(&store->blobs.span_bytes, memory_order_relaxed) +
           atomic_load_explicit(&store->blobs.spans.warm_bytes, memory_order_relaxed);
}

/* Connections, buffers, the allocator's own: as last measured, and what clients have come to hold since. */
static inline uint64_t rd_store_other(const struct rd_store *store) {
    int64_t bytes = atomic_load_explicit(&store->other_than_clients, memory_order_relaxed) +
                    atomic_load_explicit(&store->client_bytes, memory_order_relaxed);
    return bytes > 0 ? (uint64_t)bytes : 0;
}

/* Everything that counts against the limit. */
static inline uint64_t rd_store_used(const struct rd_store *store) {
    return atomic_load_explicit(&store->pool.used_bytes, memory_order_relaxed) +
           atomic_load_explicit(&store->blobs.span_bytes, memory_order_relaxed) +
           atomic_load_explicit(&store->blobs.spans.warm_bytes, memory_order_relaxed) +
           rd_store_other(store);
}

static inline const struct rd_policy *rd_store_policy(const struct rd_store *store) {
    return atomic_load_explicit(&store->policy, memory_order_relaxed);
}

static inline unsigned rd_store_age(const struct rd_store *store) {
    return atomic_load_explicit(&store->epoch, memory_order_relaxed) & ((1u << RD_AGE_BITS) - 1);
}

/* How many epochs ago the entry was stamped, 0..31. */
static inline uint32_t rd_entry_age(const struct rd_shard *shard, const struct rd_entry *entry) {
    return (rd_store_age(shard->store) - entry->age) & ((1u << RD_AGE_BITS) - 1);
}

static inline uint64_t rd_store_hash(const struct rd_store *store, struct rd_slice key) {
    return rd_hash(&store->seed, key.bytes, key.length);
}

static inline struct rd_shard *rd_store_shard(const struct rd_store *store, uint64_t hash) {
    /* Two shifts: with one shard the whole width goes, which one shift may not do. */
    return &store->shards[hash >> 1 >> (store->shard_shift - 1)];
}

static inline void rd_shard_lock(struct rd_shard *shard) {
    if (shard->store->shared) rd_lock_acquire(&shard->lock);
}

/* Does a script hold its shards for longer than it should? */
static inline bool rd_store_is_busy(const struct rd_store *store) {
    return atomic_load_explicit(&store->busy, memory_order_relaxed) != 0;
}

/* The same, unless a script keeps it for too long: then false. */
RD_MUST_USE static inline bool rd_shard_lock_unless_busy(struct rd_shard *shard) {
    return !shard->store->shared || rd_lock_acquire_unless(&shard->lock, &shard->store->busy);
}

/* For what may be left out as well. */
RD_MUST_USE static inline bool rd_shard_try_lock(struct rd_shard *shard) {
    return !shard->store->shared || rd_lock_try(&shard->lock);
}

static inline void rd_shard_unlock(struct rd_shard *shard) {
    if (shard->store->shared) rd_lock_release(&shard->lock);
}

#define RD_MOST_SHARDS 65536

/* A set of shards, to be locked together. */
struct rd_shard_set {
    uint64_t words[RD_MOST_SHARDS / 64]; /* only the words that the store's shards need are used */
};

static inline void rd_shard_set_clear(const struct rd_store *store, struct rd_shard_set *set) {
    memset(set->words, 0, (store->shard_count + 63) / 64 * sizeof set->words[0]);
}

static inline void rd_shard_set_add(const struct rd_store *store, struct rd_shard_set *set, uint64_t hash) {
    uint32_t number = rd_store_shard(store, hash)->number;
    set->words[number / 64] |= 1ull << (number % 64);
}

static inline bool rd_shard_set_has(const struct rd_store *store, const struct rd_shard_set *set, uint64_t hash) {
    uint32_t number = rd_store_shard(store, hash)->number;
    return set->words[number / 64] >> (number % 64) & 1;
}

static inline void rd_shard_set_fill(const struct rd_store *store, struct rd_shard_set *set) {
    for (uint32_t i = 0; i < store->shard_count; i += 64) {
        set->words[i / 64] = store->shard_count - i < 64 ? (1ull << (store->shard_count - i)) - 1 : UINT64_MAX;
    }
}

/* Locks, or unlocks, the shards of the set in ascending order. */
/* False, and none is locked, when a script keeps one of them for too long. */
RD_MUST_USE bool rd_store_lock_set(struct rd_store *store, const struct rd_shard_set *set);
void rd_store_unlock_set(struct rd_store *store, const struct rd_shard_set *set);

/* Removes every key of every database, with all shards locked; their memory goes back in pieces. Returns how many there were. */
uint64_t rd_store_clear(struct rd_store *store);

/* Fills the key and memory fields. Any thread. */
void rd_store_statistics(const struct rd_store *store, int64_t now, struct rd_statistics *statistics);

bool rd_store_check(struct rd_store *store);

#endif
