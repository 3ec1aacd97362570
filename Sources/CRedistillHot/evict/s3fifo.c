/*
 * This file owns S3-FIFO (Yang et al., "FIFO Queues Are All You Need for Cache Eviction", SOSP 2023): new entries enter
 * a small queue of a tenth of the memory; those hit there go on to the main queue, the others are evicted and leave a
 * ghost, which lets them into the main queue at once if they come back. The main queue is a FIFO with as many
 * second chances as hits, up to three.
 *
 * The sizes are those of all shards together, for a shard may hold two entries; each queue is a list per shard, whose
 * tails are compared by their stamps.
 */
#include "evict/ghost.h"
#include "evict/oldest.h"
#include "evict/policies.h"

#define SMALL_SHARE 10 /* of the limit is the small queue: one in so many */
#define HITS_TO_STAY 1 /* the paper's implementation asks for two; on a trace one gave more hits at every size */
/* Entries given another chance in one search, so that a command's time stays bounded. */
#define CHANCES 32
/* A ghost lives while nine tenths of the limit are evicted; in this many steps. */
#define GHOST_LIFE 8192u

static uint64_t limit_of(const struct rd_shard *shard) {
    return atomic_load_explicit(&shard->store->limit, memory_order_relaxed);
}

static uint16_t ghost_time(const struct rd_shard *shard) {
    uint64_t step = limit_of(shard) * 9 / 10 / GHOST_LIFE + 1;
    return (uint16_t)(atomic_load_explicit(&shard->store->ghost_bytes, memory_order_relaxed) / step);
}

/* Of a database with a share, or beside one, the small queue is a tenth of what it holds. */
static bool small_is_full(const struct rd_shard *shard, uint32_t space) {
    if (__builtin_expect(shard->partitioned, 0)) {
        const struct rd_shares *shares = shard->store->shares;
        uint64_t bytes = atomic_load_explicit(&shares->bytes[space], memory_order_relaxed);
        return atomic_load_explicit(&shares->small[space], memory_order_relaxed) > bytes / SMALL_SHARE;
    }
    return atomic_load_explicit(&shard->store->small_bytes, memory_order_relaxed) > limit_of(shard) / SMALL_SHARE;
}

/* The older of a queue's two tails, with and without expiry. */
static struct rd_victim tail(const struct rd_shard *shard, uint32_t space, bool small, uint32_t spare) {
    return rd_oldest_by_age(shard, space, spare, small, 2);
}

static struct rd_victim victim(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    struct rd_victim chosen = {0};
    for (int chances = 0; chances < CHANCES; chances++) {
        bool small = small_is_full(shard, space);
        chosen = tail(shard, space, small, spare);
        if (small && !chosen.reference) {
            /* This shard has none of the small queue, another will; its main entries are the last resort. */
            chosen = tail(shard, space, small = false, spare);
            chosen.score = 0;
        } else if (!chosen.reference) {
            chosen = tail(shard, space, small = true, spare);
            chosen.score = 0;
        }
        if (!chosen.reference) return chosen;
        uint8_t flags = rd_shard_entry(shard, chosen.reference)->flags;
        uint32_t hits = flags >> RD_HIT_SHIFT;
        uint8_t promoted = flags & (uint8_t)~(RD_IN_SMALL | RD_HIT_MASK);
        if (small && hits >= HITS_TO_STAY) rd_shard_refresh(shard, chosen.reference, promoted);
        else if (!small && hits) rd_shard_refresh(shard, chosen.reference, (uint8_t)(flags - RD_HIT_ONE));
        else return chosen;
    }
    return chosen;
}

static uint8_t admit(struct rd_shard *shard, uint32_t space, uint64_t hash) {
    if (limit_of(shard) == 0) return RD_IN_SMALL;
    if (rd_ghosts_take(shard, hash, ghost_time(shard), GHOST_LIFE)) return 0;
    /* Until something was evicted, what does not fit the small queue may have a try in the main one. */
    bool is_filling = !atomic_load_explicit(&shard->store->ghost_bytes, memory_order_relaxed);
    return is_filling && small_is_full(shard, space) ? 0 : RD_IN_SMALL;
}

static void evicted(struct rd_shard *shard, const struct rd_entry *entry) {
    if (!(entry->flags & RD_IN_SMALL)) return;
    struct rd_slice key = rd_entry_key(entry);
    uint64_t hash = rd_store_hash(shard->store, key);
    rd_ghosts_add(shard, hash, ghost_time(shard));
    uint64_t bytes = key.length + rd_entry_weight(entry);
    atomic_fetch_add_explicit(&shard->store->ghost_bytes, bytes, memory_order_relaxed);
}

const struct rd_policy rd_policy_allkeys_s3fifo = {
    .name = "allkeys-s3fifo", .victim = victim, .admit = admit, .evicted = evicted,
};
