/*
 * This file owns what a connection has queued since MULTI, and which keys it watches: it hangs at its connection only
 * while one of the two is in force, and belongs to the connection's thread. What is done with it is a command's
 * (execute/transaction.h).
 * Source: https://redis.io/docs/latest/develop/using-commands/transactions/
 */
#ifndef RD_CONNECTION_TRANSACTION_H
#define RD_CONNECTION_TRANSACTION_H

#include "redistill_hot.h"

struct rd_command;
struct rd_conn;
struct rd_received;
struct rd_shard;
struct rd_watched;

/* A command with its arguments' bytes behind argv. A large argument stays in the blob that it was received into. */
struct rd_queued {
    struct rd_queued *next;
    const struct rd_command *command;
    struct rd_received *received; /* owned; NULL: all arguments lie behind argv */
    struct rd_shard *shard; /* of the first key; NULL: without one, or not looked for yet */
    uint64_t hash;
    uint32_t argc;
    uint32_t number;        /* of the command in the index */
    size_t reply_at;        /* where the answer of one that runs after the others belongs */
    struct rd_slice argv[];
};

/* A key of WATCH. */
struct rd_watch {
    struct rd_watched *watched; /* NULL: a free slot */
    uint64_t seen;              /* its count of changes when the watch began */
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
    bool runs_scripts;       /* likewise */
    bool spoiled;            /* a command could not be queued: EXEC will refuse */
    bool asked;              /* all that it watches was watched by who had said ASKING */
    bool dropped;            /* it is over; only its watches are left, which could not be forgotten then */
    uint32_t count;
    struct rd_queued *first, *last;
    uint64_t bytes;          /* of all that is queued and watched */
    uint64_t blob_bytes;     /* of the store: arguments that stay in the blobs that they came in */
    struct rd_watches watches;
};

#endif
