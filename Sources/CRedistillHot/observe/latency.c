/* This file owns the histories of the latency monitor. */
#include "observe/latency.h"

#include <string.h>

const char *rd_latency_event_name(enum rd_latency_event event) {
    switch (event) {
    case RD_LATENCY_COMMAND: return "command";
    case RD_LATENCY_FAST_COMMAND: return "fast-command";
    case RD_LATENCY_EVENTS: break;
    }
    return "";
}

void rd_latency_add(struct rd_latency *latency, enum rd_latency_event event, int64_t unix_s, uint32_t ms) {
    rd_lock_acquire(&latency->lock);
    struct rd_latency_history *history = &latency->events[event];
    struct rd_latency_sample *last = &history->samples[(history->next + RD_LATENCY_SAMPLES - 1) % RD_LATENCY_SAMPLES];
    if (ms > history->most_ms) history->most_ms = ms;
    if (history->count && last->unix_s == unix_s) {
        if (ms > last->ms) last->ms = ms;
    } else {
        history->samples[history->next] = (struct rd_latency_sample){unix_s, ms};
        history->next = (history->next + 1) % RD_LATENCY_SAMPLES;
        if (history->count < RD_LATENCY_SAMPLES) history->count++;
    }
    rd_lock_release(&latency->lock);
}

const struct rd_latency_sample *rd_latency_sample(const struct rd_latency_history *history, uint32_t i) {
    return &history->samples[(history->next + RD_LATENCY_SAMPLES - history->count + i) % RD_LATENCY_SAMPLES];
}

bool rd_latency_reset(struct rd_latency *latency, enum rd_latency_event event) {
    rd_lock_acquire(&latency->lock);
    bool had = latency->events[event].count > 0;
    memset(&latency->events[event], 0, sizeof latency->events[event]);
    rd_lock_release(&latency->lock);
    return had;
}
