/*
 * This file owns telling the control plane of events: of each kind at most one a second for each reason, with their
 * number and the last one's words.
 */
#ifndef RD_EVENTS_H
#define RD_EVENTS_H

#include <stdatomic.h>

#include "base/address_table.h"
#include "base/lock.h"
#include "redistill_users.h"

/* Reasons of a kind that are told apart, and users; what comes with more of them within a second goes with the last. */
#define RD_EVENT_REASONS 6
#define RD_EVENT_DETAIL_SIZE 160

/* The words of an event that was not told yet. */
struct rd_event_words {
    char peer[RD_ADDRESS_SIZE], user[RD_USER_NAME_MOST + 1], detail[RD_EVENT_DETAIL_SIZE];
};

/* When an event of a kind and a reason was told last, how many came since, and what the last of these said. */
struct rd_told {
    int64_t at_ms; /* 0: this place is free */
    uint64_t untold;
    struct rd_event_words words;
};

struct rd_events {
    void (*tell)(void *context, const struct rd_event *event); /* as rd_callbacks.event; immutable, may be NULL */
    void *context;                                             /* immutable; borrowed */
    struct rd_lock lock;                                       /* guards what follows; not held while telling */
    struct rd_told told[RD_EVENT_KINDS][RD_EVENT_REASONS];
};

/* Any thread. Strings may be NULL. What is too much for a second is told later. */
void rd_events_tell(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail);
/* The same of a client that is logged in as this user; NULL: default. */
void rd_events_tell_of(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *user,
                       const char *detail);
/* The same of so many at once. */
void rd_events_tell_many(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail,
                         uint64_t count);
/* Once in a while, on one thread: what was not told in time. */
void rd_events_tell_rest(struct rd_events *events);

#endif
