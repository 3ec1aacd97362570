/*
 * This file owns the search for hot keys, as HOTKEYS of Redis 8.6 does it: which keys take the most time, and which the
 * most bytes of requests and replies. Each worker counts in summaries of its own; whoever asks adds them up.
 *
 * A search must not be felt. A batch is either not looked at, or each of its commands is timed and counted; a worker
 * looks at one in so many batches that it counts no more than RD_HOT_KEYS_A_MS keys in a millisecond on average, and
 * lets what it sees stand for what it does not. With fewer commands it sees them all. Without a search a batch costs
 * one load.
 */
#ifndef RD_HOT_KEYS_H
#define RD_HOT_KEYS_H

#include <stdatomic.h>

#include "base/lock.h"
#include "observe/large.h"
#include "observe/space_saving.h"
#include "observe/thinning.h"
#include "redistill_hot_keys.h"

struct rd_loop;
struct rd_observer;

/* A key takes some 0.1 us to count and its command as much to time, and both take room in the processor's caches. */
#define RD_HOT_KEYS_A_MS 10
/* As many keys can be asked for, and ten times as many counters are kept, as in Redis; or so many, if that is more. */
#define RD_HOT_KEYS_MOST 64u
#define RD_HOT_COUNTERS_LEAST 256u

/* What a search is to do. */
struct rd_hot_terms {
    bool metrics[RD_HOT_METRICS]; /* which are looked at */
    uint32_t count;               /* keys that are told of each, 1..RD_HOT_KEYS_MOST */
    uint32_t sample;              /* one command in so many, 1..INT32_MAX */
    int64_t duration_ms;          /* it ends by itself; 0: it does not */
};

/* The server's. */
struct rd_hot_keys {
    /* Any thread. */
    _Atomic bool active;          /* a worker looks once per batch */
    _Atomic uint32_t session;     /* counts the searches */
    _Atomic uint32_t sample;      /* of this one */
    _Atomic int64_t ends_ms;      /* monotonic; INT64_MAX: when it is told to */
    /* Guards what follows; taken before the samplers' locks. */
    struct rd_lock lock;
    bool exists;                  /* there is something to tell */
    struct rd_hot_terms terms;
    int64_t started_unix_ms;
    int64_t started_ms;           /* monotonic */
    int64_t stopped_ms;           /* the same; once it is not active */
    int64_t user_us, system_us;   /* the process's processor time when it started */
};

/* A worker's. */
struct rd_hot_sampler {
    /* The worker's alone. */
    uint32_t session;             /* that what follows is of */
    struct rd_thinning thinning;  /* items: keys */
    /* Guards what follows. The worker does not wait for it: while results are read, what comes is not counted. */
    struct rd_lock lock;
    struct rd_space_saving summaries[RD_HOT_METRICS]; /* empty: not looked at */
    uint64_t totals[RD_HOT_METRICS]; /* of all commands with keys, and not of the sample alone */
    uint64_t seen_bytes;             /* of the sample */
};

/* On the worker's thread, at the beginning of a batch: is it looked at? */
bool rd_hot_keys_sample(struct rd_observer *observer);
/* On the worker's thread, in such a batch: a command took so long; its reply is what is behind the mark. */
void rd_hot_keys_add(struct rd_observer *observer, const struct rd_call *call, struct rd_reply_mark mark, int64_t ns);

/* Any thread, for all that follows. */

bool rd_hot_keys_is_active(struct rd_loop *loop);
/* RD_ERR_STATE: there is one under way. The results of the one before are dropped. */
RD_MUST_USE enum rd_status rd_hot_keys_start(struct rd_loop *loop, const struct rd_hot_terms *terms);
/* False: none is under way. */
bool rd_hot_keys_stop(struct rd_loop *loop);
/* Drops the results; RD_ERR_STATE while it goes on. */
RD_MUST_USE enum rd_status rd_hot_keys_reset(struct rd_loop *loop);

struct rd_hot_key {
    uint64_t weight; /* at least; ns or bytes */
    uint64_t length; /* of the key, of which no more than RD_HEAVY_KEY_BYTES are there */
    uint32_t kept;
    char bytes[RD_HEAVY_KEY_BYTES];
};

/* What is known. */
struct rd_hot_report {
    bool active;
    struct rd_hot_terms terms;
    int64_t started_unix_ms, duration_ms;
    int64_t user_ms, system_ms;      /* processor time of the process since then */
    uint64_t totals[RD_HOT_METRICS];
    uint64_t seen_bytes;
    uint32_t counts[RD_HOT_METRICS];
    struct rd_hot_key keys[RD_HOT_METRICS][RD_HOT_KEYS_MOST]; /* the heaviest first */
};

/* RD_ERR_STATE: there is nothing to tell. *report is freed by the caller. */
RD_MUST_USE enum rd_status rd_hot_keys_report(struct rd_loop *loop, struct rd_hot_report **report);

/* No thread runs any more. */
void rd_hot_sampler_free(struct rd_hot_sampler *sampler);

/* False, at the cost of a load, while nobody searches. */
static inline bool rd_hot_keys_takes(const struct rd_hot_keys *hot, struct rd_observer *observer) {
    bool is_active = atomic_load_explicit(&hot->active, memory_order_relaxed);
    return __builtin_expect(is_active, 0) && rd_hot_keys_sample(observer);
}

#endif
