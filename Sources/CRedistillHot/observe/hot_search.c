/* This file owns the beginning and the end of a search for hot keys, and what it has found. */
#include "observe/hot_keys.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "observe/observer.h"

static void read_processor_time(int64_t *user_us, int64_t *system_us) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    *user_us = (int64_t)usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec;
    *system_us = (int64_t)usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
}

static struct rd_hot_keys *of(const struct rd_loop *loop) {
    return &loop->observer->all->hot;
}

/* With the lock held: a search whose time is over has ended. */
static void settle(struct rd_hot_keys *hot) {
    int64_t ends = atomic_load_explicit(&hot->ends_ms, memory_order_relaxed);
    if (!atomic_load_explicit(&hot->active, memory_order_relaxed) || rd_monotonic_ms() < ends) return;
    atomic_store_explicit(&hot->active, false, memory_order_relaxed);
    hot->stopped_ms = ends;
}

/* Of a summary, when so many keys are told of. */
static uint32_t counters_for(uint32_t count) {
    return count * 10 > RD_HOT_COUNTERS_LEAST ? count * 10 : RD_HOT_COUNTERS_LEAST;
}

/* With the search's lock held: each worker's summaries are as new, or there are none any more (terms NULL). */
static enum rd_status renew(const struct rd_loop *loop, const struct rd_hot_terms *terms) {
    enum rd_status status = RD_OK;
    for (struct rd_loop *one = loop->shared->loops; one; one = one->next) {
        struct rd_hot_sampler *sampler = &one->observer->hot;
        rd_lock_acquire(&sampler->lock);
        rd_hot_sampler_free(sampler);
        sampler->seen_bytes = 0;
        for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
            sampler->totals[metric] = 0;
            if (status != RD_OK || !terms || !terms->metrics[metric]) continue;
            status = rd_space_saving_init(&sampler->summaries[metric], counters_for(terms->count));
        }
        rd_lock_release(&sampler->lock);
    }
    return status;
}

static void begin(struct rd_hot_keys *hot, const struct rd_hot_terms *terms) {
    hot->terms = *terms;
    hot->exists = true;
    hot->started_unix_ms = rd_unix_ms();
    hot->started_ms = rd_monotonic_ms();
    read_processor_time(&hot->user_us, &hot->system_us);
    atomic_store_explicit(&hot->ends_ms, terms->duration_ms ? hot->started_ms + terms->duration_ms : INT64_MAX,
                          memory_order_relaxed);
    atomic_store_explicit(&hot->sample, terms->sample, memory_order_relaxed);
    atomic_fetch_add_explicit(&hot->session, 1, memory_order_relaxed);
    atomic_store_explicit(&hot->active, true, memory_order_release);
}

bool rd_hot_keys_is_active(struct rd_loop *loop) {
    struct rd_hot_keys *hot = of(loop);
    rd_lock_acquire(&hot->lock);
    settle(hot);
    bool is_active = atomic_load_explicit(&hot->active, memory_order_relaxed);
    rd_lock_release(&hot->lock);
    return is_active;
}

enum rd_status rd_hot_keys_start(struct rd_loop *loop, const struct rd_hot_terms *terms) {
    struct rd_hot_keys *hot = of(loop);
    rd_lock_acquire(&hot->lock);
    settle(hot);
    enum rd_status status = RD_ERR_STATE;
    if (!atomic_load_explicit(&hot->active, memory_order_relaxed)) {
        status = renew(loop, terms);
        hot->exists = false;
        if (status == RD_OK) begin(hot, terms);
        else (void)renew(loop, NULL);
    }
    rd_lock_release(&hot->lock);
    return status;
}

bool rd_hot_keys_stop(struct rd_loop *loop) {
    struct rd_hot_keys *hot = of(loop);
    rd_lock_acquire(&hot->lock);
    settle(hot);
    bool was_active = atomic_exchange_explicit(&hot->active, false, memory_order_relaxed);
    if (was_active) hot->stopped_ms = rd_monotonic_ms();
    rd_lock_release(&hot->lock);
    return was_active;
}

enum rd_status rd_hot_keys_reset(struct rd_loop *loop) {
    struct rd_hot_keys *hot = of(loop);
    rd_lock_acquire(&hot->lock);
    settle(hot);
    bool is_active = atomic_load_explicit(&hot->active, memory_order_relaxed);
    if (!is_active) {
        hot->exists = false;
        (void)renew(loop, NULL);
    }
    rd_lock_release(&hot->lock);
    return is_active ? RD_ERR_STATE : RD_OK;
}

/* One key as a worker knows it, or as all do. */
struct part {
    const struct rd_heavy_key *key; /* borrowed, while the samplers' locks are held */
    uint64_t weight;
};

static int by_hash(const void *a, const void *b) {
    uint64_t one = ((const struct part *)a)->key->hash, other = ((const struct part *)b)->key->hash;
    return one < other ? -1 : one > other;
}

static int by_weight(const void *a, const void *b) {
    uint64_t one = ((const struct part *)a)->weight, other = ((const struct part *)b)->weight;
    return one > other ? -1 : one < other;
}

/* Adds up what the workers know of the same keys; returns how many there are. */
static size_t merge(struct part *parts, size_t count) {
    if (count == 0) return 0;
    qsort(parts, count, sizeof *parts, by_hash);
    size_t last = 0;
    for (size_t i = 1; i < count; i++) {
        if (parts[i].key->hash == parts[last].key->hash) parts[last].weight += parts[i].weight;
        else parts[++last] = parts[i];
    }
    qsort(parts, last + 1, sizeof *parts, by_weight);
    return last + 1;
}

static void lock_samplers(const struct rd_loop *loop) {
    for (struct rd_loop *one = loop->shared->loops; one; one = one->next) rd_lock_acquire(&one->observer->hot.lock);
}

static void unlock_samplers(const struct rd_loop *loop) {
    for (struct rd_loop *one = loop->shared->loops; one; one = one->next) rd_lock_release(&one->observer->hot.lock);
}

/* With all samplers' locks held. `parts` has room for all their counters. */
static void tell(const struct rd_loop *loop, enum rd_hot_metric metric, struct part *parts,
                 struct rd_hot_report *report) {
    size_t count = 0;
    for (const struct rd_loop *one = loop->shared->loops; one; one = one->next) {
        const struct rd_hot_sampler *sampler = &one->observer->hot;
        const struct rd_space_saving *summary = &sampler->summaries[metric];
        for (uint32_t i = 0; i < summary->used; i++) {
            parts[count++] = (struct part){&summary->counters[i], rd_heavy_key_least(&summary->counters[i])};
        }
        report->totals[metric] += sampler->totals[metric];
    }
    count = merge(parts, count);
    if (count > report->terms.count) count = report->terms.count;
    for (size_t i = 0; i < count && parts[i].weight > 0; i++) {
        const struct rd_heavy_key *heavy = parts[i].key;
        struct rd_hot_key *key = &report->keys[metric][report->counts[metric]++];
        *key = (struct rd_hot_key){.weight = parts[i].weight, .length = heavy->length, .kept = heavy->kept};
        if (heavy->kept) memcpy(key->bytes, heavy->bytes, heavy->kept);
    }
}

static void fill(const struct rd_loop *loop, const struct rd_hot_keys *hot, struct rd_hot_report *report) {
    report->active = atomic_load_explicit(&hot->active, memory_order_relaxed);
    report->terms = hot->terms;
    report->started_unix_ms = hot->started_unix_ms;
    report->duration_ms = (report->active ? rd_monotonic_ms() : hot->stopped_ms) - hot->started_ms;
    int64_t user_us, system_us;
    read_processor_time(&user_us, &system_us);
    report->user_ms = (user_us - hot->user_us) / 1000;
    report->system_ms = (system_us - hot->system_us) / 1000;
    for (const struct rd_loop *one = loop->shared->loops; one; one = one->next) {
        report->seen_bytes += one->observer->hot.seen_bytes;
    }
}

enum rd_status rd_hot_keys_report(struct rd_loop *loop, struct rd_hot_report **report) {
    struct rd_hot_keys *hot = of(loop);
    struct part *parts = malloc(loop->shared->loop_count * counters_for(RD_HOT_KEYS_MOST) * sizeof *parts);
    *report = calloc(1, sizeof **report);
    enum rd_status status = parts && *report ? RD_OK : RD_ERR_NO_MEMORY;
    rd_lock_acquire(&hot->lock);
    settle(hot);
    if (status == RD_OK && !hot->exists) status = RD_ERR_STATE;
    if (status == RD_OK) {
        lock_samplers(loop);
        fill(loop, hot, *report);
        for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) tell(loop, metric, parts, *report);
        unlock_samplers(loop);
    }
    rd_lock_release(&hot->lock);
    free(parts);
    if (status == RD_OK) return RD_OK;
    free(*report);
    *report = NULL;
    return status;
}
