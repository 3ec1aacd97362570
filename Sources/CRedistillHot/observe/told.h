/*
 * This file owns what client-side caching has been told and not passed on yet. Whoever changes a key that somebody
 * tracks hands the key's interest, with all its readers, to the worker that serves them, with the shard's lock held: one
 * step for each worker, however many readers there are. The worker writes their messages later, without that lock, some
 * at a time between two turns of its loop.
 */
#ifndef RD_TOLD_H
#define RD_TOLD_H

#include "base/counter.h"
#include "observe/interest.h"

/* Bytes of broadcast changes that wait for one worker; beyond, its broadcasting trackers are told to forget everything. */
#define RD_TOLD_BROADCASTS_MAX (1u << 20)

/* A thread's part of it. */
struct rd_telling {
    /* Any worker. */
    _Atomic(struct rd_interest *) told;  /* the newest first; pushed with the shard's lock held */
    _Atomic uint32_t broadcasters;       /* trackers of this worker that broadcast */
    _Atomic uint64_t broadcast_bytes;    /* of the broadcast changes that wait */
    _Atomic uint64_t told_bytes;         /* of all changes that wait */
    rd_counter reader_bytes;             /* of its trackers' readers and their tables; the worker writes */
    _Atomic bool lost;                   /* some were more than may wait */
    /* Guarded by the trackers' lock. */
    struct rd_tracker *to_tell;          /* those with messages that this worker sends */
    /* The worker's alone. */
    bool busy;                           /* something is left for the next turn */
    struct rd_interest *first, *last;    /* taken from `told`, the oldest first */
    bool first_begun;                    /* the first is a broadcast change, of which `next` is to be told next */
    struct rd_tracker *next;
    struct rd_tracker *broadcasting;     /* its trackers that broadcast */
    struct rd_tracker *ending;           /* trackers without a connection, whose readers are still to be removed */
    uint32_t ending_at;                  /* where the search for the first one's readers goes on */
};

/* Any thread: this one looks at what has come, soon. */
void rd_told_wake(struct rd_observer *observer);

/* Any thread, with the lock of the shard held, which the interest has left. */
void rd_told_push(struct rd_interest *interest);
/* Any worker, with the lock of the key's shard held: a change for who broadcasts. */
void rd_told_broadcast(struct rd_trackers *trackers, uint64_t hash, struct rd_slice key);

/* All that follows: on the worker's thread. */

/* Takes what has come since; of it, this tracker's part is told at once (NULL: nobody's). */
void rd_told_collect(struct rd_observer *observer, struct rd_tracker *own);
/* The same, but what is a change of these keys is kept from the tracker, whose own it is: NOLOOP. */
void rd_told_mute(struct rd_observer *observer, struct rd_tracker *own, const uint64_t *hashes, uint32_t count);
/* Writes so many messages of what was taken, or comes to the end of it (false). */
bool rd_told_drain(struct rd_observer *observer, uint32_t most);

/* A tracker that broadcasts begins, or ends. */
void rd_told_add_broadcaster(struct rd_observer *observer, struct rd_tracker *tracker);
void rd_told_remove_broadcaster(struct rd_observer *observer, struct rd_tracker *tracker);

/* The tracker has lost its connection, and is in no list: it is freed when its readers are. */
void rd_told_end(struct rd_observer *observer, struct rd_tracker *tracker);
/* Removes so many readers of such trackers, or comes to the end of them (false). */
bool rd_told_end_some(struct rd_observer *observer, uint32_t most);

/* Frees all that waits; no thread runs any more. */
void rd_told_destroy(struct rd_observer *observer);

#endif
