/* This file owns CLIENT PAUSE: until when, and for which commands, clients have to wait. */
#ifndef RD_PAUSE_H
#define RD_PAUSE_H

#include <stdatomic.h>
#include <stdint.h>

enum rd_pause_mode {
    RD_PAUSE_NONE = 0,
    RD_PAUSE_WRITES,
    RD_PAUSE_ALL,
};

struct rd_pause {
    _Atomic int64_t until_ms;  /* monotonic; 0 = not paused */
    _Atomic uint8_t mode;      /* enum rd_pause_mode */
};

/* Prolongs a pause, or makes it stricter, as Redis does: never shortens or loosens one. */
void rd_pause_begin(struct rd_pause *pause, int64_t now_ms, int64_t until_ms, enum rd_pause_mode mode);
void rd_pause_end(struct rd_pause *pause);
enum rd_pause_mode rd_pause_mode_at(const struct rd_pause *pause, int64_t now_ms);

#endif
