/* This file owns what the control plane is told of hot keys. */
#include <stdlib.h>
#include <string.h>

#include "server/server.h"

static void describe(const struct rd_hot_key *key, struct rd_key_weight *told) {
    told->weight = key->weight;
    told->key_length = key->kept < sizeof told->key ? key->kept : sizeof told->key;
    memcpy(told->key, key->bytes, told->key_length);
}

bool rd_server_hot_keys(struct rd_server *server, struct rd_hot_search *search, struct rd_key_weight *by_time,
                        struct rd_key_weight *by_bytes, size_t capacity) {
    struct rd_key_weight *told[RD_HOT_METRICS] = {[RD_HOT_TIME] = by_time, [RD_HOT_BYTES] = by_bytes};
    struct rd_hot_report *report;
    if (rd_hot_keys_report(&server->workers[0].loop, &report) != RD_OK) return false;
    *search = (struct rd_hot_search){.active = report->active, .duration_ms = report->duration_ms};
    for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
        uint32_t count = report->counts[metric] < capacity ? report->counts[metric] : (uint32_t)capacity;
        search->totals[metric] = report->totals[metric];
        search->counts[metric] = count;
        for (uint32_t i = 0; i < count; i++) describe(&report->keys[metric][i], &told[metric][i]);
    }
    free(report);
    return true;
}
