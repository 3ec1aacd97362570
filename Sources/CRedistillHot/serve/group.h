/*
 * This file owns the group of connections that are read, executed and answered together: their commands share a batch,
 * their replies one buffer. All of it runs on the worker's thread.
 */
#ifndef RD_GROUP_H
#define RD_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd_conn;
struct rd_worker;

/* Connections whose reads share one batch. More would only delay the first one's reply. */
#define RD_GROUP_MAX 16
/* Bytes of replies after which a group is finished. */
#define RD_GROUP_REPLIES (8u << 10)
/* A read is only begun with this much room in the read buffer. */
#define RD_READ_MIN (16u << 10)

/* A connection in the group being served, and where its replies start in the reply buffer. */
struct rd_group_member {
    struct rd_conn *conn;
    bool replied; /* what follows is set */
    size_t sent;  /* in this turn */
    size_t reply_start;
    uint32_t blob_start;
};

/* The reply buffer is bounded, and counts its errors, for whom it answers. */
void rd_group_init(struct rd_worker *worker);

/* Adds a connection to the group being served; a full group, or one without room to read, is finished first. */
void rd_group_join(struct rd_worker *worker, struct rd_conn *conn, size_t kept);

/* The replies appended from now on are this connection's. It is in the group, behind whoever replied before. */
void rd_group_reply_to(struct rd_worker *worker, struct rd_conn *conn);

/* Runs the batch and sends all replies; the group and what was read stay. */
void rd_group_flush(struct rd_worker *worker);

/* Flushes, closes the connections that are to be closed, and empties the group and the read buffer. */
void rd_group_finish(struct rd_worker *worker);

/* Gives up buffers that some request made large, and counts those that there are. Outside any group. */
void rd_group_rest(struct rd_worker *worker);

#endif
