/* This file owns the life of a tracker, what it remembers, and its messages. */
#include "tracking.h"

#include <stdlib.h>

#include "conn.h"
#include "server.h"
#include "watch.h"
#include "worker.h"

static void free_tracker(struct rd_tracker *tracker) {
    for (uint32_t i = 0; i < tracker->prefix_count; i++) free((char *)tracker->prefixes[i].bytes);
    free(tracker->prefixes);
    rd_reply_free(&tracker->pending);
    free(tracker);
}

/* Adds the wanted prefixes to those that are there. With the trackers' lock held once the tracker is in the list. */
static enum rd_status add_prefixes(struct rd_tracker *tracker, const struct rd_tracker *wanted) {
    uint32_t count = tracker->prefix_count + wanted->prefix_count;
    if (count == 0) return RD_OK;
    struct rd_slice *prefixes = realloc(tracker->prefixes, count * sizeof *prefixes);
    if (!prefixes) return RD_ERR_NO_MEMORY;
    tracker->prefixes = prefixes;
    for (uint32_t i = 0; i < wanted->prefix_count; i++) {
        size_t length = wanted->prefixes[i].length;
        char *bytes = malloc(length + 1);
        if (!bytes) return RD_ERR_NO_MEMORY;
        memcpy(bytes, wanted->prefixes[i].bytes, length);
        prefixes[tracker->prefix_count++] = (struct rd_slice){bytes, length};
    }
    return RD_OK;
}

static void stop_broadcast(struct rd_store *store, uint32_t shards, bool locked) {
    for (uint32_t i = 0; i < shards; i++) {
        if (!locked) rd_shard_lock(&store->shards[i]);
        rd_watchers_end_broadcast(&store->shards[i]);
        if (!locked) rd_shard_unlock(&store->shards[i]);
    }
}

static enum rd_status start_broadcast(struct rd_store *store, struct rd_trackers *trackers, bool locked) {
    for (uint32_t i = 0; i < store->shard_count; i++) {
        if (!locked) rd_shard_lock(&store->shards[i]);
        enum rd_status status = rd_watchers_begin_broadcast(&store->shards[i], trackers);
        if (!locked) rd_shard_unlock(&store->shards[i]);
        if (status == RD_OK) continue;
        stop_broadcast(store, i, locked);
        return status;
    }
    return RD_OK;
}

static enum rd_status create(struct rd_conn *conn, const struct rd_tracker *wanted, bool locked) {
    struct rd_trackers *trackers = &conn->worker->server->trackers;
    struct rd_tracker *tracker = calloc(1, sizeof *tracker);
    if (!tracker) return RD_ERR_NO_MEMORY;
    tracker->conn = conn;
    tracker->worker = conn->worker;
    tracker->trackers = trackers;
    tracker->broadcasts = wanted->broadcasts;
    tracker->target = conn;
    tracker->teller = conn->worker;
    if (add_prefixes(tracker, wanted) != RD_OK ||
        (wanted->broadcasts && start_broadcast(conn->worker->store, trackers, locked) != RD_OK)) {
        free_tracker(tracker);
        return RD_ERR_NO_MEMORY;
    }
    rd_lock_acquire(&trackers->lock);
    tracker->next = trackers->first;
    trackers->first = tracker;
    rd_lock_release(&trackers->lock);
    atomic_fetch_add_explicit(&trackers->count, 1, memory_order_relaxed);
    conn->tracker = tracker;
    conn->tracking = true;
    conn->broadcasts = wanted->broadcasts;
    return RD_OK;
}

enum rd_status rd_tracking_begin(struct rd_conn *conn, const struct rd_tracker *wanted, bool locked) {
    enum rd_status status = RD_OK;
    if (!conn->tracker) {
        status = create(conn, wanted, locked);
    } else {
        rd_lock_acquire(&conn->tracker->trackers->lock);
        status = add_prefixes(conn->tracker, wanted);
        rd_lock_release(&conn->tracker->trackers->lock);
    }
    if (status != RD_OK) return status;
    conn->tracker->opt_in = wanted->opt_in;
    conn->tracker->opt_out = wanted->opt_out;
    conn->tracker->no_loop = wanted->no_loop;
    return RD_OK;
}

void rd_tracking_end(struct rd_conn *conn, bool locked) {
    struct rd_tracker *tracker = conn->tracker;
    if (!tracker) return;
    struct rd_trackers *trackers = tracker->trackers;
    struct rd_store *store = conn->worker->store;
    if (tracker->broadcasts) stop_broadcast(store, store->shard_count, locked);
    for (uint32_t i = 0; i < store->shard_count && atomic_load_explicit(&tracker->keys, memory_order_relaxed); i++) {
        if (!locked) rd_shard_lock(&store->shards[i]);
        if (store->shards[i].watchers) rd_watchers_drop(&store->shards[i], tracker);
        if (!locked) rd_shard_unlock(&store->shards[i]);
    }
    rd_lock_acquire(&trackers->lock);
    struct rd_tracker **at = &trackers->first;
    while (*at != tracker) at = &(*at)->next;
    *at = tracker->next;
    rd_lock_release(&trackers->lock);
    atomic_fetch_sub_explicit(&trackers->count, 1, memory_order_relaxed);
    free_tracker(tracker);
    conn->tracker = NULL;
    conn->tracking = conn->broadcasts = false;
}

static void wake_teller(struct rd_tracker *tracker) {
    if (!atomic_exchange(&tracker->teller->has_push, true)) rd_worker_wake(tracker->teller);
}

/* With the trackers' lock held. NULL: every key. */
static void add_message(struct rd_tracker *tracker, const struct rd_slice *key) {
    struct rd_reply *pending = &tracker->pending;
    wake_teller(tracker);
    if (tracker->forgets_all) return;
    if (!key || pending->failed || pending->length + key->length > RD_TRACKER_PENDING_MAX) {
        rd_reply_truncate(pending, 0, 0);
        tracker->forgets_all = true;
        return;
    }
    rd_reply_literal(pending, ">2\r\n$10\r\ninvalidate\r\n*1\r\n");
    rd_reply_slice(pending, *key);
}

struct redirecting {
    struct rd_tracker *tracker;
    uint64_t id;
};

/* With the connections lock of the target's worker held: it is there, and will be until rd_tracking_lose. */
static void aim(void *context, struct rd_conn *conn) {
    struct redirecting *redirecting = context;
    if (conn->id != redirecting->id || !conn->transport) return;
    struct rd_tracker *tracker = redirecting->tracker;
    rd_lock_acquire(&tracker->trackers->lock);
    tracker->target = conn;
    tracker->teller = conn->worker;
    rd_lock_release(&tracker->trackers->lock);
}

void rd_tracking_redirect(struct rd_conn *conn, uint64_t id) {
    struct rd_tracker *tracker = conn->tracker;
    struct rd_server *server = conn->worker->server;
    rd_lock_acquire(&tracker->trackers->lock);
    tracker->redirect = id;
    tracker->target = id ? NULL : conn;
    tracker->teller = conn->worker;
    rd_lock_release(&tracker->trackers->lock);
    if (id) {
        atomic_fetch_add_explicit(&tracker->trackers->redirects, 1, memory_order_relaxed);
        struct redirecting redirecting = {tracker, id};
        for (uint32_t i = 0; i < server->worker_count; i++) rd_worker_visit(&server->workers[i], aim, &redirecting);
    }
    rd_lock_acquire(&tracker->trackers->lock);
    wake_teller(tracker); /* what waits already is for the new one to tell */
    rd_lock_release(&tracker->trackers->lock);
}

void rd_tracking_lose(struct rd_conn *conn) {
    struct rd_trackers *trackers = &conn->worker->server->trackers;
    if (atomic_load_explicit(&trackers->redirects, memory_order_relaxed) == 0) return;
    rd_lock_acquire(&trackers->lock);
    for (struct rd_tracker *tracker = trackers->first; tracker; tracker = tracker->next) {
        if (tracker->target != conn) continue;
        tracker->target = NULL;
        tracker->teller = tracker->worker;
        wake_teller(tracker);
    }
    rd_lock_release(&trackers->lock);
}

int64_t rd_tracking_redirection(const struct rd_conn *conn, bool *broken) {
    struct rd_trackers *trackers = &conn->worker->server->trackers;
    int64_t redirection = -1;
    *broken = false;
    if (!atomic_load_explicit(&conn->tracking, memory_order_relaxed)) return -1;
    rd_lock_acquire(&trackers->lock);
    for (const struct rd_tracker *tracker = trackers->first; tracker; tracker = tracker->next) {
        if (tracker->conn != conn) continue;
        redirection = (int64_t)tracker->redirect;
        *broken = !tracker->target;
    }
    rd_lock_release(&trackers->lock);
    return redirection;
}

static bool is_muted(const struct rd_tracker *tracker, uint64_t hash) {
    for (uint32_t i = 0; i < tracker->muted_count; i++) {
        if (tracker->muted[i] == hash) return true;
    }
    return false;
}

void rd_tracker_tell(struct rd_tracker *tracker, uint64_t hash, struct rd_slice key) {
    rd_lock_acquire(&tracker->trackers->lock);
    if (!is_muted(tracker, hash)) add_message(tracker, &key);
    rd_lock_release(&tracker->trackers->lock);
}

static bool has_prefix(const struct rd_tracker *tracker, struct rd_slice key) {
    for (uint32_t i = 0; i < tracker->prefix_count; i++) {
        struct rd_slice prefix = tracker->prefixes[i];
        if (key.length >= prefix.length && memcmp(key.bytes, prefix.bytes, prefix.length) == 0) return true;
    }
    return false;
}

void rd_trackers_broadcast(struct rd_trackers *trackers, uint64_t hash, struct rd_slice key) {
    rd_lock_acquire(&trackers->lock);
    for (struct rd_tracker *tracker = trackers->first; tracker; tracker = tracker->next) {
        if (tracker->broadcasts && has_prefix(tracker, key) && !is_muted(tracker, hash)) add_message(tracker, &key);
    }
    rd_lock_release(&trackers->lock);
}

void rd_trackers_flush(struct rd_trackers *trackers) {
    if (atomic_load_explicit(&trackers->count, memory_order_relaxed) == 0) return;
    rd_lock_acquire(&trackers->lock);
    for (struct rd_tracker *tracker = trackers->first; tracker; tracker = tracker->next) add_message(tracker, NULL);
    rd_lock_release(&trackers->lock);
}

uint64_t rd_trackers_keys(struct rd_trackers *trackers, uint64_t *prefixes) {
    uint64_t keys = 0;
    *prefixes = 0;
    rd_lock_acquire(&trackers->lock);
    for (const struct rd_tracker *tracker = trackers->first; tracker; tracker = tracker->next) {
        keys += atomic_load_explicit(&tracker->keys, memory_order_relaxed);
        *prefixes += tracker->prefix_count;
    }
    rd_lock_release(&trackers->lock);
    return keys;
}

/* The shard's share of what may be tracked. */
static bool is_full(const struct rd_shard *shard) {
    uint32_t share = RD_TRACKED_MAX / shard->store->shard_count;
    return shard->watchers && shard->watchers->tracked > share;
}

static void remember(struct rd_tracker *tracker, struct rd_shard *shard, uint64_t hash, struct rd_slice key) {
    if (rd_watchers_track(shard, tracker, hash)) return;
    struct rd_watch *watch = key.length <= RD_TRACKED_KEY_MAX ? rd_watch_new(shard, hash, key) : NULL;
    if (watch) watch->tracker = tracker;
    if (!watch || rd_watch_begin(watch) != RD_OK) {
        free(watch);
        rd_tracker_tell(tracker, hash, key); /* it comes after the reply */
        return;
    }
    atomic_fetch_add_explicit(&tracker->keys, 1, memory_order_relaxed);
    if (is_full(shard)) rd_watchers_evict(shard, hash);
}

void rd_tracking_enter(const struct rd_call *call, struct rd_key_range keys, const uint64_t *hashes) {
    struct rd_tracker *tracker = call->tracker;
    if (call->command->flags & RD_CMD_READONLY) {
        bool wanted = tracker->opt_in ? tracker->caching : !tracker->caching;
        if (tracker->broadcasts || !wanted) return;
        for (uint32_t i = 0; i < keys.count; i++) {
            remember(tracker, rd_store_shard(call->store, hashes[i]), hashes[i], call->argv[keys.first + i * keys.step]);
        }
    } else if (tracker->no_loop) {
        rd_lock_acquire(&tracker->trackers->lock);
        tracker->muted = hashes;
        tracker->muted_count = keys.count;
        rd_lock_release(&tracker->trackers->lock);
    }
}

void rd_tracking_leave(struct rd_tracker *tracker) {
    if (!tracker->no_loop) return;
    rd_lock_acquire(&tracker->trackers->lock);
    tracker->muted_count = 0;
    rd_lock_release(&tracker->trackers->lock);
}

/* With the trackers' lock held, before the messages are sent. */
static void write_forgets_all(struct rd_tracker *tracker) {
    if (!tracker->forgets_all) return;
    rd_reply_literal(&tracker->pending, ">2\r\n$10\r\ninvalidate\r\n_\r\n");
    tracker->forgets_all = false;
}

/* Instead of what waited: who would have been told is gone. */
static void write_broken(struct rd_tracker *tracker) {
    rd_reply_truncate(&tracker->pending, 0, 0);
    rd_reply_literal(&tracker->pending, ">2\r\n$21\r\ntracking-redir-broken\r\n");
    rd_reply_integer(&tracker->pending, (int64_t)tracker->redirect);
    tracker->forgets_all = false;
}

void rd_tracking_append(struct rd_tracker *tracker, struct rd_reply *reply) {
    struct rd_reply *pending = &tracker->pending;
    rd_lock_acquire(&tracker->trackers->lock);
    if (tracker->target == tracker->conn) {
        write_forgets_all(tracker);
        if (!pending->failed) {
            rd_reply_raw(reply, pending->bytes, pending->length);
            rd_reply_free(pending);
        }
    }
    rd_lock_release(&tracker->trackers->lock);
}

/* Takes what waits for one whom the worker tells; NULL when nothing waits. */
static struct rd_conn *take(struct rd_worker *worker, struct rd_reply *messages) {
    struct rd_trackers *trackers = &worker->server->trackers;
    struct rd_conn *conn = NULL;
    rd_lock_acquire(&trackers->lock);
    for (struct rd_tracker *tracker = trackers->first; tracker && !conn; tracker = tracker->next) {
        if (tracker->teller != worker || (tracker->pending.length == 0 && !tracker->forgets_all)) continue;
        conn = tracker->target ? tracker->target : tracker->conn;
        if (tracker->target) write_forgets_all(tracker);
        else write_broken(tracker);
        *messages = tracker->pending;
        tracker->pending = (struct rd_reply){0};
    }
    rd_lock_release(&trackers->lock);
    return conn;
}

void rd_tracking_deliver(struct rd_worker *worker) {
    if (!atomic_exchange(&worker->has_push, false)) return;
    struct rd_reply messages = {0};
    for (struct rd_conn *conn; (conn = take(worker, &messages)) != NULL;) {
        /* RESP2 has no messages; what it would read after SUBSCRIBE, over REDIRECT, needs pub/sub. */
        if (conn->protocol == 3) {
            if (messages.failed || !rd_conn_send_apart(conn, &messages)) rd_conn_finish(conn, true);
        }
        rd_reply_free(&messages);
        if (conn->dead) rd_conn_finish(conn, true);
    }
}
