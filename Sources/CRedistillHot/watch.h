/*
 * This file owns interest in keys: who is to be told when a key of a shard changes. A watch is WATCH's, told by a flag;
 * a tracked key is client-side caching's, told once by a message and then forgotten. A shard in which nobody is
 * interested has no table, and its writes pay one test of a pointer. Everything is guarded by the shard's lock.
 */
#ifndef RD_WATCH_H
#define RD_WATCH_H

#include <stdatomic.h>

#include "shard.h"

struct rd_tracker;
struct rd_trackers;

/* One connection's interest in one key. Exactly one of touched and tracker is set. */
struct rd_watch {
    struct rd_watch *next, **place;  /* in its chain */
    struct rd_watch *sibling;        /* WATCH: the owner's next one; the owner's alone */
    struct rd_shard *shard;
    _Atomic bool *touched;           /* the owner's; set under the shard's lock, read by the owner */
    struct rd_tracker *tracker;      /* outlives the watch */
    uint64_t hash;                   /* stands for the key: that another one has the same 64 keyed bits is no worry */
    size_t key_length;
    char key[];
};

struct rd_watchers {
    uint32_t count, tracked;         /* of all watches, and of those with a tracker */
    uint32_t broadcasts;             /* trackers that are told of every key with their prefixes */
    struct rd_trackers *trackers;    /* where those are; NULL when nobody ever was */
    uint32_t chain_count;            /* a power of two, grown with count */
    struct rd_watch **chains;        /* by the low bits of the hash */
};

/* A watch, not yet in force; NULL when memory is out. Freed with free. */
struct rd_watch *rd_watch_new(struct rd_shard *shard, uint64_t hash, struct rd_slice key);

/* All that follows: with the shard's lock held. */

/* RD_ERR_NO_MEMORY: it is not in force. */
RD_MUST_USE enum rd_status rd_watch_begin(struct rd_watch *watch);
void rd_watch_end(struct rd_watch *watch);

static inline struct rd_slice rd_watch_key(const struct rd_watch *watch) {
    return (struct rd_slice){watch->key, watch->key_length};
}

/* Does the tracker have this key already? */
bool rd_watchers_track(const struct rd_shard *shard, const struct rd_tracker *tracker, uint64_t hash);

/* Everything is about to be removed at once: tells who watches a key that is there, and drops every tracked key. */
void rd_watchers_clear(struct rd_shard *shard);
/* Drops what the tracker has in this shard. */
void rd_watchers_drop(struct rd_shard *shard, const struct rd_tracker *tracker);
/* Tells and drops some tracked key other than this one. */
void rd_watchers_evict(struct rd_shard *shard, uint64_t spared);

/* The first and the last broadcasting tracker of a server switch it on and off in every shard. */
RD_MUST_USE enum rd_status rd_watchers_begin_broadcast(struct rd_shard *shard, struct rd_trackers *trackers);
void rd_watchers_end_broadcast(struct rd_shard *shard);

#endif
