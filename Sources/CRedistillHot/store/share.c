/* This file owns the arithmetic of shares. */
#include "store/share.h"

#include "memory/kept.h"
#include "store/store.h"

/*
 * Overhead is in parts of this. At most a quarter is charged beyond what is counted: what was flushed a moment ago is
 * still used, and is nobody's fault.
 */
#define OVERHEAD_ONE 1024u
#define MOST_OVERHEAD (OVERHEAD_ONE / 4 * 5)

static uint64_t get(const _Atomic uint64_t *value) {
    return atomic_load_explicit(value, memory_order_relaxed);
}

static void give(struct rd_shares *shares, uint32_t space, uint32_t holder) {
    uint64_t bytes = get(&shares->bytes[space]);
    atomic_fetch_sub_explicit(&shares->held[rd_shares_holder(shares, space)], bytes, memory_order_relaxed);
    atomic_store_explicit(&shares->holder[space], (uint8_t)holder, memory_order_relaxed);
    atomic_fetch_add_explicit(&shares->held[holder], bytes, memory_order_relaxed);
}

void rd_shares_assign(struct rd_shares *shares, uint32_t space, uint32_t database) {
    uint32_t holder = 0;
    while (holder < shares->count && shares->database[holder] != database) holder++;
    give(shares, space, holder);
}

void rd_shares_abandon(struct rd_shares *shares, uint32_t space) {
    give(shares, space, shares->count + 1);
}

struct rd_shares *rd_shares_new(struct rd_region *region, const uint8_t *percent, uint32_t databases) {
    struct rd_shares *shares = rd_kept_new_zeroed(region, sizeof *shares);
    if (!shares) return NULL;
    uint32_t left = 100;
    for (uint32_t database = 0; database < databases; database++) {
        if (!percent[database]) continue;
        shares->database[shares->count] = (uint8_t)database;
        shares->percent[shares->count++] = percent[database];
        left -= percent[database];
    }
    shares->percent[shares->count] = (uint8_t)left;
    for (uint32_t space = 0; space < RD_SPACES; space++) rd_shares_assign(shares, space, space);
    atomic_init(&shares->overhead, OVERHEAD_ONE);
    return shares;
}

uint64_t rd_shares_limit(const struct rd_store *store, uint32_t holder) {
    uint64_t limit = get(&store->limit), other = rd_store_other(store);
    return limit > other ? (limit - other) / 100 * store->shares->percent[holder] : 0;
}

void rd_shares_measure(const struct rd_store *store) {
    uint64_t used = get(&store->pool.used_bytes) + get(&store->blobs.span_bytes), counted = 0;
    for (uint32_t space = 0; space < RD_SPACES; space++) counted += get(&store->shares->bytes[space]);
    uint64_t ratio = counted >> 10 ? used / (counted >> 10) : OVERHEAD_ONE;
    if (ratio < OVERHEAD_ONE) ratio = OVERHEAD_ONE;
    if (ratio > MOST_OVERHEAD) ratio = MOST_OVERHEAD;
    atomic_store_explicit(&store->shares->overhead, (uint32_t)ratio, memory_order_relaxed);
}

bool rd_shares_allow(const struct rd_store *store, uint32_t holder, uint64_t bytes, uint64_t owed) {
    if (get(&store->limit) == 0) return true;
    uint64_t overhead = atomic_load_explicit(&store->shares->overhead, memory_order_relaxed);
    return bytes * overhead / OVERHEAD_ONE <= rd_shares_limit(store, holder) + owed;
}

uint32_t rd_shares_debtor(const struct rd_store *store) {
    uint32_t holder = 0;
    while (holder <= store->shares->count && rd_shares_bytes(store->shares, holder) <= rd_shares_limit(store, holder)) holder++;
    return holder;
}

bool rd_shares_owe(const struct rd_store *store) {
    return store->shares && get(&store->limit) && rd_shares_debtor(store) <= store->shares->count;
}

uint32_t rd_shares_fullest(const struct rd_store *store) {
    const struct rd_shares *shares = store->shares;
    uint32_t fullest = 0;
    double most = -1;
    for (uint32_t holder = 0; holder <= shares->count; holder++) {
        uint64_t bytes = rd_shares_bytes(shares, holder);
        /* Who may hold nothing, and holds something, is fuller than anybody. */
        double fullness = bytes ? (double)bytes / (shares->percent[holder] ? shares->percent[holder] : 1e-9) : 0;
        if (fullness <= most) continue;
        most = fullness;
        fullest = holder;
    }
    return fullest;
}

void rd_shares_statistics(const struct rd_store *store, uint32_t database, struct rd_database_statistics *statistics) {
    for (uint32_t holder = 0; holder < store->shares->count; holder++) {
        if (store->shares->database[holder] != database) continue;
        statistics->memory_held = rd_shares_bytes(store->shares, holder);
        statistics->memory_share = rd_shares_limit(store, holder);
        statistics->evicted = get(&store->shares->evicted[holder]);
    }
}

struct tally {
    const struct rd_shard *shard;
    uint64_t bytes, small;
};

static void count_entry(void *context, uint32_t reference) {
    struct tally *tally = context;
    const struct rd_entry *entry = rd_shard_entry(tally->shard, reference);
    tally->bytes += rd_shard_bytes_of(tally->shard, entry);
    if (entry->flags & RD_IN_SMALL) tally->small += rd_entry_key(entry).length + rd_entry_weight(entry);
}

bool rd_shares_check(const struct rd_store *store) {
    uint64_t held[RD_SPACES + 2] = {0};
    for (uint32_t space = 0; space < RD_SPACES; space++) {
        struct tally tally = {0};
        for (uint32_t i = 0; i < store->shard_count; i++) {
            tally.shard = &store->shards[i];
            struct rd_table *table = rd_shard_table(tally.shard, space);
            uint32_t cursor = 0;
            do cursor = table ? rd_table_scan(table, cursor, count_entry, &tally) : 0;
            while (cursor);
        }
        if (tally.bytes != get(&store->shares->bytes[space]) || tally.small != get(&store->shares->small[space])) return false;
        held[rd_shares_holder(store->shares, space)] += tally.bytes;
    }
    for (uint32_t holder = 0; holder <= store->shares->count + 1; holder++) {
        if (held[holder] != rd_shares_bytes(store->shares, holder)) return false;
    }
    return true;
}

void rd_shares_forget(struct rd_shares *shares) {
    for (uint32_t space = 0; space < RD_SPACES; space++) {
        atomic_store_explicit(&shares->bytes[space], 0, memory_order_relaxed);
        atomic_store_explicit(&shares->small[space], 0, memory_order_relaxed);
    }
    for (uint32_t holder = 0; holder <= shares->count + 1; holder++) {
        atomic_store_explicit(&shares->held[holder], 0, memory_order_relaxed);
    }
}
