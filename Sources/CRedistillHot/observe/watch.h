/*
 * This file owns the keys that somebody WATCHes: each counts its changes, which EXEC compares with what it was when its
 * own watch began. So a change costs the same however many watch. With the shard's lock held.
 */
#ifndef RD_WATCH_H
#define RD_WATCH_H

#include "observe/chains.h"
#include "store/shard.h"

/* A key, for all who WATCH it. What it takes of the heap stands with the transactions that watch. */
struct rd_watched {
    struct rd_link link; /* its hash is rd_watch_hash; guarded by the shard's lock, as all that is not immutable */
    uint64_t hash;       /* the key's own; immutable */
    uint32_t space;      /* the keyspace, which another client's SWAPDB or FLUSHDB changes */
    uint64_t changes;    /* since the first watch */
    uint32_t watches;
    uint32_t key_length;
    char key[];
};

static inline struct rd_key rd_watched_key(const struct rd_watched *watched) {
    return (struct rd_key){watched->key, watched->key_length, watched->space};
}

/* Keys of one name in several keyspaces are told apart by bits that don't choose the shard. */
static inline uint64_t rd_watch_hash(uint64_t hash, uint32_t space) {
    return hash ^ (uint64_t)space << 24;
}

/* One more watch of the key; NULL when memory is out. */
struct rd_watched *rd_watched_begin(struct rd_shard *shard, uint64_t hash, struct rd_key key);
/* One less; with the last one the key is forgotten. */
void rd_watched_end(struct rd_shard *shard, struct rd_watched *watched);

/* The key has changed. */
void rd_watched_changed(struct rd_shard *shard, uint64_t hash, uint32_t space);
/* Every key is about to be removed: those that are there change. */
void rd_watched_cleared(struct rd_shard *shard);

/*
 * The database of keyspace a is about to be that of b, and the other way round: watches go with their databases. Keys
 * change that are, at Unix time now in ms, in either. Of a keyspace b that no database had, this is a flush.
 */
void rd_watched_swapped(struct rd_shard *shard, uint32_t a, uint32_t b, int64_t now);

#endif
