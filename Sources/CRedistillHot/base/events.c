/* This file owns when an event is told, and with which number. */
#include "base/events.h"

#include "base/clock.h"

#define TELL_EVERY_MS 1000

static void tell(const struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail,
                 uint64_t count) {
    struct rd_event event = {kind, peer ? peer : "", detail ? detail : "", count};
    events->tell(events->context, &event);
}

void rd_events_tell(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail) {
    rd_events_tell_many(events, kind, peer, detail, 1);
}

void rd_events_tell_many(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail,
                         uint64_t count) {
    if (!events->tell) return;
    struct rd_told *told = &events->told[kind];
    int64_t now = rd_monotonic_ms(), last = atomic_load(&told->at_ms);
    /* Of several threads that find the second over, one tells. */
    if ((last && now - last < TELL_EVERY_MS) || !atomic_compare_exchange_strong(&told->at_ms, &last, now)) {
        atomic_fetch_add(&told->untold, count);
        return;
    }
    tell(events, kind, peer, detail, atomic_exchange(&told->untold, 0) + count);
}

void rd_events_tell_rest(struct rd_events *events) {
    if (!events->tell) return;
    int64_t now = rd_monotonic_ms();
    for (enum rd_event_kind kind = 0; kind < RD_EVENT_KINDS; kind++) {
        struct rd_told *told = &events->told[kind];
        int64_t last = atomic_load(&told->at_ms);
        if (atomic_load(&told->untold) == 0 || now - last < TELL_EVERY_MS) continue;
        if (!atomic_compare_exchange_strong(&told->at_ms, &last, now)) continue;
        uint64_t count = atomic_exchange(&told->untold, 0);
        if (count) tell(events, kind, NULL, NULL, count);
    }
}
