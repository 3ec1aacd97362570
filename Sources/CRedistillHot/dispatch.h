/* This file owns the way from a scanned command to its handler: authentication gate, arity, subcommand, shard lock. */
#ifndef RD_DISPATCH_H
#define RD_DISPATCH_H

#include "batch.h"

/* Executes one request of the batch; its reply is appended to the worker's reply buffer. */
void rd_dispatch(struct rd_worker *worker, const struct rd_request *request);

#endif
