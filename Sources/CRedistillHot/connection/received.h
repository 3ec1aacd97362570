/*
 * This file owns the large arguments of one request, each received into a blob of its own: which ones they are, and
 * whose their blobs are. It alone says where the bytes of an argument lie.
 */
#ifndef RD_RECEIVED_H
#define RD_RECEIVED_H

#include "memory/blob.h"

/* Where the bytes of an argument lie, and who frees them. */
enum rd_argument_place {
    RD_IN_BUFFER, /* in the worker's read buffer, the input's, or a transaction's: lent for the call, nobody's to free */
    RD_IN_BLOB,   /* in a blob of the argument's own, which is released with the request unless somebody takes it */
    RD_TAKEN,     /* in such a blob, but its taker's, who may have freed it: the bytes are not to be read */
};

struct rd_received_blob {
    struct rd_blob *blob; /* owned; NULL: taken */
    uint32_t argument;
};

/* All zero: all arguments lie in a buffer. */
struct rd_received {
    struct rd_received_blob *blobs; /* in the order of their arguments */
    uint32_t count;
    bool refused;                   /* an argument was not kept, and an empty one stands for it: the request is an error */
    bool denied;                    /* so, since the request was not to be made by then */
    uint64_t bytes;                 /* that the blobs take in the store; those that were taken count no more */
};

/* NULL stands for a request all of which lies in a buffer. */
enum rd_argument_place rd_received_place(const struct rd_received *received, uint32_t argument);

/* The argument, the last one so far, lies in this blob, which is the request's from now on; unless memory is out. */
RD_MUST_USE enum rd_status rd_received_add(struct rd_received *received, struct rd_blob *blob, uint32_t argument);

/* The blob that the argument lies in, the caller's from now on; NULL when it lies in a buffer. */
struct rd_blob *rd_received_take(struct rd_received *received, uint32_t argument);

/* All blobs change hands, to one that has none; their bytes stay where they are. */
void rd_received_give(struct rd_received *from, struct rd_received *to);

/* The request is over: releases what nobody has taken. */
void rd_received_end(struct rd_received *received);

#endif
