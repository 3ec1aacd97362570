/* This file owns the beginning and end of access to many keys. */
#include "command/multi.h"

#include <stdlib.h>

#include "call/handler.h"
#include "observe/tracking.h"

bool rd_multi_begin(struct rd_multi *multi, const struct rd_call *call) {
    struct rd_key_range keys = rd_command_keys(call->command, call->argv, call->argc);
    multi->store = call->store;
    multi->call = call;
    multi->locked = call->in_exec;
    multi->count = keys.count;
    multi->space = rd_call_space(call);
    multi->hashes = multi->few;
    if (multi->count > RD_MULTI_INLINE) {
        multi->hashes = malloc(multi->count * sizeof *multi->hashes);
        if (!multi->hashes) {
            rd_reply_oom(call->reply);
            return false;
        }
    }
    rd_shard_set_clear(call->store, &multi->set);
    for (uint32_t i = 0; i < multi->count; i++) {
        uint64_t hash = rd_store_hash(call->store, call->argv[rd_key_place(&keys, i)]);
        multi->hashes[i] = hash;
        rd_shard_set_add(call->store, &multi->set, hash);
        const struct rd_table *table = rd_shard_table(rd_store_shard(call->store, hash), multi->space);
        if (table) rd_table_prefetch(table, hash);
    }
    if (!multi->locked && !rd_store_lock_set(call->store, &multi->set)) {
        rd_reply_busy(call->reply);
        if (multi->hashes != multi->few) free(multi->hashes);
        return false;
    }
    if (call->conn->tracker) rd_tracking_enter(call, keys, multi->hashes);
    return true;
}

void rd_multi_end(struct rd_multi *multi) {
    if (multi->call->conn->tracker) rd_tracking_leave(multi->call);
    if (!multi->locked) rd_store_unlock_set(multi->store, &multi->set);
    if (multi->hashes != multi->few) free(multi->hashes);
}
