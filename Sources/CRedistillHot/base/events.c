/* This file owns when an event is told, and with which number. */
#include "base/events.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define TELL_EVERY_MS 1000

static void tell(const struct rd_events *events, enum rd_event_kind kind, const struct rd_event_words *words,
                 uint64_t count) {
    struct rd_event event = {.kind = kind, .peer = words->peer, .detail = words->detail, .user = words->user, .count = count};
    events->tell(events->context, &event);
}

static void set_words(struct rd_event_words *words, const char *peer, const char *user, const char *detail) {
    snprintf(words->peer, sizeof words->peer, "%s", peer ? peer : "");
    snprintf(words->user, sizeof words->user, "%s", user ? user : "");
    snprintf(words->detail, sizeof words->detail, "%s", detail ? detail : "");
}

/* Is the detail one of a few? That of others tells a number or a name, and no two are the same. */
static bool is_by_reason(enum rd_event_kind kind) {
    return kind != RD_EVENT_CLIENTS_EVICTED && kind != RD_EVENT_STRANGERS_CLOSED;
}

static bool is_due(const struct rd_told *told, int64_t now) {
    return told->at_ms == 0 || now - told->at_ms >= TELL_EVERY_MS;
}

/* The reason's place, or one that nothing is waiting in, or the last. */
static struct rd_told *place_of(struct rd_told *places, enum rd_event_kind kind, const struct rd_event_words *words,
                                int64_t now) {
    if (!is_by_reason(kind)) return places;
    for (int i = 0; i < RD_EVENT_REASONS; i++) {
        const struct rd_event_words *others = &places[i].words;
        bool is_same = strcmp(others->detail, words->detail) == 0 && strcmp(others->user, words->user) == 0;
        if (places[i].at_ms && is_same) return &places[i];
    }
    for (int i = 0; i < RD_EVENT_REASONS; i++) {
        if (places[i].untold == 0 && is_due(&places[i], now)) return &places[i];
    }
    return &places[RD_EVENT_REASONS - 1];
}

/* Of several that are told together, nothing is said of all that holds for some only. */
static void mix(struct rd_event_words *words, const struct rd_event_words *others) {
    if (strcmp(words->user, others->user) != 0) snprintf(words->user, sizeof words->user, "several users");
    if (strcmp(words->detail, others->detail) != 0) snprintf(words->detail, sizeof words->detail, "several reasons");
}

static void tell_words(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *user,
                       const char *detail, uint64_t count) {
    if (!events->tell) return;
    struct rd_event_words words;
    set_words(&words, peer, user, detail);
    int64_t now = rd_monotonic_ms();
    rd_lock_acquire(&events->lock);
    struct rd_told *told = place_of(events->told[kind], kind, &words, now);
    bool is_told = is_due(told, now);
    if (told->untold > 0 && is_by_reason(kind)) mix(&words, &told->words);
    told->words = words;
    told->untold += count;
    count = told->untold;
    if (is_told) {
        told->at_ms = now;
        told->untold = 0;
    }
    rd_lock_release(&events->lock);
    if (is_told) tell(events, kind, &words, count);
}

void rd_events_tell(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail) {
    tell_words(events, kind, peer, NULL, detail, 1);
}

void rd_events_tell_of(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *user,
                       const char *detail) {
    tell_words(events, kind, peer, user, detail, 1);
}

void rd_events_tell_many(struct rd_events *events, enum rd_event_kind kind, const char *peer, const char *detail,
                         uint64_t count) {
    tell_words(events, kind, peer, NULL, detail, count);
}

/* The first that is due and waits, from a place on, which is told no more; RD_EVENT_KINDS * RD_EVENT_REASONS: none. */
static int take_rest(struct rd_events *events, int from, int64_t now, struct rd_event_words *words, uint64_t *count) {
    int at = from;
    rd_lock_acquire(&events->lock);
    for (; at < RD_EVENT_KINDS * RD_EVENT_REASONS; at++) {
        struct rd_told *told = &events->told[at / RD_EVENT_REASONS][at % RD_EVENT_REASONS];
        if (told->untold == 0 || !is_due(told, now)) continue;
        *words = told->words;
        *count = told->untold;
        told->untold = 0;
        told->at_ms = now;
        break;
    }
    rd_lock_release(&events->lock);
    return at;
}

void rd_events_tell_rest(struct rd_events *events) {
    if (!events->tell) return;
    int64_t now = rd_monotonic_ms();
    struct rd_event_words words;
    uint64_t count;
    for (int at = 0; (at = take_rest(events, at, now, &words, &count)) < RD_EVENT_KINDS * RD_EVENT_REASONS; at++) {
        tell(events, (enum rd_event_kind)(at / RD_EVENT_REASONS), &words, count);
    }
}
