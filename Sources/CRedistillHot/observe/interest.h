/*
 * This file owns interest in keys that clients may keep a copy of: a list of the readers that one worker serves, for each
 * key. When the key changes, the list is handed to that worker as a whole and is then forgotten (told.h). So a change
 * costs the same however many are interested. Everything is guarded by the shard's lock, but what says otherwise.
 */
#ifndef RD_INTEREST_H
#define RD_INTEREST_H

#include "observe/followers.h"

struct rd_reader;
struct rd_tracker;
struct rd_trackers;
struct rd_observer;

/* In one key, of all who track it on one worker. */
struct rd_interest {
    union {
        struct rd_link link;           /* in its shard's table; its hash stays */
        struct rd_interest *next;      /* once told: the worker's next one */
    };
    struct rd_observer *observer;
    union {
        struct rd_reader *readers;     /* linked by reader.h; once told, the worker's alone */
        struct rd_tracker *spared;     /* broadcast: one that knows already; the worker's alone, only compared */
    };
    uint32_t count;                    /* of readers */
    uint32_t key_length;
    bool told;                         /* out of the table, on its way to the worker */
    bool silent;                       /* everything was flushed, of which there is another message */
    bool broadcast;                    /* never in a table: a change of which the worker tells who broadcasts */
    char key[];
};

static inline struct rd_slice rd_interest_key(const struct rd_interest *interest) {
    return (struct rd_slice){interest->key, interest->key_length};
}

/* What it takes of the heap. */
static inline uint64_t rd_interest_bytes(const struct rd_interest *interest) {
    return sizeof *interest + interest->key_length;
}

/* One that is in no table. NULL when memory is out; freed with free. */
struct rd_interest *rd_interest_new(struct rd_observer *observer, uint64_t hash, struct rd_slice key);

/* All that follows: with the shard's lock held. */

/* The interest in the key for this worker's trackers, made when there is none. NULL: no memory. */
struct rd_interest *rd_interest_in(struct rd_shard *shard, struct rd_observer *observer, uint64_t hash, struct rd_slice key);
/* One that nobody counts for any more leaves its table, and is freed. */
void rd_interest_end(struct rd_shard *shard, struct rd_interest *interest);
/* Readers joined or left an interest that is in the shard's table. */
void rd_interest_count(struct rd_shard *shard, struct rd_interest *interest, int readers);

/* The key has changed: its readers are told. */
void rd_interests_changed(struct rd_shard *shard, uint64_t hash);
/* Every key is about to be removed: all interest is dropped. */
void rd_interests_cleared(struct rd_shard *shard);
/* Tells the readers of some key other than this one, and drops it. */
void rd_interests_evict(struct rd_shard *shard, uint64_t spared);

/* Each broadcasting tracker of a server is counted in every shard. */
void rd_interests_begin_broadcast(struct rd_shard *shard, struct rd_trackers *trackers);
void rd_interests_end_broadcast(struct rd_shard *shard);

#endif
