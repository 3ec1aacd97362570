/* This file owns the writing of a whole snapshot, on a thread of its own. */
#ifndef RD_SNAPSHOT_WRITE_H
#define RD_SNAPSHOT_WRITE_H

#include <stdatomic.h>

#include "store/store.h"

struct rd_snapshot_result {
    uint64_t keys, bytes;
    unsigned version;     /* of the file */
    int error;            /* errno; 0: none */
    const char *what;     /* what failed, terminated and static; NULL: nothing did */
    bool is_cancelled;
};

/*
 * Writes what the store has to the path. `cancelled` ends it early, `keys` counts on the way. False: the file that was
 * there is as it was.
 */
bool rd_snapshot_write(struct rd_store *store, const char *path, const _Atomic bool *cancelled, _Atomic uint64_t *keys,
                       struct rd_snapshot_result *result);

#endif
