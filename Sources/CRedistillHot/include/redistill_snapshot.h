/* redistill_snapshot.h: what the control plane asks of snapshots. There are some where rd_options.snapshot_path says where. */
#ifndef REDISTILL_SNAPSHOT_H
#define REDISTILL_SNAPSHOT_H

#include "redistill_hot.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rd_snapshot_facts {
    bool is_on;           /* rd_options.snapshot_path was given; else all is zero */
    bool is_loading, is_saving, has_failed; /* the last: the last one that was to be written */
    int64_t saved_s;      /* Unix time of the last one that went well; before it, of the start */
    int64_t took_ms;      /* of the last one; -1: there was none */
    int64_t now_ms;       /* for so long one is being written; -1: none is */
    uint64_t saves, failures;
    uint64_t keys_saved, bytes_saved; /* of the last one that went well */
    uint64_t keys_now;    /* of what is being written, or loaded */
    uint64_t loaded, load_expired, load_left_out; /* keys; the last two were not loaded */
};
/* Any thread. */
void rd_server_snapshot_facts(const struct rd_server *server, struct rd_snapshot_facts *facts);
/* Begins to write one. Any thread. RD_ERR_STATE: one is under way, or there are none; RD_ERR_THREAD. */
RD_MUST_USE enum rd_status rd_server_save(struct rd_server *server);

#ifdef __cplusplus
}
#endif

#endif
