/* This file owns the life of a tracker, what it remembers, and its messages. */
#include "observe/tracking.h"

#include <stdlib.h>

#include "base/clock.h"
#include "connection/conn.h"
#include "observe/observer.h"
#include "observe/told.h"

/* One turn's worth of each kind of work on messages; other connections wait for it. */
#define TELL_SLICE_US 250
#define TELL_STEP 64
/* Messages written behind a reply, so that mostly what others have changed before comes before what follows. */
#define TELL_BEHIND_REPLY 1024

void rd_tracker_free(struct rd_tracker *tracker) {
    rd_readers_free(tracker);
    for (uint32_t i = 0; i < tracker->prefix_count; i++) free((char *)tracker->prefixes[i].bytes);
    free(tracker->prefixes);
    rd_reply_free(&tracker->pending);
    free(tracker);
}

/* Adds the wanted prefixes to those that are there. */
static enum rd_status add_prefixes(struct rd_tracker *tracker, const struct rd_tracker *wanted) {
    uint32_t count = tracker->prefix_count + wanted->prefix_count;
    if (count == 0) return RD_OK;
    struct rd_slice *prefixes = realloc(tracker->prefixes, count * sizeof *prefixes);
    if (!prefixes) return RD_ERR_NO_MEMORY;
    tracker->prefixes = prefixes;
    enum rd_status status = RD_OK;
    for (uint32_t i = 0; i < wanted->prefix_count && status == RD_OK; i++) {
        size_t length = wanted->prefixes[i].length;
        char *bytes = malloc(length + 1);
        status = bytes ? RD_OK : RD_ERR_NO_MEMORY;
        if (!bytes) continue;
        memcpy(bytes, wanted->prefixes[i].bytes, length);
        prefixes[tracker->prefix_count++] = (struct rd_slice){bytes, length};
        tracker->prefix_bytes += sizeof *prefixes + length + 1;
    }
    qsort(prefixes, tracker->prefix_count, sizeof *prefixes, rd_prefix_compare);
    atomic_store_explicit(&tracker->prefixes_told, tracker->prefix_count, memory_order_relaxed);
    return status;
}

static void stop_broadcast(struct rd_store *store, bool locked) {
    for (uint32_t i = 0; i < store->shard_count; i++) {
        if (!locked) rd_shard_lock(&store->shards[i]);
        rd_interests_end_broadcast(&store->shards[i]);
        if (!locked) rd_shard_unlock(&store->shards[i]);
    }
}

static void start_broadcast(struct rd_store *store, struct rd_trackers *trackers, bool locked) {
    for (uint32_t i = 0; i < store->shard_count; i++) {
        if (!locked) rd_shard_lock(&store->shards[i]);
        rd_interests_begin_broadcast(&store->shards[i], trackers);
        if (!locked) rd_shard_unlock(&store->shards[i]);
    }
}

static enum rd_status create(struct rd_conn *conn, const struct rd_tracker *wanted, bool locked) {
    struct rd_trackers *trackers = &conn->loop->observer->all->trackers;
    struct rd_tracker *tracker = calloc(1, sizeof *tracker);
    if (!tracker) return RD_ERR_NO_MEMORY;
    tracker->conn = conn;
    tracker->observer = conn->loop->observer;
    tracker->trackers = trackers;
    tracker->broadcasts = wanted->broadcasts;
    tracker->target = conn;
    tracker->teller = conn->loop->observer;
    if (add_prefixes(tracker, wanted) != RD_OK) {
        rd_tracker_free(tracker);
        return RD_ERR_NO_MEMORY;
    }
    if (wanted->broadcasts) start_broadcast(conn->loop->store, trackers, locked);
    rd_lock_acquire(&trackers->lock);
    tracker->next = trackers->first;
    tracker->place = &trackers->first;
    if (tracker->next) tracker->next->place = &tracker->next;
    trackers->first = tracker;
    rd_lock_release(&trackers->lock);
    atomic_fetch_add_explicit(&trackers->count, 1, memory_order_relaxed);
    if (tracker->broadcasts) rd_told_add_broadcaster(conn->loop->observer, tracker);
    rd_lock_acquire(&conn->loop->connections_lock);
    conn->tracker = tracker;
    rd_lock_release(&conn->loop->connections_lock);
    conn->tracking = true;
    conn->broadcasts = wanted->broadcasts;
    return RD_OK;
}

/* They are the connection's memory. */
static void show_prefixes(struct rd_conn *conn, uint64_t bytes) {
    conn->prefix_bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    rd_clients_note(conn);
}

enum rd_status rd_tracking_begin(struct rd_conn *conn, const struct rd_tracker *wanted, bool locked) {
    enum rd_status status = conn->tracker ? add_prefixes(conn->tracker, wanted) : create(conn, wanted, locked);
    if (status != RD_OK) return status;
    conn->tracker->opt_in = wanted->opt_in;
    conn->tracker->opt_out = wanted->opt_out;
    conn->tracker->no_loop = wanted->no_loop;
    show_prefixes(conn, conn->tracker->prefix_bytes);
    return RD_OK;
}

/* With the trackers' lock held: what the messages take now, and took before. */
static void count_messages(struct rd_tracker *tracker, size_t before) {
    _Atomic uint64_t *feeds = &tracker->trackers->shared->clients.feeds;
    atomic_fetch_add_explicit(feeds, tracker->pending.capacity - before, memory_order_relaxed);
}

/* With the trackers' lock held. */
static void drop_messages(struct rd_tracker *tracker) {
    size_t before = tracker->pending.capacity;
    rd_reply_free(&tracker->pending);
    count_messages(tracker, before);
}

/* With the trackers' lock held. */
static void stop_waiting(struct rd_tracker *tracker) {
    if (!atomic_load_explicit(&tracker->waits, memory_order_relaxed)) return;
    *tracker->place_to_tell = tracker->next_to_tell;
    if (tracker->next_to_tell) tracker->next_to_tell->place_to_tell = tracker->place_to_tell;
    atomic_store_explicit(&tracker->waits, false, memory_order_relaxed);
}

/* With the trackers' lock held: its teller sees to it. */
static void begin_waiting(struct rd_tracker *tracker) {
    rd_told_wake(tracker->teller);
    if (atomic_load_explicit(&tracker->waits, memory_order_relaxed)) return;
    struct rd_tracker **first = &tracker->teller->telling.to_tell;
    tracker->next_to_tell = *first;
    tracker->place_to_tell = first;
    if (*first) (*first)->place_to_tell = &tracker->next_to_tell;
    *first = tracker;
    atomic_store_explicit(&tracker->waits, true, memory_order_relaxed);
}

/* With the trackers' lock held. */
static void aim_at(struct rd_tracker *tracker, struct rd_conn *target, struct rd_observer *teller) {
    bool waits = atomic_load_explicit(&tracker->waits, memory_order_relaxed);
    stop_waiting(tracker);
    tracker->target = target;
    tracker->teller = teller;
    if (waits) begin_waiting(tracker);
}

void rd_tracking_end(struct rd_conn *conn, bool locked) {
    struct rd_tracker *tracker = conn->tracker;
    if (!tracker) return;
    struct rd_trackers *trackers = tracker->trackers;
    struct rd_store *store = conn->loop->store;
    rd_lock_acquire(&conn->loop->connections_lock);
    conn->tracker = NULL;
    rd_lock_release(&conn->loop->connections_lock);
    conn->tracking = conn->broadcasts = false;
    if (tracker->broadcasts) {
        stop_broadcast(store, locked);
        rd_told_remove_broadcaster(conn->loop->observer, tracker);
    }
    rd_lock_acquire(&trackers->lock);
    *tracker->place = tracker->next;
    if (tracker->next) tracker->next->place = tracker->place;
    stop_waiting(tracker);
    drop_messages(tracker);
    rd_lock_release(&trackers->lock);
    atomic_fetch_sub_explicit(&trackers->count, 1, memory_order_relaxed);
    tracker->conn = NULL;
    show_prefixes(conn, 0);
    rd_told_end(conn->loop->observer, tracker);
}

/* With the trackers' lock held. NULL: every key. */
static void add_message(struct rd_tracker *tracker, const struct rd_slice *key) {
    struct rd_reply *pending = &tracker->pending;
    begin_waiting(tracker);
    if (tracker->forgets_all) return;
    if (!key || pending->failed || pending->length + key->length > RD_TRACKER_PENDING_MAX) {
        drop_messages(tracker);
        tracker->forgets_all = true;
        return;
    }
    size_t before = pending->capacity;
    rd_reply_literal(pending, ">2\r\n$10\r\ninvalidate\r\n*1\r\n");
    rd_reply_slice(pending, *key);
    count_messages(tracker, before);
}

void rd_tracker_tell(struct rd_tracker *tracker, struct rd_slice key) {
    rd_lock_acquire(&tracker->trackers->lock);
    add_message(tracker, &key);
    rd_lock_release(&tracker->trackers->lock);
}

void rd_tracker_forget_all(struct rd_tracker *tracker) {
    rd_lock_acquire(&tracker->trackers->lock);
    add_message(tracker, NULL);
    rd_lock_release(&tracker->trackers->lock);
}

bool rd_prefixes_overlap(struct rd_slice a, struct rd_slice b) {
    return memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length) == 0;
}

int rd_prefix_compare(const void *a, const void *b) {
    const struct rd_slice *first = a, *second = b;
    int order = memcmp(first->bytes, second->bytes, first->length < second->length ? first->length : second->length);
    if (order) return order;
    return first->length < second->length ? -1 : first->length > second->length;
}

static bool takes_all(const struct rd_tracker *tracker) {
    return tracker->prefix_count > 0 && tracker->prefixes[0].length == 0;
}

/* How many prefixes are not behind the text in their order; only the last of them can be what it begins with. */
static uint32_t count_up_to(const struct rd_tracker *tracker, struct rd_slice text) {
    uint32_t first = 0, end = tracker->prefix_count;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (rd_prefix_compare(&tracker->prefixes[middle], &text) <= 0) first = middle + 1;
        else end = middle;
    }
    return first;
}

bool rd_tracker_has_prefix(const struct rd_tracker *tracker, struct rd_slice key) {
    if (takes_all(tracker)) return true;
    uint32_t count = count_up_to(tracker, key);
    if (count == 0) return false;
    struct rd_slice prefix = tracker->prefixes[count - 1];
    return key.length >= prefix.length && memcmp(key.bytes, prefix.bytes, prefix.length) == 0;
}

const struct rd_slice *rd_tracker_overlap(const struct rd_tracker *tracker, struct rd_slice prefix) {
    if (takes_all(tracker)) return &tracker->prefixes[0];
    uint32_t count = count_up_to(tracker, prefix);
    if (count > 0 && rd_prefixes_overlap(tracker->prefixes[count - 1], prefix)) return &tracker->prefixes[count - 1];
    bool next = count < tracker->prefix_count && rd_prefixes_overlap(tracker->prefixes[count], prefix);
    return next ? &tracker->prefixes[count] : NULL;
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
    conn->aimed_at = true;
    rd_lock_acquire(&tracker->trackers->lock);
    aim_at(tracker, conn, conn->loop->observer);
    rd_lock_release(&tracker->trackers->lock);
}

void rd_tracking_redirect(struct rd_conn *conn, uint64_t id) {
    struct rd_tracker *tracker = conn->tracker;
    rd_lock_acquire(&tracker->trackers->lock);
    tracker->redirect = id;
    aim_at(tracker, id ? NULL : conn, conn->loop->observer);
    rd_lock_release(&tracker->trackers->lock);
    if (id) {
        atomic_fetch_add_explicit(&tracker->trackers->redirects, 1, memory_order_relaxed);
        struct redirecting redirecting = {tracker, id};
        rd_shared_visit(conn->loop->shared, aim, &redirecting);
    }
}

void rd_tracking_lose(struct rd_conn *conn) {
    struct rd_trackers *trackers = &conn->loop->observer->all->trackers;
    if (!conn->aimed_at) return;
    rd_lock_acquire(&trackers->lock);
    for (struct rd_tracker *tracker = trackers->first; tracker; tracker = tracker->next) {
        if (tracker->target == conn) aim_at(tracker, NULL, tracker->observer);
    }
    rd_lock_release(&trackers->lock);
}

int64_t rd_tracking_redirection(const struct rd_conn *conn, bool *broken) {
    struct rd_trackers *trackers = &conn->loop->observer->all->trackers;
    int64_t redirection = -1;
    *broken = false;
    const struct rd_tracker *tracker = conn->tracker;
    if (!tracker) return -1;
    rd_lock_acquire(&trackers->lock);
    redirection = (int64_t)tracker->redirect;
    *broken = !tracker->target;
    rd_lock_release(&trackers->lock);
    return redirection;
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
        *prefixes += atomic_load_explicit(&tracker->prefixes_told, memory_order_relaxed);
    }
    rd_lock_release(&trackers->lock);
    return keys;
}

/* What a reader takes, with its share of its tracker's table. */
#define READER_BYTES (sizeof(struct rd_reader) + 2 * sizeof(struct rd_reader *))
/* The table may take half of what clients may hold. */
#define TABLE_SHARE 2

/* Is more tracked in the shard than its share of both limits, on keys and on bytes? With its lock held. */
static bool is_full(const struct rd_shard *shard, const struct rd_settings *settings) {
    uint64_t keys = (uint64_t)rd_setting(settings, RD_SET_TRACKING_KEYS), bytes = rd_clients_limit(settings) / TABLE_SHARE;
    const struct rd_followers *followers = rd_followers_of(shard);
    uint64_t readers = followers->readers;
    if (readers == 0) return false;
    uint64_t taken = rd_counter_get(&followers->bytes) + readers * READER_BYTES;
    return (keys && readers > keys / shard->store->shard_count) || (bytes && taken > bytes / shard->store->shard_count);
}

/* Shards looked at in a tick, and keys given up in each under one hold of its lock. */
#define FIT_STEP 64
#define FIT_US 500

void rd_tracking_fit(struct rd_observer *observer) {
    const struct rd_loop *loop = observer->loop;
    struct rd_store *store = loop->store;
    if (atomic_load_explicit(&observer->all->trackers.count, memory_order_relaxed) == 0) return;
    int64_t end = rd_microseconds() + FIT_US;
    for (uint32_t i = loop->number; i < store->shard_count; i += loop->shared->loop_count) {
        struct rd_shard *shard = &store->shards[i];
        bool more = rd_counter_get(&rd_followers_of(shard)->bytes) > 0;
        while (more && rd_microseconds() < end) {
            if (!rd_shard_try_lock(shard)) break; /* another time: a script may hold it for long */
            for (int given = 0; given < FIT_STEP && (more = is_full(shard, loop->settings)); given++) {
                rd_interests_evict(shard, rd_shard_random(shard));
            }
            rd_shard_unlock(shard);
        }
    }
}

/* With the lock of the key's shard held. */
static void remember(struct rd_tracker *tracker, struct rd_shard *shard, uint64_t hash, struct rd_slice key) {
    struct rd_reader *reader = rd_reader_find(tracker, hash);
    if (reader && !reader->interest->told) return;
    if (reader) {
        /* It changed since, of which a message is due, now or after this reply; what is read now is tracked anew. */
        if (!reader->interest->silent) rd_tracker_tell(tracker, key);
        rd_reader_leave(reader);
    }
    struct rd_interest *interest = NULL;
    if (key.length <= RD_TRACKED_KEY_MAX) interest = rd_interest_in(shard, tracker->observer, hash, key);
    if (!interest || rd_reader_join(tracker, interest) != RD_OK) {
        if (interest && interest->count == 0) rd_interest_end(shard, interest);
        rd_tracker_tell(tracker, key); /* it comes after the reply */
        return;
    }
    rd_interest_count(shard, interest, 1);
    /* One that takes more than another takes the place of several. */
    const struct rd_settings *settings = tracker->observer->loop->settings;
    for (int given = 0; given < 4 && is_full(shard, settings); given++) rd_interests_evict(shard, hash);
}

void rd_tracking_enter(const struct rd_call *call, struct rd_key_range keys, const uint64_t *hashes) {
    struct rd_tracker *tracker = call->conn->tracker;
    if (call->command->flags & RD_CMD_READONLY) {
        bool wanted = tracker->opt_in ? tracker->caching : !tracker->caching;
        if (tracker->broadcasts || !wanted) return;
        for (uint32_t i = 0; i < keys.count; i++) {
            remember(tracker, rd_store_shard(call->store, hashes[i]), hashes[i], call->argv[rd_key_place(&keys, i)]);
        }
    } else if (tracker->no_loop) {
        rd_told_collect(tracker->observer, NULL); /* others' changes of these keys; from here on they are its own */
        tracker->muted = hashes;
        tracker->muted_count = keys.count;
    }
}

void rd_tracking_leave(const struct rd_call *call) {
    struct rd_tracker *tracker = call->conn->tracker;
    if (tracker->muted_count) rd_told_mute(tracker->observer, tracker, tracker->muted, tracker->muted_count);
    tracker->muted_count = 0;
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

bool rd_tracking_has_news(const struct rd_tracker *tracker) {
    const struct rd_observer *observer = tracker->observer;
    return atomic_load(&observer->has_push) || observer->telling.busy || atomic_load_explicit(&tracker->waits, memory_order_relaxed);
}

void rd_tracking_append(struct rd_tracker *tracker, struct rd_reply *reply) {
    struct rd_reply *pending = &tracker->pending;
    rd_told_collect(tracker->observer, tracker);
    if (rd_told_drain(tracker->observer, TELL_BEHIND_REPLY)) tracker->observer->telling.busy = true;
    rd_lock_acquire(&tracker->trackers->lock);
    if (tracker->target == tracker->conn) {
        size_t before = pending->capacity;
        write_forgets_all(tracker);
        if (!pending->failed) {
            rd_reply_raw(reply, pending->bytes, pending->length);
            rd_reply_free(pending);
            stop_waiting(tracker);
        }
        count_messages(tracker, before);
    }
    rd_lock_release(&tracker->trackers->lock);
}

/* Takes what waits for one whom the worker tells; NULL when nothing waits. */
static struct rd_conn *take(struct rd_observer *observer, struct rd_reply *messages) {
    struct rd_trackers *trackers = &observer->all->trackers;
    struct rd_conn *conn = NULL;
    rd_lock_acquire(&trackers->lock);
    struct rd_tracker *tracker = observer->telling.to_tell;
    if (tracker) {
        size_t before = tracker->pending.capacity;
        stop_waiting(tracker);
        conn = tracker->target ? tracker->target : tracker->conn;
        if (tracker->target) write_forgets_all(tracker);
        else write_broken(tracker);
        *messages = tracker->pending;
        tracker->pending = (struct rd_reply){0};
        count_messages(tracker, before);
    }
    rd_lock_release(&trackers->lock);
    return conn;
}

/* Sends to those that wait. False: nobody waits any more. */
static bool send_some(struct rd_observer *observer, int64_t end) {
    struct rd_reply messages = {0};
    struct rd_conn *conn;
    while ((conn = take(observer, &messages)) != NULL) {
        /* RESP2 has no messages; what it would read after SUBSCRIBE, over REDIRECT, needs pub/sub. */
        if (conn->protocol == 3) {
            if (messages.failed) rd_conn_finish(conn, true);
            else rd_conn_send(conn, &messages, (struct rd_reply_walk){.to = messages.length}, RD_TURN_BYTES);
        }
        rd_reply_free(&messages);
        if (conn->dead) rd_conn_finish(conn, true);
        if (rd_microseconds() >= end) return true;
    }
    return false;
}

void rd_tracking_deliver(struct rd_observer *observer) {
    struct rd_telling *telling = &observer->telling;
    if (!atomic_exchange(&observer->has_push, false) && !telling->busy) return;
    rd_told_collect(observer, NULL);
    telling->busy = false;
    int64_t end = rd_microseconds() + TELL_SLICE_US;
    bool more = true;
    while (more && rd_microseconds() < end) more = rd_told_drain(observer, TELL_STEP);
    telling->busy |= more;
    telling->busy |= send_some(observer, end + TELL_SLICE_US);
    more = telling->ending != NULL;
    if (rd_store_is_busy(observer->loop->store)) { /* their shards may be a script's for long */
        telling->busy |= more;
        return;
    }
    end = rd_microseconds() + TELL_SLICE_US;
    while (more && rd_microseconds() < end) more = rd_told_end_some(observer, TELL_STEP);
    telling->busy |= more;
}
