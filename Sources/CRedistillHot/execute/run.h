/* This file owns running a handler: with the lock of its key's shard, remembered by who tracks keys. */
#ifndef RD_RUN_H
#define RD_RUN_H

#include "call/handler.h"
#include "connection/conn.h"

/* The handler of a call of one key, for a connection that tracks keys. */
void rd_run_tracked(struct rd_call *call);

/* Runs a call that EXEC has kept, counted and told of like any other. */
void rd_run_queued(struct rd_call *call);

static inline void rd_run(struct rd_call *call) {
    if (!(call->command->flags & RD_CMD_ONE_KEY)) {
        call->command->handler(call);
        return;
    }
    if (__builtin_expect(!call->shard, 0)) { /* the key of a subcommand, which the batch has not looked for */
        call->hash = rd_store_hash(call->store, call->argv[call->command->first_key]);
        call->shard = rd_store_shard(call->store, call->hash);
    }
    if (__builtin_expect(!rd_call_lock(call, call->shard), 0)) {
        rd_reply_busy(call->reply);
        return;
    }
    if (__builtin_expect(call->conn->tracker != NULL, 0)) rd_run_tracked(call);
    else call->command->handler(call);
    rd_call_unlock(call, call->shard);
}

#endif
