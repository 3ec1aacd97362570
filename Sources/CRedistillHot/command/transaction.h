/*
 * This file owns a connection's transaction: the commands queued since MULTI, and the keys watched. It hangs at its
 * connection only while one of the two is in force, and belongs to the connection's worker.
 * Source: https://redis.io/docs/latest/develop/using-commands/transactions/
 */
#ifndef RD_TRANSACTION_H
#define RD_TRANSACTION_H

#include "call/command.h"
#include "serve/conn.h"
#include "observe/watch.h"

/* A command with its arguments' bytes behind argv. A large argument stays in the blob that it was received into. */
struct rd_queued {
    struct rd_queued *next;
    const struct rd_command *command;
    struct rd_received *received; /* owned; NULL: all arguments lie behind argv */
    struct rd_shard *shard; /* of the first key; NULL: without one, or not looked for yet */
    uint64_t hash;
    uint32_t argc;
    uint32_t number;        /* of the command, see rd_command_number */
    size_t reply_at;        /* where the answer of one that runs after the others belongs */
    struct rd_slice argv[];
};

/* A key of WATCH. */
struct rd_watch {
    struct rd_interest *interest; /* NULL: a free slot */
    uint64_t seen;                /* its count of changes when the watch began */
};

/* By the keys' hashes, open addressing, at most half full: a key that is watched twice is one watch. */
struct rd_watches {
    struct rd_watch *slots;
    uint32_t capacity;            /* a power of two, or 0 */
    uint32_t count;
};

struct rd_transaction {
    bool queueing;           /* between MULTI and EXEC or DISCARD */
    bool writes;             /* a queued command does */
    bool spoiled;            /* a command could not be queued: EXEC will refuse */
    uint32_t count;
    struct rd_queued *first, *last;
    uint64_t bytes;          /* of all that is queued and watched */
    uint64_t blob_bytes;     /* of the store: arguments that stay in the blobs that they came in */
    struct rd_watches watches;
};

/* The connection's transaction, made when there is none; NULL when memory is out. */
struct rd_transaction *rd_transaction_of(struct rd_conn *conn);
/* Forgets all: what is queued, and the watches, whose shards are locked one by one. Nothing to forget is fine. */
void rd_transaction_end(struct rd_conn *conn);
/* Watches a key from now on, unless it does already. */
RD_MUST_USE enum rd_status rd_transaction_watch(const struct rd_call *call, struct rd_slice key);
/* Did a watched key change, or has it expired unseen? With the shards of all of them locked. */
bool rd_transaction_is_touched(const struct rd_call *call);
/* Nobody is shown any more that the connection watches; its watches go with the transaction. */
void rd_transaction_hide_watches(struct rd_conn *conn);

/* Counts bytes that the transaction now holds; the connection is closed when they are too many. */
void rd_transaction_count(struct rd_conn *conn, uint64_t bytes);

/* Is more in use than the limit allows, and nothing may be evicted? */
bool rd_transaction_is_out_of_memory(const struct rd_call *call);

/* Is this command one to be queued rather than run? The connection has a transaction. */
bool rd_transaction_takes(const struct rd_call *call);
/* Queues the call and replies so; refuses it when it is not allowed, or memory is out. */
void rd_transaction_queue(struct rd_call *call);
/* A command was refused: while queueing, EXEC will then run nothing. */
void rd_transaction_spoil(struct rd_conn *conn);

#endif
