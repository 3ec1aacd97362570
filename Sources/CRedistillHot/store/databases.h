/*
 * This file owns which keyspace the number of a database leads to, so that SWAPDB exchanges two numbers, and FLUSHDB gives
 * one another, empty keyspace: both are one moment, whatever there is. The old keyspace of a flushed database is dying:
 * nobody finds its keys any more, and they are removed piece by piece between commands.
 *
 * At first each database has the keyspace of its own number; of the first database keys have no byte more for it.
 */
#ifndef RD_DATABASES_H
#define RD_DATABASES_H

#include "store/space.h"

struct rd_store;

struct rd_databases {
    uint32_t count;                  /* 1..256; immutable */
    _Atomic uint8_t space[RD_SPACES]; /* of each database; changed with all shards locked, so any lock keeps it */
    _Atomic uint64_t dying[RD_SPACES / 64]; /* a bit for each keyspace */
    _Atomic uint32_t left[RD_SPACES];       /* how often a flushed database has left each; changed with all shards locked */
};

void rd_databases_init(struct rd_databases *databases, uint32_t count);

/* With all shards locked: what leads to a leads to b, and the other way round. */
void rd_store_swap_databases(struct rd_store *store, uint32_t a, uint32_t b);

/* The keyspace that a database may have once it is flushed: its own where every other is taken, by 256 databases. */
uint32_t rd_store_next_space(const struct rd_store *store, uint32_t database);

/* With all shards locked: the database has that keyspace now. Its memory goes back in pieces; at once where it keeps its own. */
void rd_store_flush_database(struct rd_store *store, uint32_t database, uint32_t space);

/* Removes some of what is dying from one shard; false when nothing is left. No lock is held. */
bool rd_store_bury_some(struct rd_store *store, uint32_t *shard);

/* Keys of one database. Any thread; exact while nobody writes. */
uint64_t rd_store_keys(const struct rd_store *store, uint32_t database);

/* What INFO says of one database, and of all together. Any thread. */
struct rd_database_statistics;
void rd_store_database_statistics(const struct rd_store *store, uint32_t database, int64_t now,
                                  struct rd_database_statistics *statistics);
void rd_store_all_statistics(const struct rd_store *store, int64_t now, struct rd_database_statistics *statistics);

static inline bool rd_databases_any_dies(const struct rd_databases *databases) {
    uint64_t dying = 0;
    for (uint32_t i = 0; i < RD_SPACES / 64; i++) dying |= atomic_load_explicit(&databases->dying[i], memory_order_relaxed);
    return dying != 0;
}

/* Has each database a keyspace that is its own, and does not die? With the lock of any shard. */
bool rd_databases_check(const struct rd_databases *databases);
/* May keys be in the keyspace, since a database leads to it, or it dies? */
bool rd_databases_may_have(const struct rd_databases *databases, uint32_t space);

/* Does the keyspace? */
static inline bool rd_databases_dies(const struct rd_databases *databases, uint32_t space) {
    return atomic_load_explicit(&databases->dying[space / 64], memory_order_relaxed) >> (space % 64) & 1;
}

/* With the lock of any shard: the keyspace is the same as long as this is, whichever database leads to it. */
static inline uint32_t rd_databases_left(const struct rd_databases *databases, uint32_t space) {
    return atomic_load_explicit(&databases->left[space], memory_order_relaxed);
}

static inline uint32_t rd_databases_space(const struct rd_databases *databases, uint32_t database) {
    return atomic_load_explicit(&databases->space[database], memory_order_relaxed);
}

#endif
