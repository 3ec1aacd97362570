/*
 * This file owns the batch: up to a few dozen commands of one or several reads that go through hashing, prefetching
 * and execution together, so that their cache misses overlap. It is the only way a command is run.
 *
 *   scan --push--> [hash, ask for the bucket's line] ... a few commands later ... [look at its tags, ask for the
 *   entry's lines] ... --run--> execute in order, replies into the worker's buffer
 *
 * The two requests to memory are spread among the scanning of other commands, and reads of the socket, rather than
 * made in bursts: a core can wait for one or two dozen lines at a time, and stalls when it asks for more.
 */
#ifndef RD_BATCH_H
#define RD_BATCH_H

#include "call/index.h"
#include "resp/resp.h"

struct rd_worker;

#define RD_BATCH_MAX 256
/* Of a lookup's way through memory. */
#define RD_BATCH_STEPS 4

/* One scanned command: its arguments are args.at[first_arg ..]. */
struct rd_request {
    struct rd_conn *conn;
    const struct rd_command *command; /* NULL: unknown */
    struct rd_shard *shard;           /* of the first key; NULL without one */
    struct rd_table *table;           /* where the key is likely to be: only to ask for its lines. NULL: nowhere */
    uint64_t hash;
    uint32_t first_arg, argc;
    uint32_t guess;                   /* the entry that the hash most likely means, 0 for none */
    uint32_t number;                  /* of the command in the index */
    struct rd_received *received;     /* its large arguments; NULL where it lies in the read buffer */
};

struct rd_batch {
    uint32_t count;
    uint32_t limit;          /* run at the latest when so many are there */
    uint32_t until;          /* that, or fewer, when the last one is to run before more is looked at */
    uint32_t stepped[RD_BATCH_STEPS]; /* of them, how many have taken each step */
    struct rd_command_memo memo;
    struct rd_args args;
    struct rd_request requests[RD_BATCH_MAX];
};

/* Takes over RD_SET_BATCH_SIZE; on the worker's thread between batches, or before it starts. */
void rd_batch_apply_size(struct rd_worker *worker);

/* Adds the command that the arguments from first_arg to the end of args are. The batch must not be full. */
void rd_batch_push(struct rd_worker *worker, struct rd_conn *conn, uint32_t first_arg,
                   struct rd_received *received);

/* Brings every command a step on its way through memory; worth it before something slow, such as a read. */
void rd_batch_advance(struct rd_batch *batch);

/* Executes what is in the batch, in order, and empties it. */
void rd_batch_run(struct rd_worker *worker);

static inline bool rd_batch_is_full(const struct rd_batch *batch) {
    return batch->count >= batch->until;
}

#endif
