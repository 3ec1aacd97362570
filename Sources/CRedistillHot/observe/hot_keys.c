/* This file owns the sampling of hot keys. */
#include "observe/hot_keys.h"

#include "connection/conn.h"
#include "connection/received.h"
#include "observe/observer.h"

/* After so long the thinning follows the traffic. */
#define WINDOW_MS 10

static uint64_t draw(struct rd_hot_sampler *sampler, uint64_t below) {
    sampler->random ^= sampler->random << 13; /* Marsaglia's xorshift, 2003 */
    sampler->random ^= sampler->random >> 7;
    sampler->random ^= sampler->random << 17;
    return sampler->random % below;
}

static void begin(struct rd_hot_sampler *sampler, uint32_t session, int64_t now) {
    sampler->session = session;
    sampler->skip = 0;
    sampler->thinning = 1;
    sampler->window_ms = now;
    sampler->window_keys = 0;
    if (sampler->random == 0) sampler->random = (uint64_t)now * 2 + 1;
}

/* So many keys were counted in the window as are allowed: else more, or less, is left out from now on. */
static void follow(struct rd_hot_sampler *sampler, uint64_t sample, int64_t now) {
    uint64_t allowed = (uint64_t)(now - sampler->window_ms) * RD_HOT_KEYS_A_MS;
    uint64_t thinning = (sampler->thinning * sampler->window_keys + allowed - 1) / allowed;
    sampler->thinning = thinning > 1 ? thinning : 1;
    uint64_t most = 2 * sampler->thinning * sample - 2; /* that could have been drawn */
    if (sampler->skip > most) sampler->skip = most;
    sampler->window_ms = now;
    sampler->window_keys = 0;
}

bool rd_hot_keys_sample(struct rd_observer *observer) {
    struct rd_hot_keys *hot = &observer->all->hot;
    struct rd_hot_sampler *sampler = &observer->hot;
    int64_t now = observer->loop->monotonic_ms;
    if (now >= atomic_load_explicit(&hot->ends_ms, memory_order_relaxed)) return false;
    uint64_t sample = atomic_load_explicit(&hot->sample, memory_order_relaxed);
    uint32_t session = atomic_load_explicit(&hot->session, memory_order_relaxed);
    if (sampler->session != session) begin(sampler, session, now);
    else if (now - sampler->window_ms >= WINDOW_MS) follow(sampler, sample, now);
    if (sampler->skip > 0) {
        sampler->skip--;
        return false;
    }
    /* Between two that are looked at lie ratio - 1 on average, and never as many twice: no rhythm of clients fits. */
    sampler->skip = draw(sampler, 2 * sampler->thinning * sample - 1);
    return true;
}

static void count(struct rd_observer *observer, const struct rd_call *call, struct rd_key_range keys,
                  const uint64_t *values) {
    struct rd_hot_sampler *sampler = &observer->hot;
    for (uint32_t i = 0; i < keys.count; i++) {
        uint32_t argument = keys.first + i * keys.step;
        if (rd_received_place(call->received, argument) == RD_TAKEN) continue;
        struct rd_slice key = call->argv[argument];
        uint64_t hash = rd_store_hash(call->store, key);
        for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
            struct rd_space_saving *summary = &sampler->summaries[metric];
            uint64_t weight = values[metric] / keys.count * sampler->thinning;
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
    sampler->window_keys += keys.count;
    if (!rd_lock_try(&sampler->lock)) return;
    for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
        sampler->totals[metric] += values[metric] * sampler->thinning * sample;
    }
    sampler->seen_bytes += values[RD_HOT_BYTES] * sampler->thinning;
    count(observer, call, keys, values);
    rd_lock_release(&sampler->lock);
}

void rd_hot_sampler_free(struct rd_hot_sampler *sampler) {
    for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
        rd_space_saving_free(&sampler->summaries[metric]);
    }
}
