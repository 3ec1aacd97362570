/*
 * This file owns the batch: up to a few dozen commands of one or several reads that go through hashing, prefetching
 * and execution together, so that their cache misses overlap. It is the only way a command is run.
 *
 *   scan --push--> [hash, ask for the bucket's line] --run--> [look at the tags, ask for the entry's lines]
 *        --> execute in order, replies into the worker's buffer
 */
#ifndef RD_BATCH_H
#define RD_BATCH_H

#include "command.h"
#include "resp.h"

#define RD_BATCH_MAX 256

/* One scanned command: its arguments are args.at[first_arg ..]. */
struct rd_request {
    struct rd_conn *conn;
    const struct rd_command *command; /* NULL: unknown */
    struct rd_shard *shard;           /* of the first key; NULL without one */
    uint64_t hash;
    uint32_t first_arg, argc;
    struct rd_input *input;           /* where its large arguments are; NULL mostly */
};

struct rd_batch {
    uint32_t count;
    uint32_t limit;          /* run at the latest when so many are there */
    uint32_t keyed;          /* of them with a shard */
    struct rd_args args;
    struct rd_request requests[RD_BATCH_MAX];
};

/* Adds the command that the arguments from first_arg to the end of args are. The batch must not be full. */
void rd_batch_push(struct rd_worker *worker, struct rd_conn *conn, uint32_t first_arg, struct rd_input *input);

/* Executes what is in the batch, in order, and empties it. */
void rd_batch_run(struct rd_worker *worker);

static inline bool rd_batch_is_full(const struct rd_batch *batch) {
    return batch->count >= batch->limit;
}

#endif
