/*
 * This file owns the snapshots of a server: that there is one at most at a time, its thread, and what is told of them. Who
 * has none has no such struct (rd_shared.snapshots), and none of this.
 */
#ifndef RD_SNAPSHOTS_H
#define RD_SNAPSHOTS_H

#include <pthread.h>

#include "base/crash.h"
#include "base/lock.h"
#include "connection/loop.h"
#include "redistill_snapshot.h"
#include "snapshot/load.h"
#include "snapshot/write.h"
#include "store/keep.h"

struct rd_snapshots {
    /* Immutable. */
    char *path;                 /* owned */
    struct rd_store *store;     /* borrowed, as what follows */
    struct rd_shared *shared;   /* whose `loading` and `saving` say what is under way */
    struct rd_crash *crash;     /* NULL: none is reported */
    /* Guarded by the lock, which is held while the thread is made. */
    struct rd_lock lock;
    pthread_t thread;
    bool has_thread;            /* it is to be joined */
    bool has_begun_load;
    const struct rd_keep *keep; /* borrowed; set before the loading begins */
    /* Any thread. */
    _Atomic bool cancelled;
    _Atomic uint64_t keys_now;  /* of what is under way */
    _Atomic int64_t began_ms;   /* monotonic */
    _Atomic int64_t saved_s;    /* Unix time of the last one that went well; before, of the start */
    _Atomic int64_t took_ms;    /* of the last one; -1: there was none */
    _Atomic uint64_t saves, failures, keys_saved, bytes_saved;
    _Atomic uint64_t loaded, load_expired, load_left_out;
};

/* RD_ERR_NO_MEMORY. */
RD_MUST_USE enum rd_status rd_snapshots_init(struct rd_snapshots *snapshots, const char *path, struct rd_store *store,
                                             struct rd_shared *shared, struct rd_crash *crash);
/* Ends what is under way. */
void rd_snapshots_destroy(struct rd_snapshots *snapshots);

/* Begins a snapshot. RD_ERR_STATE: one is under way, or the loading; RD_ERR_THREAD. */
RD_MUST_USE enum rd_status rd_snapshots_begin(struct rd_snapshots *snapshots);
/*
 * Begins the loading, once, before anybody is served: rd_shared.loading is true until it is over. Then the store is guarded
 * (rd_store_guard), as `keep` says, which is borrowed until rd_snapshots_destroy.
 */
RD_MUST_USE enum rd_status rd_snapshots_load(struct rd_snapshots *snapshots, const struct rd_keep *keep);
/* Ends what is under way, and waits until it has. */
void rd_snapshots_cancel(struct rd_snapshots *snapshots);

void rd_snapshots_facts(const struct rd_snapshots *snapshots, struct rd_snapshot_facts *facts);

#endif
