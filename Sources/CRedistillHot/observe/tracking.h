/*
 * This file owns client-side caching: the connections that have asked to be told when a key that they may keep a copy
 * of changes, and the messages on their way to them. Which keys those are is reader.h, how a change comes to them told.h;
 * their own worker writes the messages, and the target's sends them. One who does not keep up is told to forget
 * everything.
 * Source: https://redis.io/docs/latest/develop/reference/client-side-caching/
 */
#ifndef RD_TRACKING_H
#define RD_TRACKING_H

#include "call/command.h"
#include "base/lock.h"
#include "observe/reader.h"

/* A longer key is not tracked: its reader is told at once to forget it. */
#define RD_TRACKED_KEY_MAX 1024u
/* Messages that wait for the tracker's worker. */
#define RD_TRACKER_PENDING_MAX (1u << 20)

struct rd_tracker {
    /* The worker's alone. */
    struct rd_conn *conn;        /* NULL: it has ended, and its readers go one by one (told.h) */
    struct rd_observer *observer; /* its connection's */
    struct rd_trackers *trackers;
    uint64_t redirect;           /* the connection that is told instead; 0: this one. Changed under the trackers' lock */
    bool broadcasts, opt_in, opt_out, no_loop;
    bool caching;                /* CLIENT CACHING: in force for the next command or transaction */
    _Atomic uint64_t keys;       /* tracked; others read it */
    struct rd_readers readers;   /* of those keys */
    struct rd_slice *prefixes;   /* sorted; none but an empty one begins others; owned, with their bytes */
    uint32_t prefix_count;
    _Atomic uint32_t prefixes_told; /* as many, for other threads: INFO counts them all */
    uint64_t prefix_bytes;       /* that these take */
    const uint64_t *muted;       /* keys that its own connection is writing: with NOLOOP it is not told of them */
    uint32_t muted_count;
    struct rd_tracker *next_broadcasting, **place_broadcasting;
    /* Guarded by the trackers' lock. */
    struct rd_tracker *next, **place;
    struct rd_reply pending;     /* messages */
    bool forgets_all;            /* one message stands for all that were pending */
    struct rd_conn *target;      /* who is told; NULL: the connection of `redirect` is gone, and this one is told so */
    struct rd_observer *teller;  /* the target's, or, without a target, the connection's */
    _Atomic bool waits;          /* it is among those that the teller is to tell; others read it without the lock */
    struct rd_tracker *next_to_tell, **place_to_tell;
};

struct rd_trackers {
    struct rd_shared *shared;    /* whose threads have trackers; immutable; borrowed */
    _Atomic uint32_t count;
    struct rd_lock lock;         /* guards the list and what is marked above; a leaf */
    struct rd_tracker *first;
    _Atomic uint32_t redirects;  /* trackers that have redirected at any time */
};

/* On the connection's worker. *wanted has the options; its prefixes are copied. locked: EXEC holds every shard. */
RD_MUST_USE enum rd_status rd_tracking_begin(struct rd_conn *conn, const struct rd_tracker *wanted, bool locked);
void rd_tracking_end(struct rd_conn *conn, bool locked);

/* On the connection's worker, which tracks: another one, or with 0 its own, is told from now on. */
void rd_tracking_redirect(struct rd_conn *conn, uint64_t id);
/* On its worker, when nobody can find the connection any more: who redirected to it is told of that. */
void rd_tracking_lose(struct rd_conn *conn);
/* With the connections lock, or on its worker: whom the connection redirects to, -1 when it does not track. *broken: that one is gone. */
int64_t rd_tracking_redirection(const struct rd_conn *conn, bool *broken);

/*
 * Around a handler of a tracking connection's call, with the locks of its keys' shards held: a read is remembered, a
 * write is muted with NOLOOP. Key i is argv[rd_key_place(&keys, i)], its hash hashes[i].
 */
void rd_tracking_enter(const struct rd_call *call, struct rd_key_range keys, const uint64_t *hashes);
void rd_tracking_leave(const struct rd_call *call);

/* On its worker: a message of the key, or one for all keys. */
void rd_tracker_tell(struct rd_tracker *tracker, struct rd_slice key);
void rd_tracker_forget_all(struct rd_tracker *tracker);
bool rd_tracker_has_prefix(const struct rd_tracker *tracker, struct rd_slice key);
/* One of its prefixes that begins with this one, or this one with it; NULL when there is none. */
const struct rd_slice *rd_tracker_overlap(const struct rd_tracker *tracker, struct rd_slice prefix);

/* Does one of them begin with the other? And their order, for qsort. */
bool rd_prefixes_overlap(struct rd_slice a, struct rd_slice b);
int rd_prefix_compare(const void *a, const void *b);

void rd_tracker_free(struct rd_tracker *tracker);

/* Any worker: everything was flushed. */
void rd_trackers_flush(struct rd_trackers *trackers);

/* Keys tracked, over all trackers. Any thread. */
uint64_t rd_trackers_keys(struct rd_trackers *trackers, uint64_t *prefixes);

/* Is there something that rd_tracking_append would do? On its worker's thread, after a command. */
bool rd_tracking_has_news(const struct rd_tracker *tracker);
/*
 * Puts what waits for a connection behind the reply to its own command: who has read that reply finds no stale copy.
 * On its worker's thread.
 */
void rd_tracking_append(struct rd_tracker *tracker, struct rd_reply *reply);
/* Gives up keys beyond the limit, which was lowered, a few at a time. On a worker, which sees to its share of the shards. */
void rd_tracking_fit(struct rd_observer *observer);
/* Sends some of what waits for this worker's trackers; on the worker's thread, outside any group. */
void rd_tracking_deliver(struct rd_observer *observer);

#endif
