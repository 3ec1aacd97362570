/* This file owns the way from a scanned command to its handler: authentication gate, arity, subcommand, shard lock. */
#ifndef RD_DISPATCH_H
#define RD_DISPATCH_H

#include "serve/batch.h"

/* Executes one request of the batch; its reply is appended to the worker's reply buffer. */
void rd_dispatch(struct rd_worker *worker, const struct rd_request *request);

/* Tells of a request that was a batch of its own and took this long. Its arguments are still there. */
void rd_dispatch_slow(struct rd_worker *worker, const struct rd_request *request, int64_t ns);

#endif
