/*
 * This file owns what a slow peer has not taken yet: a queue of bytes and blob references that hangs at its
 * connection only while there is something in it.
 */
#ifndef RD_OUTPUT_H
#define RD_OUTPUT_H

#include <sys/uio.h>

#include "memory/blob.h"
#include "resp/reply.h"

struct rd_output_piece {
    struct rd_output_piece *next;
    struct rd_blob *blob; /* one reference; NULL: the bytes are in this piece */
    size_t offset;        /* in the blob */
    size_t length;
    uint8_t drawing;      /* of the blob's items, see rd_reply_blob; they are drawn when the piece is the first */
    char bytes[];
};

struct rd_output {
    struct rd_output_piece *first, *last;
    size_t sent;           /* bytes of the first piece that are gone */
    uint64_t waiting;      /* bytes in the queue, blobs included */
    uint64_t memory;       /* bytes of the heap that the queue takes: blobs are the store's */
    uint64_t references;   /* bytes of the blobs, those that are sent included until their piece is gone */
    uint32_t pieces;
    int64_t soft_since;    /* monotonic ms when the soft limit was passed; 0 = it is not */
};

struct rd_output *rd_output_new(void);
void rd_output_free(struct rd_output *output);
/* Copies bytes, or retains the blob for a part of it. RD_ERR_NO_MEMORY: nothing was added. */
RD_MUST_USE enum rd_status rd_output_append(struct rd_output *output, const char *bytes, size_t length);
RD_MUST_USE enum rd_status rd_output_append_blob(struct rd_output *output, const struct rd_reply_part *part);
/* At most `bytes` of the front of the queue as at most `most` vectors; returns how many, -1 when the heap is out. */
int rd_output_vectors(struct rd_output *output, struct iovec *vectors, int most, size_t bytes);
/* That many bytes from the front were sent. */
void rd_output_consume(struct rd_output *output, size_t bytes);

#endif
