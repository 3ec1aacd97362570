/* This file owns what commands do with a connection's transaction (connection/transaction.h): queueing, watching. */
#ifndef RD_TRANSACTION_H
#define RD_TRANSACTION_H

#include "call/command.h"
#include "call/placement.h"
#include "connection/conn.h"
#include "connection/transaction.h"
#include "observe/watch.h"

/* The connection's transaction, made when there is none; NULL when memory is out. */
struct rd_transaction *rd_transaction_of(struct rd_conn *conn);
/* Forgets all: what is queued, and the watches, whose shards are locked one by one. Nothing to forget is fine. */
void rd_transaction_end(struct rd_conn *conn);
/* The same while a script runs for too long: watches, which it may hold, stay until the client goes on, and say nothing. */
void rd_transaction_drop(struct rd_conn *conn);
/* Watches a key of the client's database from now on, unless it does already. RD_ERR_STATE: a script keeps its shard. */
RD_MUST_USE enum rd_status rd_transaction_watch(const struct rd_call *call, struct rd_slice name);
/* Did a watched key change, has it expired unseen, or is it another node's now? With the shards of all of them locked. */
bool rd_transaction_is_touched(const struct rd_call *call);
/* Nobody is shown any more that the connection watches; its watches go with the transaction. */
void rd_transaction_hide_watches(struct rd_conn *conn);

/* Is more in use than the limit allows, and nothing may be evicted? */
bool rd_transaction_is_out_of_memory(const struct rd_call *call);

/* Where the keys are of all that is queued, which have to be in one slot; there is a cluster. */
struct rd_placement rd_transaction_placement(const struct rd_conn *conn);

/* Between MULTI and EXEC or DISCARD? */
static inline bool rd_transaction_is_open(const struct rd_conn *conn) {
    return conn->transaction && conn->transaction->queueing;
}

/* Is this command one to be queued rather than run? The connection has a transaction. */
bool rd_transaction_takes(const struct rd_call *call);
/* Queues the call and replies so; refuses it when it is not allowed, or memory is out. */
void rd_transaction_queue(struct rd_call *call);
/* A command was refused: while queueing, EXEC will then run nothing. */
void rd_transaction_spoil(struct rd_conn *conn);

#endif
