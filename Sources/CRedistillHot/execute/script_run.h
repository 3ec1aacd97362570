/*
 * This file owns the run of a script: the locks that it holds from its beginning to its end, so that it is one moment for
 * everybody else, and the commands that it calls. What it does in between is the control plane's.
 */
#ifndef RD_SCRIPT_RUN_H
#define RD_SCRIPT_RUN_H

#include "call/command.h"
#include "resp/reply.h"
#include "store/store.h"

/* Lives for the callback, on the stack of its long call. */
struct rd_script_run {
    struct rd_call *call;     /* EVAL, or one of its like */
    struct rd_key_range keys; /* of it */
    struct rd_reply *scratch; /* what its commands reply; the long call's */
    struct rd_reply_owner owner; /* of that */
    uint64_t reply_limit;     /* bytes of it, 0 = any */
    char *joined;             /* owned: such a reply with large values copied in; NULL mostly */
    bool began;
    bool only_reads;
    bool allow_oom;
    bool crosses_slots;       /* of a cluster: its commands may touch keys of several */
    int32_t slot;             /* else of these keys, as far as known; -1: not yet */
    uint8_t database;         /* that the client had chosen: a script's SELECT is its own */
    bool has_all;             /* shards, or at least of EXEC's commands all that there may be */
    struct rd_shard_set set;  /* of the shards, unless it has all */
};

/* Asks the control plane, which replies. */
void rd_script_ask(struct rd_call *call, const struct rd_script_request *request);

void rd_script_run_init(struct rd_script_run *run, struct rd_call *call);
/* Gives back the locks, and what it has taken. */
void rd_script_run_end(struct rd_script_run *run);

#endif
