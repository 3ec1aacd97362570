/* This file owns the way of a change from the shard to the messages of those who track it. */
#include "observe/told.h"

#include <stdlib.h>

#include "observe/observer.h"
#include "observe/reader.h"
#include "observe/tracking.h"

void rd_told_wake(struct rd_observer *observer) {
    if (atomic_load(&observer->has_push) || atomic_exchange(&observer->has_push, true)) return;
    rd_loop_wake(observer->loop);
}

static void push(struct rd_observer *observer, struct rd_interest *interest) {
    struct rd_telling *telling = &observer->telling;
    struct rd_interest *newest = atomic_load_explicit(&telling->told, memory_order_relaxed);
    do interest->next = newest;
    while (!atomic_compare_exchange_weak(&telling->told, &newest, interest)); /* ordered before the look at has_push */
    rd_told_wake(observer);
}

void rd_told_push(struct rd_interest *interest) {
    interest->told = true;
    atomic_fetch_add_explicit(&interest->observer->telling.told_bytes, rd_interest_bytes(interest), memory_order_relaxed);
    push(interest->observer, interest);
}

static void broadcast_to(struct rd_observer *observer, uint64_t hash, struct rd_slice key) {
    struct rd_telling *telling = &observer->telling;
    uint64_t bytes = sizeof(struct rd_interest) + key.length;
    struct rd_interest *change = NULL;
    if (atomic_load_explicit(&telling->broadcast_bytes, memory_order_relaxed) + bytes <= RD_TOLD_BROADCASTS_MAX) {
        change = rd_interest_new(observer, hash, key);
    }
    if (!change) {
        atomic_store(&telling->lost, true);
        rd_told_wake(observer);
        return;
    }
    atomic_fetch_add_explicit(&telling->broadcast_bytes, bytes, memory_order_relaxed);
    change->broadcast = true;
    rd_told_push(change);
}

void rd_told_broadcast(struct rd_trackers *trackers, uint64_t hash, struct rd_slice key) {
    for (const struct rd_loop *loop = trackers->shared->loops; loop; loop = loop->next) {
        struct rd_observer *observer = loop->observer;
        if (atomic_load_explicit(&observer->telling.broadcasters, memory_order_relaxed)) broadcast_to(observer, hash, key);
    }
}

/* What has been told since, the oldest first; nobody else has it. */
static struct rd_interest *take(struct rd_telling *telling) {
    struct rd_interest *oldest = NULL, *newer = atomic_exchange_explicit(&telling->told, NULL, memory_order_acquire);
    while (newer) {
        struct rd_interest *next = newer->next;
        newer->next = oldest;
        oldest = newer;
        newer = next;
    }
    return oldest;
}

static void append(struct rd_telling *telling, struct rd_interest *change) {
    change->next = NULL;
    if (telling->first) telling->last->next = change;
    else telling->first = change;
    telling->last = change;
    telling->busy = true;
}

/* Is the tracker one of those that are to be told of this change? Those that broadcast are found by their prefixes. */
static struct rd_reader *reader_in(const struct rd_tracker *tracker, const struct rd_interest *change) {
    struct rd_reader *reader = rd_reader_find(tracker, change->link.hash);
    return reader && reader->interest == change ? reader : NULL;
}

static void spare(struct rd_tracker *tracker, struct rd_interest *change, bool tell) {
    if (change->broadcast) {
        if (!tracker->broadcasts || change->spared == tracker) return;
        if (tell && rd_tracker_has_prefix(tracker, rd_interest_key(change))) {
            rd_tracker_tell(tracker, rd_interest_key(change));
        }
        change->spared = tracker;
        return;
    }
    struct rd_reader *reader = reader_in(tracker, change);
    if (!reader) return;
    rd_reader_leave(reader);
    if (tell && !change->silent) rd_tracker_tell(tracker, rd_interest_key(change));
}

void rd_told_collect(struct rd_observer *observer, struct rd_tracker *own) {
    struct rd_telling *telling = &observer->telling;
    for (struct rd_interest *change = take(telling), *next; change; change = next) {
        next = change->next;
        if (own) spare(own, change, true);
        append(telling, change);
    }
}

static int compare(const void *a, const void *b) {
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return first < second ? -1 : first > second;
}

/* Many keys are sorted once, where memory allows. */
#define FEW_HASHES 16

static bool contains(const uint64_t *hashes, uint32_t count, uint64_t hash) {
    for (uint32_t i = 0; i < count; i++) {
        if (hashes[i] == hash) return true;
    }
    return false;
}

void rd_told_mute(struct rd_observer *observer, struct rd_tracker *own, const uint64_t *hashes, uint32_t count) {
    struct rd_telling *telling = &observer->telling;
    struct rd_interest *change = take(telling);
    uint64_t *sorted = change && count > FEW_HASHES ? malloc(count * sizeof *sorted) : NULL;
    if (sorted) {
        memcpy(sorted, hashes, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare);
    }
    for (struct rd_interest *next; change; change = next) {
        next = change->next;
        bool is_own = sorted ? bsearch(&change->link.hash, sorted, count, sizeof *sorted, compare) != NULL
                             : contains(hashes, count, change->link.hash);
        if (is_own) spare(own, change, false);
        append(telling, change);
    }
    free(sorted);
}

/* Those who broadcast, from where it stopped. True when all are told. */
static bool tell_broadcasters(struct rd_telling *telling, const struct rd_interest *change, uint32_t *most) {
    if (!telling->first_begun) telling->next = telling->broadcasting;
    telling->first_begun = true;
    while (telling->next) {
        if (*most == 0) return false;
        --*most;
        struct rd_tracker *tracker = telling->next;
        telling->next = tracker->next_broadcasting;
        if (change->spared == tracker || !rd_tracker_has_prefix(tracker, rd_interest_key(change))) continue;
        rd_tracker_tell(tracker, rd_interest_key(change));
    }
    telling->first_begun = false;
    return true;
}

static bool tell_readers(struct rd_interest *change, uint32_t *most) {
    while (change->readers) {
        if (*most == 0) return false;
        --*most;
        struct rd_tracker *tracker = change->readers->tracker;
        rd_reader_leave(change->readers);
        if (!change->silent && tracker->conn) rd_tracker_tell(tracker, rd_interest_key(change));
    }
    return true;
}

static void drop_first(struct rd_telling *telling) {
    struct rd_interest *change = telling->first;
    telling->first = change->next;
    if (change->broadcast) {
        uint64_t bytes = sizeof *change + change->key_length;
        atomic_fetch_sub_explicit(&telling->broadcast_bytes, bytes, memory_order_relaxed);
    }
    atomic_fetch_sub_explicit(&telling->told_bytes, rd_interest_bytes(change), memory_order_relaxed);
    free(change);
}

bool rd_told_drain(struct rd_observer *observer, uint32_t most) {
    struct rd_telling *telling = &observer->telling;
    if (atomic_exchange(&telling->lost, false)) {
        for (struct rd_tracker *tracker = telling->broadcasting; tracker; tracker = tracker->next_broadcasting) {
            rd_tracker_forget_all(tracker);
        }
    }
    while (telling->first) {
        if (most == 0) return true;
        most--;
        struct rd_interest *change = telling->first;
        bool done = change->broadcast ? tell_broadcasters(telling, change, &most) : tell_readers(change, &most);
        if (!done) return true;
        drop_first(telling);
    }
    return false;
}

void rd_told_add_broadcaster(struct rd_observer *observer, struct rd_tracker *tracker) {
    tracker->next_broadcasting = observer->telling.broadcasting;
    tracker->place_broadcasting = &observer->telling.broadcasting;
    if (tracker->next_broadcasting) tracker->next_broadcasting->place_broadcasting = &tracker->next_broadcasting;
    observer->telling.broadcasting = tracker;
    atomic_fetch_add(&observer->telling.broadcasters, 1);
}

void rd_told_remove_broadcaster(struct rd_observer *observer, struct rd_tracker *tracker) {
    if (observer->telling.next == tracker) observer->telling.next = tracker->next_broadcasting;
    *tracker->place_broadcasting = tracker->next_broadcasting;
    if (tracker->next_broadcasting) tracker->next_broadcasting->place_broadcasting = tracker->place_broadcasting;
    atomic_fetch_sub(&observer->telling.broadcasters, 1);
}

void rd_told_end(struct rd_observer *observer, struct rd_tracker *tracker) {
    if (atomic_load_explicit(&tracker->keys, memory_order_relaxed) == 0) {
        rd_tracker_free(tracker);
        return;
    }
    tracker->next = observer->telling.ending;
    observer->telling.ending = tracker;
    observer->telling.ending_at = 0;
    observer->telling.busy = true;
}

/* The reader's interest may be in its shard's table still, where others join and leave it. */
static void end_reader(struct rd_store *store, struct rd_reader *reader) {
    struct rd_interest *interest = reader->interest;
    struct rd_shard *shard = rd_store_shard(store, interest->link.hash);
    rd_shard_lock(shard);
    rd_reader_leave(reader);
    if (!interest->told) {
        rd_interest_count(shard, interest, -1);
        if (interest->count == 0) rd_interest_end(shard, interest);
    }
    rd_shard_unlock(shard);
}

bool rd_told_end_some(struct rd_observer *observer, uint32_t most) {
    struct rd_telling *telling = &observer->telling;
    while (telling->ending) {
        struct rd_tracker *tracker = telling->ending;
        struct rd_reader *reader = rd_readers_any(tracker, &telling->ending_at);
        if (reader) {
            if (most-- == 0) return true;
            end_reader(observer->loop->store, reader);
            continue;
        }
        telling->ending = tracker->next;
        telling->ending_at = 0;
        rd_tracker_free(tracker);
    }
    return false;
}

void rd_told_destroy(struct rd_observer *observer) {
    rd_told_collect(observer, NULL);
    atomic_store(&observer->telling.lost, false);
    while (rd_told_drain(observer, UINT32_MAX)) {
    }
    while (rd_told_end_some(observer, UINT32_MAX)) {
    }
}
