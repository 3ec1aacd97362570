/* This file owns telling the control plane of events: of each kind at most one a second, with their number. */
#ifndef RD_EVENTS_H
#define RD_EVENTS_H

#include <stdatomic.h>

#include "redistill_hot.h"

/* When an event of a kind was told last, and how many came since. */
struct rd_told {
    _Atomic int64_t at_ms;
    _Atomic uint64_t untold;
};

struct rd_events {
    void (*tell)(void *context, const struct rd_event *event); /* as rd_callbacks.event; immutable, may be NULL */
    void *context;                                             /* immutable; borrowed */
    struct rd_told told[RD_EVENT_KINDS];
};

/* Any thread. Strings may be NULL. What is too much for a second is told later. */
void rd_events_tell(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail);
/* The same of so many at once. */
void rd_events_tell_many(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail,
                         uint64_t count);
/* Once in a while, on one thread: what was not told in time. */
void rd_events_tell_rest(struct rd_events *events);

#endif
