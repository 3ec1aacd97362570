/*
 * This file owns watched keys: who is to be told when a key of a shard changes. A shard that nobody watches has no
 * table, and its writes pay one test of a pointer. Everything is guarded by the shard's lock.
 */
#ifndef RD_WATCH_H
#define RD_WATCH_H

#include <stdatomic.h>

#include "shard.h"

#define RD_WATCH_CHAINS 64

/* One connection's interest in one key. */
struct rd_watch {
    struct rd_watch *next, **place;  /* in its chain */
    struct rd_watch *sibling;        /* the owner's next one; the owner's alone */
    struct rd_shard *shard;
    _Atomic bool *touched;           /* the owner's; set under the shard's lock, read by the owner */
    uint64_t hash;                   /* stands for the key: that another one has the same 64 keyed bits is no worry */
    size_t key_length;
    char key[];
};

struct rd_watchers {
    uint32_t count;
    struct rd_watch *chains[RD_WATCH_CHAINS]; /* by the low bits of the hash */
};

/* A watch, not yet in force; NULL when memory is out. Freed with free. */
struct rd_watch *rd_watch_new(struct rd_shard *shard, uint64_t hash, struct rd_slice key, _Atomic bool *touched);
/* With the shard's lock held. RD_ERR_NO_MEMORY: it is not in force. */
RD_MUST_USE enum rd_status rd_watch_begin(struct rd_watch *watch);
void rd_watch_end(struct rd_watch *watch);

static inline struct rd_slice rd_watch_key(const struct rd_watch *watch) {
    return (struct rd_slice){watch->key, watch->key_length};
}

/* Tells the watchers of all keys that are there: they are about to be removed at once. */
void rd_watchers_tell_present(struct rd_shard *shard);

#endif
