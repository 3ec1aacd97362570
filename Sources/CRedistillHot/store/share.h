/*
 * This file owns shares: parts of the limit that belong to one database alone. A database with a share never holds more
 * than that, and nobody else ever takes it; those without one share what is left. So one application cannot drive out
 * what another has stored.
 *
 * With shares each keyspace has lists of its own in each shard (`rd_shard.partitioned`), and what it holds is counted:
 * the slots of its entries and the lengths of their blobs. What the store uses beyond that, tables and holes, is charged
 * in proportion, as last measured: what one command frees makes room for the next at once. What clients hold lessens the
 * limit for all. Who asks for none has none of this.
 */
#ifndef RD_SHARE_H
#define RD_SHARE_H

#include "store/space.h"

struct rd_databases;
struct rd_store;

/* Holders are the databases with a share, by their place here, and after them all others together. */
struct rd_shares {
    uint32_t count;                        /* of databases with one; immutable, as is all down to here */
    uint8_t database[RD_SPACES];           /* which they are */
    uint8_t percent[RD_SPACES + 1];        /* of each holder */
    _Atomic uint64_t bytes[RD_SPACES];     /* of each keyspace, as described above. Any thread writes */
    _Atomic uint64_t small[RD_SPACES];     /* keys and values of its small queue of S3-FIFO */
    _Atomic uint64_t all;                  /* of all keyspaces */
    _Atomic uint32_t overhead;             /* that is charged for what is counted; share.c has its unit */
    _Atomic uint64_t evicted[RD_SPACES + 1]; /* keys of each holder */
};

/*
 * `percent` of the limit for each of so many databases, 0 = none. Owned by the caller, who frees it; NULL when memory is
 * out. The sum is at most 100.
 */
struct rd_shares *rd_shares_new(const uint8_t *percent, uint32_t databases);

/* Who holds what lies in a keyspace. */
uint32_t rd_shares_holder(const struct rd_store *store, uint32_t space);
/* What a holder holds. */
uint64_t rd_shares_bytes(const struct rd_store *store, uint32_t holder);
/* What it may hold: 0 without a limit. */
uint64_t rd_shares_limit(const struct rd_store *store, uint32_t holder);

/* May the holder have so many bytes more, `owed` beyond its share? Always without a limit. */
bool rd_shares_allow(const struct rd_store *store, uint32_t holder, uint64_t bytes, uint64_t owed);
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
    atomic_fetch_add_explicit(&shares->all, bytes, memory_order_relaxed);
    if (small) atomic_fetch_add_explicit(&shares->small[space], small, memory_order_relaxed);
}

/* With all shards locked: do the counters agree with what there is? For tests and debug builds. */
bool rd_shares_check(const struct rd_store *store);

/* With all shards locked: nothing is held any more. */
void rd_shares_forget(struct rd_shares *shares);

#endif
