/* This file owns what the control plane is told of hot keys. */
#include <stdlib.h>
#include <string.h>

#include "server/server.h"

static void describe(const struct rd_hot_key *key, struct rd_key_weight *told) {
    told->weight = key->weight;
    told->key_length = key->kept < sizeof told->key ? key->kept : sizeof told->key;
    memcpy(told->key, key->bytes, told->key_length);
}

bool rd_server_hot_keys(struct rd_server *server, struct rd_hot_keys_told *told) {
    struct rd_hot_report *report;
    if (rd_hot_keys_report(&server->workers[0].loop, &report) != RD_OK) return false;
    *told = (struct rd_hot_keys_told){.active = report->active, .duration_ms = report->duration_ms};
    for (enum rd_hot_metric metric = 0; metric < RD_HOT_METRICS; metric++) {
        uint32_t count = report->counts[metric] < RD_HOT_KEYS_TOLD ? report->counts[metric] : RD_HOT_KEYS_TOLD;
        told->totals[metric] = report->totals[metric];
        told->counts[metric] = count;
        for (uint32_t i = 0; i < count; i++) describe(&report->keys[metric][i], &told->keys[metric][i]);
    }
    free(report);
    return true;
}
