/* This file owns beginning and ending a pause of clients. */
#include "connection/pause.h"

enum rd_pause_mode rd_pause_mode_at(const struct rd_pause *pause, int64_t now_ms) {
    int64_t until = atomic_load_explicit(&pause->until_ms, memory_order_relaxed);
    if (until <= now_ms) return RD_PAUSE_NONE;
    return atomic_load_explicit(&pause->mode, memory_order_relaxed);
}

void rd_pause_begin(struct rd_pause *pause, int64_t now_ms, int64_t until_ms, enum rd_pause_mode mode) {
    if (rd_pause_mode_at(pause, now_ms) < mode) atomic_store(&pause->mode, mode);
    if (atomic_load(&pause->until_ms) < until_ms) atomic_store(&pause->until_ms, until_ms);
}

void rd_pause_end(struct rd_pause *pause) {
    atomic_store(&pause->until_ms, 0);
    atomic_store(&pause->mode, RD_PAUSE_NONE);
}
