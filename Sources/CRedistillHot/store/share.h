/*
 * This file owns shares: parts of the limit that belong to one database alone. A database with a share never holds more
 * than that, and nobody else ever takes it; those without one share what is left. So one application cannot drive out
 * what another has stored.
 *
 * With shares each keyspace has lists of its own in each shard (`rd_shard.partitioned`), and what it holds is counted:
 * the slots of its entries and the lengths of their blobs. What the store uses beyond that, tables and holes, is charged
 * in proportion, as last measured: what one command frees makes room for the next at once. What clients hold lessens the
 * limit for all. Who asks for none has none of this.
 *
 * Beyond its share a database may be for a while: what it owes goes between commands (relief.h).
 */
#ifndef RD_SHARE_H
#define RD_SHARE_H

#include "store/space.h"

struct rd_store;

/*
 * Holders are the databases with a share, by their place here, and after them all others together. Behind those comes
 * nobody, who has what is dying: it is on its way back, and drives out no key.
 */
struct rd_shares {
    uint32_t count;                        /* of databases with one; immutable, as is all down to here */
    uint8_t database[RD_SPACES];           /* which they are */
    uint8_t percent[RD_SPACES + 1];        /* of each holder */
    _Atomic uint8_t holder[RD_SPACES];     /* of each keyspace; changed with all shards locked, so any lock keeps it */
    _Atomic uint64_t bytes[RD_SPACES];     /* of each keyspace, as described above. Any thread writes */
    _Atomic uint64_t small[RD_SPACES];     /* keys and values of its small queue of S3-FIFO */
    _Atomic uint64_t held[RD_SPACES + 2];  /* by each holder, and by nobody */
    _Atomic uint32_t overhead;             /* that is charged for what is counted; share.c has its unit */
    _Atomic uint64_t evicted[RD_SPACES + 1]; /* keys of each holder */
};

/*
 * `percent` of the limit for each of so many databases, 0 = none. A block of the region's (memory/kept.h), which the caller
 * frees; NULL when memory is out. The sum is at most 100.
 */
struct rd_shares *rd_shares_new(struct rd_region *region, const uint8_t *percent, uint32_t databases);

/* With all shards locked: the keyspace is the database's from now on, or dies. */
void rd_shares_assign(struct rd_shares *shares, uint32_t space, uint32_t database);
void rd_shares_abandon(struct rd_shares *shares, uint32_t space);

/* Who holds what lies in a keyspace. */
static inline uint32_t rd_shares_holder(const struct rd_shares *shares, uint32_t space) {
    return atomic_load_explicit(&shares->holder[space], memory_order_relaxed);
}

/* What a holder holds. */
static inline uint64_t rd_shares_bytes(const struct rd_shares *shares, uint32_t holder) {
    return atomic_load_explicit(&shares->held[holder], memory_order_relaxed);
}

/* What it may hold: 0 without a limit. */
uint64_t rd_shares_limit(const struct rd_store *store, uint32_t holder);

/* May the holder have so many bytes together, `owed` beyond its share? Always without a limit. */
bool rd_shares_allow(const struct rd_store *store, uint32_t holder, uint64_t bytes, uint64_t owed);
/* A holder that owes, or more than any holder when none does. What is charged beyond what is counted is no debt. */
uint32_t rd_shares_debtor(const struct rd_store *store);
bool rd_shares_owe(const struct rd_store *store);
/* Fills in what concerns the share of a database, if it has one. Any thread. */
struct rd_database_statistics;
void rd_shares_statistics(const struct rd_store *store, uint32_t database, struct rd_database_statistics *statistics);
/* The holder that is fullest for its share: who has to give where the store itself is full. */
uint32_t rd_shares_fullest(const struct rd_store *store);

/* From time to time, by one thread: how much more the store uses than is counted. */
void rd_shares_measure(const struct rd_store *store);

/* With the shard's lock held. */
static inline void rd_shares_count(struct rd_shares *shares, uint32_t space, uint64_t bytes, uint64_t small) {
    atomic_fetch_add_explicit(&shares->bytes[space], bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&shares->held[rd_shares_holder(shares, space)], bytes, memory_order_relaxed);
    if (small) atomic_fetch_add_explicit(&shares->small[space], small, memory_order_relaxed);
}

/* With all shards locked: do the counters agree with what there is? For tests and debug builds. */
bool rd_shares_check(const struct rd_store *store);

/* With all shards locked: nothing is held any more. */
void rd_shares_forget(struct rd_shares *shares);

#endif
