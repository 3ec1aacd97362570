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
    struct rd_link link;
    uint64_t changes;    /* since the first watch */
    uint32_t watches;
    uint32_t key_length;
    char key[];
};

static inline struct rd_slice rd_watched_key(const struct rd_watched *watched) {
    return (struct rd_slice){watched->key, watched->key_length};
}

/* One more watch of the key; NULL when memory is out. */
struct rd_watched *rd_watched_begin(struct rd_shard *shard, uint64_t hash, struct rd_slice key);
/* One less; with the last one the key is forgotten. */
void rd_watched_end(struct rd_shard *shard, struct rd_watched *watched);

/* The key has changed. */
void rd_watched_changed(struct rd_shard *shard, uint64_t hash);
/* Every key is about to be removed: those that are there change. */
void rd_watched_cleared(struct rd_shard *shard);

#endif
