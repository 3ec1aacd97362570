/*
 * This file owns interest in keys: who is to be told when a key of a shard changes. WATCH's interest counts changes,
 * for EXEC to compare; client-side caching's is a list of the readers that one worker serves, which is handed to that
 * worker as a whole and is then forgotten (told.h). So a change costs the same however many are interested. A shard in
 * which nobody is interested has no table, and its writes pay one test of a pointer. Everything is guarded by the
 * shard's lock, but what says otherwise.
 */
#ifndef RD_WATCH_H
#define RD_WATCH_H

#include <stdatomic.h>

#include "store/shard.h"

struct rd_reader;
struct rd_tracker;
struct rd_trackers;
struct rd_observer;

/* In one key: of all who WATCH it, or of all who track it on one worker. */
struct rd_interest {
    struct rd_interest *next, **place; /* in its chain; once told, next is the worker's next one */
    struct rd_observer *observer;        /* of those who track; NULL: of those who watch */
    uint64_t hash;                     /* stands for the key: that another one has the same 64 keyed bits is no worry */
    union {
        uint64_t changes;              /* WATCH: since the first watch */
        struct rd_reader *readers;     /* tracking: linked by reader.h; once told, the worker's alone */
        struct rd_tracker *spared;     /* broadcast: one that knows already; the worker's alone, only compared */
    };
    uint32_t count;                    /* watches, or readers */
    uint32_t key_length;
    bool told;                         /* out of the table, on its way to the worker */
    bool silent;                       /* everything was flushed, of which there is another message */
    bool broadcast;                    /* never in a table: a change of which the worker tells who broadcasts */
    char key[];
};

struct rd_watchers {
    uint32_t count;                  /* of interests */
    uint32_t tracked;                /* readers of these */
    uint32_t broadcasts;             /* trackers that are told of every key with their prefixes */
    struct rd_trackers *trackers;    /* where those are; NULL when nobody ever was */
    uint32_t chain_count;            /* a power of two, grown with count */
    struct rd_interest **chains;     /* by the low bits of the hash */
};

static inline struct rd_slice rd_interest_key(const struct rd_interest *interest) {
    return (struct rd_slice){interest->key, interest->key_length};
}

/* What it takes of the heap. One of WATCH's stands with the transactions that watch. */
static inline uint64_t rd_interest_bytes(const struct rd_interest *interest) {
    return interest->observer ? sizeof *interest + interest->key_length : 0;
}

/* One that is in no table. NULL when memory is out; freed with free. */
struct rd_interest *rd_interest_new(struct rd_observer *observer, uint64_t hash, struct rd_slice key);

/* All that follows: with the shard's lock held. */

/* The interest in the key for this worker's trackers, or with NULL for WATCH; made when there is none. NULL: no memory. */
struct rd_interest *rd_interest_in(struct rd_shard *shard, struct rd_observer *observer, uint64_t hash, struct rd_slice key);
/* One that nobody counts for any more leaves its table, and is freed. */
void rd_interest_end(struct rd_shard *shard, struct rd_interest *interest);
/* Readers joined or left an interest that is in the shard's table. */
void rd_interest_count(struct rd_shard *shard, struct rd_interest *interest, int readers);

/* Everything is about to be removed at once: tells who watches a key that is there, and drops every tracked key. */
void rd_watchers_clear(struct rd_shard *shard);
/* Tells and drops some tracked key other than this one. */
void rd_watchers_evict(struct rd_shard *shard, uint64_t spared);

/* Each broadcasting tracker of a server is counted in every shard. */
RD_MUST_USE enum rd_status rd_watchers_begin_broadcast(struct rd_shard *shard, struct rd_trackers *trackers);
void rd_watchers_end_broadcast(struct rd_shard *shard);

#endif
