/* This file owns in which shard to evict, and the loops that make room. */
#include "store/room.h"

#include "store/bury.h"
#include "store/store.h"

/* Entries that one command may evict. What it then still lacks it may owe, up to OVERDRAFT; relief pays in slices. */
#define MOST_EVICTIONS 512
#define OVERDRAFT (16u << 20)
/* With so many keys a shard's own next victim is as good as any shard's. With fewer, several are compared. */
#define KEYS_ENOUGH 64
#define SHARDS_COMPARED 12
/* Of keyspaces that hold something together so many are compared: as many as there mostly are. */
#define SPACES_COMPARED 8
/* Epochs in which as much is evicted as there is: the life of an entry that is never hit. */
#define EPOCHS_PER_LIFE 16
/* Holes of blob slabs up to this are counted as room, for compaction follows with the next loop turn. */
#define HOLES_AS_ROOM (8u << 20)

const struct rd_policy rd_policy_noeviction = {.name = "noeviction"};

/* Room for `bytes` more, where what is on its way back counts as room. */
static bool has_room(struct rd_store *store, uint64_t bytes) {
    uint64_t limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    if (limit == 0) return true;
    uint64_t used = rd_store_used(store) + bytes;
    if (used <= limit) return true;
    if (rd_spans_cool(&store->blobs.spans, used - limit)) return has_room(store, bytes);
    uint64_t most = limit / 64 < HOLES_AS_ROOM ? limit / 64 : HOLES_AS_ROOM;
    uint64_t holes = rd_blobs_holes(&store->blobs);
    if (holes > most) holes = most;
    if (used - holes > limit) return false;
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
    return true;
}

/* Counts what goes, for the clock that ages entries. */
static void age(struct rd_store *store, uint64_t bytes) {
    uint64_t aged = atomic_fetch_add_explicit(&store->aged_bytes, bytes, memory_order_relaxed) + bytes;
    uint64_t limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    if (aged <= limit / EPOCHS_PER_LIFE) return;
    atomic_store_explicit(&store->aged_bytes, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&store->epoch, 1, memory_order_relaxed);
}

/* Whose entries may go, and how they are chosen. */
struct choice {
    const struct rd_policy *policy;
    uint32_t holder; /* of a share; without shares there is one holder, of everything */
};

/* The best of what some keyspaces of the holder offer in a shard: from a random one on, since others come after it. */
static struct rd_victim offer_of(struct rd_shard *shard, struct choice choice, uint32_t spare) {
    if (__builtin_expect(!shard->partitioned, 1)) return choice.policy->victim(shard, 0, spare);
    const struct rd_shares *shares = shard->store->shares;
    bool is_shared = choice.holder < shares->count; /* then it has one keyspace */
    uint32_t first = is_shared ? rd_databases_space(&shard->store->databases, shares->database[choice.holder])
                               : (uint32_t)(rd_shard_random(shard) >> 32);
    struct rd_victim best = {0};
    uint32_t most = is_shared ? 1 : RD_SPACES, offers = 0;
    for (uint32_t i = 0; i < most && offers < SPACES_COMPARED; i++) {
        uint32_t space = (first + i) % RD_SPACES;
        if (rd_shares_holder(shares, space) != choice.holder || !rd_shard_keys_in(shard, space)) continue;
        struct rd_victim offer = choice.policy->victim(shard, space, spare);
        if (!offer.reference) continue;
        if (!best.reference || offer.score > best.score) best = offer;
        offers++;
    }
    return best;
}

/* Is the holder's own next victim in the shard as good as any? */
static bool has_enough(const struct rd_shard *shard, uint32_t holder) {
    if (__builtin_expect(!shard->partitioned, 1)) return rd_shard_keys(shard) >= KEYS_ENOUGH;
    uint64_t keys = 0;
    uint32_t space = 0;
    do {
        if (rd_shares_holder(shard->store->shares, space) == holder) keys += rd_shard_keys_in(shard, space);
    } while (keys < KEYS_ENOUGH && (space = rd_shard_space_after(shard, space)));
    return keys >= KEYS_ENOUGH;
}

static void remove_victim(struct rd_shard *shard, struct choice choice, uint32_t reference, struct rd_found *spare) {
    const struct rd_entry *entry = rd_shard_entry(shard, reference);
    unsigned class = rd_arena_class_at(&shard->arena, reference);
    uint64_t bytes = rd_entry_size(entry);
    if (entry->flags & RD_VALUE_BLOB) bytes += rd_blob_footprint(rd_entry_value_blob(entry)) + rd_entry_below(entry);
    if (choice.policy->evicted) choice.policy->evicted(shard, entry);
    rd_shard_remove_reference(shard, reference, RD_CHANGE_EVICTED);
    rd_counter_add(&shard->evicted, 1);
    if (__builtin_expect(shard->partitioned, 0)) {
        atomic_fetch_add_explicit(&shard->store->shares->evicted[choice.holder], 1, memory_order_relaxed);
    }
    age(shard->store, bytes);
    if (rd_arena_is_sparse(&shard->arena, class)) rd_shard_compact_class(shard, class, spare);
}

static bool evict_from(struct rd_shard *shard, struct choice choice, struct rd_found *spare) {
    struct rd_victim victim = offer_of(shard, choice, spare ? spare->reference : 0);
    if (!victim.reference) return false;
    remove_victim(shard, choice, victim.reference, spare);
    return true;
}

/*
 * The best of what some shards offer, this one among them. Others are only tried, not waited for: waiting for a lower
 * number would break the lock order.
 */
static bool evict_best(struct rd_shard *shard, struct choice choice, struct rd_found *spare) {
    struct rd_store *store = shard->store;
    struct rd_shard *best = shard;
    struct rd_victim victim = offer_of(shard, choice, spare ? spare->reference : 0);
    for (int i = 0; i < SHARDS_COMPARED; i++) {
        struct rd_shard *other = &store->shards[rd_shard_random(shard) >> 32 & (store->shard_count - 1)];
        if (other == shard || other == best || !rd_shard_keys(other) || !rd_shard_try_lock(other)) continue;
        struct rd_victim offer = offer_of(other, choice, 0);
        bool better = offer.reference && (!victim.reference || offer.score > victim.score);
        struct rd_shard *loser = better ? best : other;
        if (loser != shard) rd_shard_unlock(loser);
        if (better) {
            best = other;
            victim = offer;
        }
    }
    if (victim.reference) remove_victim(best, choice, victim.reference, best == shard ? spare : NULL);
    if (best != shard) rd_shard_unlock(best);
    return victim.reference != 0;
}

static bool evict_anywhere(struct rd_shard *shard, struct choice choice) {
    struct rd_store *store = shard->store;
    for (uint32_t i = 1; i < store->shard_count; i++) {
        struct rd_shard *other = &store->shards[(shard->number + i) & (store->shard_count - 1)];
        if (!rd_shard_keys(other) || !rd_shard_try_lock(other)) continue;
        bool evicted = evict_from(other, choice, NULL);
        rd_shard_unlock(other);
        if (evicted) return true;
    }
    return false;
}

/* Evicts an entry of a holder's, from this shard if possible. */
static bool evict_near(struct rd_shard *shard, struct choice choice, struct rd_found *spare) {
    if (!choice.policy->victim) return false;
    return has_enough(shard, choice.holder) ? evict_from(shard, choice, spare) : evict_best(shard, choice, spare);
}

static struct choice choice_of(const struct rd_store *store, uint32_t holder) {
    return (struct choice){rd_store_policy(store), holder}; /* once: the policy may change at any time */
}

/* Whose entries go where the store itself is full. */
static uint32_t giver(const struct rd_store *store) {
    return store->shares ? rd_shares_fullest(store) : 0;
}

/* Evicts an entry of a holder's, wherever one is. */
static bool evict_of(struct rd_shard *shard, uint32_t holder, struct rd_found *spare) {
    struct choice choice = choice_of(shard->store, holder);
    return evict_near(shard, choice, spare) || (choice.policy->victim && evict_anywhere(shard, choice));
}

/* What was flushed goes before any key does. */
static bool free_flushed(struct rd_shard *shard) {
    return rd_flush_step(shard->store) || rd_shard_bury_some(shard);
}

static bool evict_one(struct rd_shard *shard, struct rd_found *spare) {
    return free_flushed(shard) || evict_of(shard, giver(shard->store), spare);
}

bool rd_room_never_fits(const struct rd_store *store, uint64_t bytes) {
    uint64_t limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    return limit && bytes > limit;
}

/* Room within what the store may owe for a while. */
static bool may_owe(const struct rd_store *store, uint64_t bytes) {
    uint64_t limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    return rd_store_used(store) + bytes <= limit + limit / 32 + OVERDRAFT;
}

/* After all that one command may evict: may it have its bytes all the same? */
static enum rd_status overdraw(struct rd_store *store, uint64_t bytes) {
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
    return may_owe(store, bytes) ? RD_OK : RD_ERR_NO_MEMORY;
}

bool rd_room_may_exceed(struct rd_store *store, uint64_t bytes) {
    if (bytes > RD_ENTRY_MAX && !may_owe(store, bytes)) return false;
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
    return true;
}

enum rd_reception rd_room_may_receive(struct rd_store *store, uint64_t bytes) {
    if (has_room(store, bytes)) return RD_RECEIVE;
    if (!rd_store_policy(store)->victim) return RD_RECEIVE_NEVER;
    if (may_owe(store, bytes)) {
        atomic_store_explicit(&store->relief, true, memory_order_relaxed);
        return RD_RECEIVE;
    }
    return RD_RECEIVE_LATER;
}

enum rd_status rd_room_for_slot(struct rd_shard *shard, unsigned class, struct rd_found *spare) {
    uint64_t slab = rd_arena_slab_size(&shard->arena, class);
    bool compacted = false;
    for (int evictions = 0;;) {
        if (rd_arena_has_room(&shard->arena, class)) return RD_OK;
        if (has_room(shard->store, slab)) return RD_OK;
        if (evictions == MOST_EVICTIONS) return overdraw(shard->store, slab);
        /* Once: from then on each eviction compacts what it makes sparse. */
        if (!compacted && rd_shard_compact(shard, spare)) continue;
        compacted = true;
        if (!evict_one(shard, spare)) return RD_ERR_NO_MEMORY;
        evictions++;
    }
}

enum rd_status rd_room_for_blob(struct rd_shard *shard, uint64_t capacity, struct rd_found *spare) {
    if (rd_room_never_fits(shard->store, capacity)) return RD_ERR_NO_MEMORY;
    for (int evictions = 0;; evictions++) {
        uint64_t cost = rd_blobs_cost(&shard->store->blobs, capacity);
        if (cost == 0 || has_room(shard->store, cost)) return RD_OK;
        if (evictions == MOST_EVICTIONS) return overdraw(shard->store, cost);
        if (!evict_one(shard, spare)) return RD_ERR_NO_MEMORY;
    }
}

enum rd_status rd_room_for_received(struct rd_shard *shard, const struct rd_blob *blob, struct rd_found *spare) {
    if (rd_room_never_fits(shard->store, rd_blob_footprint(blob))) return RD_ERR_NO_MEMORY;
    for (int evictions = 0;; evictions++) {
        if (has_room(shard->store, 0)) return RD_OK;
        if (evictions == MOST_EVICTIONS) return overdraw(shard->store, 0);
        if (!evict_one(shard, spare)) return RD_ERR_NO_MEMORY;
    }
}

enum rd_status rd_room_in_share(struct rd_shard *shard, uint32_t space, uint64_t held, uint64_t wanted, struct rd_found *spare) {
    struct rd_store *store = shard->store;
    const struct rd_shares *shares = store->shares;
    uint32_t holder = rd_shares_holder(shares, space);
    uint64_t bytes = wanted - held, before = rd_shares_bytes(shares, holder);
    if (rd_shares_allow(store, holder, before + bytes, 0)) return RD_OK;
    if (!rd_shares_allow(store, holder, wanted, 0)) return RD_ERR_NO_MEMORY; /* nothing is to go for what never fits */
    for (int evictions = 0; evictions < MOST_EVICTIONS; evictions++) {
        if (!evict_of(shard, holder, spare)) return RD_ERR_NO_MEMORY;
        if (rd_shares_allow(store, holder, rd_shares_bytes(shares, holder) + bytes, 0)) return RD_OK;
    }
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
    uint64_t after = rd_shares_bytes(shares, holder) + bytes, share = rd_shares_limit(store, holder);
    /* Who holds far too much, since databases were exchanged or the limit lowered, gives more than it takes. */
    return after <= before || rd_shares_allow(store, holder, after, share < OVERDRAFT ? share : OVERDRAFT) ? RD_OK : RD_ERR_NO_MEMORY;
}

void rd_room_refused(struct rd_store *store, struct rd_blob *blob) {
    uint64_t bytes = rd_blob_footprint(blob);
    rd_blob_release(blob);
    rd_spans_cool(&store->blobs.spans, bytes);
}

bool rd_room_is_wanted(const struct rd_store *store) {
    uint64_t limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    return limit && (rd_store_used(store) > limit || rd_shares_owe(store));
}

/* Evicts one entry for who has to give, if any has: the store before a share. */
static bool give_one(struct rd_shard *shard) {
    struct rd_store *store = shard->store;
    if (!has_room(store, 0)) return free_flushed(shard) || evict_near(shard, choice_of(store, giver(store)), NULL);
    return rd_shares_owe(store) && evict_near(shard, choice_of(store, rd_shares_debtor(store)), NULL);
}

uint32_t rd_room_evict(struct rd_shard *shard, uint32_t most) {
    uint32_t evicted = 0;
    while (evicted < most && give_one(shard)) evicted++;
    return evicted;
}
