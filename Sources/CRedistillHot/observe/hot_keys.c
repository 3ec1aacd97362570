/* This file owns the sampling of hot keys. */
#include "observe/hot_keys.h"

#include "connection/conn.h"
#include "connection/received.h"
#include "observe/observer.h"

bool rd_hot_keys_sample(struct rd_observer *observer) {
    struct rd_hot_keys *hot = &observer->all->hot;
    struct rd_hot_sampler *sampler = &observer->hot;
    int64_t now = observer->loop->monotonic_ms;
    if (now >= atomic_load_explicit(&hot->ends_ms, memory_order_relaxed)) return false;
    uint64_t sample = atomic_load_explicit(&hot->sample, memory_order_relaxed);
    uint32_t session = atomic_load_explicit(&hot->session, memory_order_relaxed);
    if (sampler->session != session) {
        sampler->session = session;
        rd_thinning_begin(&sampler->thinning, now);
    }
    return rd_thinning_takes(&sampler->thinning, sample, RD_HOT_KEYS_A_MS, now);
}

static void count(struct rd_observer *observer, const struct rd_call *call, struct rd_key_range keys,
                  const uint64_t *values) {
    struct rd_hot_sampler *sampler = &observer->hot;
    for (uint32_t i = 0; i < keys.count; i++) {
        uint32_t argument = rd_key_place(&keys, i);
        if (rd_received_place(call->received, argument) == RD_TAKEN) continue;
        struct rd_slice key = call->argv[argument];
        uint64_t hash = rd_store_hash(call->store, key);
        for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
            struct rd_space_saving *summary = &sampler->summaries[metric];
            uint64_t weight = values[metric] / keys.count * sampler->thinning.ratio;
            if (summary->capacity) rd_space_saving_add(summary, hash, key, weight);
        }
    }
}

void rd_hot_keys_add(struct rd_observer *observer, const struct rd_call *call, struct rd_reply_mark mark, int64_t ns) {
    struct rd_hot_sampler *sampler = &observer->hot;
    struct rd_key_range keys = rd_command_keys(call->command, call->argv, call->argc);
    if (keys.count == 0 || call->conn->awaits_call) return;
    uint64_t values[RD_HOT_METRICS] = {
        [RD_HOT_TIME] = (uint64_t)ns,
        [RD_HOT_BYTES] = rd_request_bytes(call->argv, call->argc) + rd_reply_bytes(call->reply, mark),
    };
    uint64_t sample = atomic_load_explicit(&observer->all->hot.sample, memory_order_relaxed);
    sampler->thinning.items += keys.count;
    if (!rd_lock_try(&sampler->lock)) return;
    for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
        sampler->totals[metric] += values[metric] * sampler->thinning.ratio * sample;
    }
    sampler->seen_bytes += values[RD_HOT_BYTES] * sampler->thinning.ratio;
    count(observer, call, keys, values);
    rd_lock_release(&sampler->lock);
}

void rd_hot_sampler_free(struct rd_hot_sampler *sampler) {
    for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
        rd_space_saving_free(&sampler->summaries[metric]);
    }
}
