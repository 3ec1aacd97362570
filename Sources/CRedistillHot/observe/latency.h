/*
 * This file owns the latency monitor: for each kind of event the last times that were above the threshold, one for
 * every second, as Redis keeps them. Off unless latency-monitor-threshold is set.
 */
#ifndef RD_LATENCY_H
#define RD_LATENCY_H

#include <stdint.h>

#include "base/lock.h"
#include "redistill_hot.h"

#define RD_LATENCY_SAMPLES 160

enum rd_latency_event {
    RD_LATENCY_COMMAND,      /* "command" */
    RD_LATENCY_FAST_COMMAND, /* "fast-command": one that Redis calls fast */
    RD_LATENCY_EVENTS
};

struct rd_latency_sample {
    int64_t unix_s;
    uint32_t ms;
};

struct rd_latency_history {
    uint32_t next, count; /* a ring */
    uint32_t most_ms;
    struct rd_latency_sample samples[RD_LATENCY_SAMPLES];
};

struct rd_latency {
    struct rd_lock lock; /* guards the histories; a leaf */
    struct rd_latency_history events[RD_LATENCY_EVENTS];
};

const char *rd_latency_event_name(enum rd_latency_event event);
void rd_latency_add(struct rd_latency *latency, enum rd_latency_event event, int64_t unix_s, uint32_t ms);
/* Sample i, the oldest being 0. With the lock held. */
const struct rd_latency_sample *rd_latency_sample(const struct rd_latency_history *history, uint32_t i);
/* Forgets an event; returns whether there was anything to forget. */
bool rd_latency_reset(struct rd_latency *latency, enum rd_latency_event event);

#endif
