/* redistill_hot_keys.h: the heaviest keys, as HOTKEYS finds them. */
#ifndef REDISTILL_HOT_KEYS_H
#define REDISTILL_HOT_KEYS_H

#include "redistill_hot.h"

#ifdef __cplusplus
extern "C" {
#endif

/* By what HOTKEYS finds the heaviest keys. */
enum rd_hot_metric {
    RD_HOT_TIME,  /* ns that their commands took */
    RD_HOT_BYTES, /* of requests and replies */
    RD_HOT_METRICS
};
struct rd_key_weight {
    char key[RD_SLOW_KEY_SIZE]; /* any bytes; its beginning, when it is longer */
    size_t key_length;
    uint64_t weight;            /* at least; in the metric's unit */
};
/* The search that HOTKEYS START began. */
struct rd_hot_search {
    bool active;
    int64_t duration_ms;
    uint64_t totals[RD_HOT_METRICS]; /* of all commands with keys; 0 where that is not looked for */
    uint32_t counts[RD_HOT_METRICS]; /* of the keys that were filled in */
};
/*
 * Fills in at most `capacity` keys by time and as many by bytes, the heaviest first. False: there was no search, or there
 * is no memory. Any thread that holds no lock of the server.
 */
bool rd_server_hot_keys(struct rd_server *server, struct rd_hot_search *search, struct rd_key_weight *by_time,
                        struct rd_key_weight *by_bytes, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
