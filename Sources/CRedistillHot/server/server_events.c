/* This file owns telling the control plane of events: of each kind at most one a second, with their number. */
#include "server/server.h"

#define TELL_EVERY_MS 1000

static void tell(const struct rd_server *server, enum rd_event_kind kind, const char *peer, const char *detail,
                 uint64_t count) {
    struct rd_event event = {kind, peer ? peer : "", detail ? detail : "", count};
    server->callbacks.event(server->callbacks.context, &event);
}

void rd_server_tell(struct rd_server *server, enum rd_event_kind kind, const char *peer, const char *detail) {
    rd_server_tell_many(server, kind, peer, detail, 1);
}

void rd_server_tell_many(struct rd_server *server, enum rd_event_kind kind, const char *peer, const char *detail,
                         uint64_t count) {
    if (!server->callbacks.event) return;
    struct rd_told *told = &server->told[kind];
    int64_t now = rd_monotonic_ms(), last = atomic_load(&told->at_ms);
    /* Of several threads that find the second over, one tells. */
    if ((last && now - last < TELL_EVERY_MS) || !atomic_compare_exchange_strong(&told->at_ms, &last, now)) {
        atomic_fetch_add(&told->untold, count);
        return;
    }
    tell(server, kind, peer, detail, atomic_exchange(&told->untold, 0) + count);
}

void rd_server_tell_rest(struct rd_server *server) {
    if (!server->callbacks.event) return;
    int64_t now = rd_monotonic_ms();
    for (enum rd_event_kind kind = 0; kind < RD_EVENT_KINDS; kind++) {
        struct rd_told *told = &server->told[kind];
        int64_t last = atomic_load(&told->at_ms);
        if (atomic_load(&told->untold) == 0 || now - last < TELL_EVERY_MS) continue;
        if (!atomic_compare_exchange_strong(&told->at_ms, &last, now)) continue;
        uint64_t count = atomic_exchange(&told->untold, 0);
        if (count) tell(server, kind, NULL, NULL, count);
    }
}
