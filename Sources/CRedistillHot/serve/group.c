/* This file owns the group of connections that share a batch, and the buffer that their replies share. */
#include "serve/group.h"

#include <stddef.h>
#include <stdlib.h>

#include "execute/leave.h"
#include "serve/conn_life.h"
#include "serve/worker.h"

/* Buffers that one unusual request made large go back to this size. */
#define KEEP_REPLY_BYTES (1u << 20)
#define KEEP_ARGS 65536u
/* Those of usual requests, which stay even at rest. */
#define REST_REPLY_BYTES (64u << 10)
#define REST_ARGS 4096u
#define KEEP_REFERENCES 1024u

void rd_group_join(struct rd_worker *worker, struct rd_conn *conn, size_t kept) {
    size_t read_min = worker->read_size / 2 < RD_READ_MIN ? worker->read_size / 2 : RD_READ_MIN;
    bool is_full = worker->group_count == RD_GROUP_MAX || worker->read_size - worker->read_used < kept + read_min;
    /* More than half a batch overlaps its misses well enough, and short buffers stay in the first-level cache. */
    bool is_enough = worker->batch.count * 2 > worker->batch.limit || worker->reply.length > RD_GROUP_REPLIES;
    if (is_full || is_enough) rd_group_finish(worker);
    /* What the last step asked for has come by now; what this one asks for comes while the next socket is read. */
    rd_batch_advance(&worker->batch);
    conn->group_index = (uint8_t)worker->group_count;
    worker->group[worker->group_count++] = (struct rd_group_member){.conn = conn};
}

/* The reply under way is cut off, and its connection is closed; the others of the group get theirs. */
static void cut_reply(struct rd_worker *worker) {
    struct rd_reply *reply = &worker->reply;
    struct rd_group_member *member = &worker->group[worker->answering];
    if (reply->too_long && !member->conn->dead) rd_conn_close_for_output(member->conn);
    rd_conn_break(member->conn);
    rd_reply_truncate(reply, member->reply_start, member->blob_start);
    reply->failed = reply->too_long = false;
}

void rd_group_reply_to(struct rd_worker *worker, struct rd_conn *conn) {
    struct rd_group_member *member = &worker->group[conn->group_index];
    worker->reply.protocol = conn->protocol;
    if (member->replied) return;
    if (__builtin_expect(worker->reply.failed, 0)) cut_reply(worker);
    member->replied = true;
    member->reply_start = worker->reply.length;
    member->blob_start = worker->reply.blob_count;
    worker->answering = conn->group_index;
}

static struct rd_worker *worker_of(const struct rd_reply_owner *owner) {
    return (struct rd_worker *)((char *)owner - offsetof(struct rd_worker, reply_owner));
}

static size_t most_of_reply(const struct rd_reply_owner *owner) {
    const struct rd_worker *worker = worker_of(owner);
    if (worker->group_count == 0) return 0;
    const struct rd_group_member *member = &worker->group[worker->answering];
    uint64_t limit = rd_conn_reply_limit(member->conn);
    return limit ? member->reply_start + member->blob_start * sizeof(struct rd_reply_blob) + limit : 0;
}

/* What else its client has sent is not executed. */
static void stop_answering(struct rd_reply_owner *owner) {
    struct rd_worker *worker = worker_of(owner);
    struct rd_conn *conn = worker->group[worker->answering].conn;
    if (worker->group_count && !rd_conn_is_silent(conn)) conn->closing = true;
}

void rd_group_init(struct rd_worker *worker) {
    worker->reply_owner = (struct rd_reply_owner){most_of_reply, stop_answering};
    worker->reply.owner = &worker->reply_owner;
    worker->reply.errors = &worker->loop.counters.errors;
    worker->reply.error_codes = &worker->error_codes;
}

void rd_group_flush(struct rd_worker *worker) {
    struct rd_reply *reply = &worker->reply;
    rd_batch_run(worker);
    if (__builtin_expect(reply->failed, 0)) cut_reply(worker);
    size_t end = reply->length;
    uint32_t blob_end = reply->blob_count;
    /* Members that replied did so in the order of the group; from the back, each ends where the next begins. */
    for (uint32_t i = worker->group_count; i-- > 0;) {
        struct rd_group_member *member = &worker->group[i];
        if (!member->replied) continue;
        size_t start = member->reply_start;
        uint32_t blob_start = member->blob_start;
        size_t most = member->sent < RD_TURN_BYTES ? RD_TURN_BYTES - member->sent : 0;
        member->sent += rd_conn_send(member->conn, reply, (struct rd_reply_walk){start, end, blob_start, blob_end, 0}, most);
        member->replied = false;
        end = start;
        blob_end = blob_start;
    }
    rd_reply_truncate(reply, 0, 0);
}

/* Those that are larger go; whoever needs them again has them anew. */
static void shrink_buffers(struct rd_worker *worker, size_t reply_bytes, uint32_t args) {
    struct rd_reply *reply = &worker->reply;
    rd_reply_shrink(reply, reply_bytes);
    if (reply->blob_capacity > KEEP_REFERENCES) {
        free(reply->blobs);
        reply->blobs = NULL;
        reply->blob_capacity = 0;
    }
    if (worker->batch.args.capacity > args) rd_args_free(&worker->batch.args);
}

void rd_group_rest(struct rd_worker *worker) {
    shrink_buffers(worker, REST_REPLY_BYTES, REST_ARGS);
    uint64_t bytes = sizeof *worker + worker->read_size + worker->reply.capacity;
    bytes += worker->reply.blob_capacity * sizeof worker->reply.blobs[0];
    bytes += worker->batch.args.capacity * sizeof worker->batch.args.at[0];
    bytes += worker->loop.ready_capacity * sizeof worker->loop.ready[0];
    rd_counter_set(&worker->loop.counters.buffer_bytes, bytes);
}

void rd_group_finish(struct rd_worker *worker) {
    rd_group_flush(worker);
    for (uint32_t i = 0; i < worker->group_count; i++) {
        struct rd_conn *conn = worker->group[i].conn;
        if (conn->closing && rd_conn_may_leave(conn)) rd_conn_leave(conn);
        if (conn->left && rd_conn_is_done(conn)) rd_conn_close(conn);
    }
    worker->group_count = 0;
    worker->read_used = 0;
    shrink_buffers(worker, KEEP_REPLY_BYTES, KEEP_ARGS);
}
