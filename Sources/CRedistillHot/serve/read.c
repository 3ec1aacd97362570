/*
 * This file owns one turn of a readable connection: what is read, and where to.
 *
 * Mostly a read ends with a whole request, and everything happens in the worker's read buffer. What else may be in hand
 * is its input (connection/input.h), whose state says where the next bytes go.
 */
#include "serve/read.h"

#include <string.h>

#include "serve/conn_proxy.h"
#include "serve/greeting.h"
#include "serve/group.h"
#include "serve/request.h"
#include "serve/worker.h"
#include "store/room.h"

/* One read of a large argument, so that others are served in between. */
#define BULK_READ_MAX (1u << 20)

/* Reads and does the bookkeeping that every read has. */
static ssize_t read_socket(struct rd_conn *conn, char *bytes, size_t room) {
    struct rd_worker *worker = rd_worker_of(conn);
    ssize_t count = conn->transport->read(conn, bytes, room);
    if (count > 0) {
        rd_counter_add(&worker->loop.counters.reads, 1);
        rd_counter_add(&worker->loop.counters.bytes_in, (uint64_t)count);
        rd_counter_add(&conn->bytes_in, (uint64_t)count);
        rd_conn_note_activity(conn);
        if (worker->loop.drain_until) conn->drain_reads++;
        return count;
    }
    if (count == RD_IO_AGAIN) {
        if (worker->loop.drain_until) conn->closing = true;
    } else {
        conn->closing = true;
        if (count == RD_IO_FAILED) conn->dead = true;
        else conn->ended = !conn->tls; /* under TLS its end is a record, and others may follow */
        rd_greeting_end(conn);
    }
    return count;
}

/* Scans so many bytes that were put behind what the worker's read buffer holds. There is no input. */
static void scan_buffer(struct rd_conn *conn, size_t length) {
    struct rd_worker *worker = rd_worker_of(conn);
    char *bytes = worker->read_buffer + worker->read_used;
    if (__builtin_expect(bytes[0] != '*', 0) && rd_greeting_takes(conn, bytes, length)) return;
    worker->read_used += length;
    rd_request_scan_buffer(conn, bytes, length);
}

/* Mostly: without an input. */
static void read_into_buffer(struct rd_conn *conn) {
    struct rd_worker *worker = rd_worker_of(conn);
    ssize_t count = read_socket(conn, worker->read_buffer + worker->read_used, worker->read_size - worker->read_used);
    if (count > 0) scan_buffer(conn, (size_t)count);
}

/* START, and HELD unless it is too long: the input goes to the read buffer, in START with more of the socket behind it. */
static void move_into_buffer(struct rd_conn *conn) {
    struct rd_worker *worker = rd_worker_of(conn);
    struct rd_input *input = conn->input;
    char *bytes = worker->read_buffer + worker->read_used;
    size_t length = input->length;
    memcpy(bytes, input->bytes, length);
    if (input->state == RD_INPUT_START) {
        ssize_t count = read_socket(conn, bytes + length, worker->read_size - worker->read_used - length);
        if (count <= 0) return; /* what is kept stays kept */
        length += (size_t)count;
    }
    rd_input_free(input);
    conn->input = NULL;
    scan_buffer(conn, length);
}

/* HELD: the requests that had to wait are scanned, where they are more than the read buffer takes in their own place. */
static void scan_held(struct rd_conn *conn) {
    if (conn->input->length <= rd_worker_of(conn)->read_size) {
        move_into_buffer(conn);
        return;
    }
    rd_input_scan_here(conn->input);
    rd_request_scan_input(conn);
}

/* SCAN: more of a request goes behind what there is. */
static void read_into_input(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    size_t room = rd_worker_of(conn)->read_size;
    if (rd_input_reserve(input, room) != RD_OK) {
        rd_conn_break(conn);
        return;
    }
    ssize_t count = read_socket(conn, input->bytes + input->length, room);
    if (count <= 0) return;
    input->length += (size_t)count;
    rd_request_scan_input(conn);
}

/* SKIP: what belongs to a refused argument passes through the worker's buffer. */
static void read_and_skip(struct rd_conn *conn) {
    struct rd_worker *worker = rd_worker_of(conn);
    size_t room = worker->read_size - worker->read_used;
    if (room > conn->input->discard) room = conn->input->discard;
    ssize_t count = read_socket(conn, worker->read_buffer + worker->read_used, room);
    if (count > 0) rd_input_skip(conn->input, (size_t)count);
}

/*
 * May the argument that is being received grow? What has come counts, not what is to come: the store is asked whether
 * it is within its limit. Where the argument has to wait, the next turn asks again.
 */
static bool has_room_for_bulk(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    struct rd_store *store = conn->loop->store;
    if (rd_bulk_has_body(&input->bulk)) return true;
    switch (rd_room_may_receive(store, 0)) {
    case RD_RECEIVE: rd_input_has_room(input); return true;
    case RD_RECEIVE_LATER:
        /* Relief that was asked for and is over could not make the room. */
        if (input->state == RD_INPUT_BULK || atomic_load_explicit(&store->relief, memory_order_relaxed)) break;
        /* fallthrough */
    case RD_RECEIVE_NEVER: rd_input_refuse_bulk(input); return false;
    }
    rd_input_wait_for_room(input);
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
    rd_loop_queue(conn->loop, conn);
    return false;
}

/* BULK and ROOM: more of a large argument goes into its blob. */
static void read_bulk(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    if (!has_room_for_bulk(conn)) return;
    char *room;
    size_t size;
    if (rd_bulk_room(&input->bulk, BULK_READ_MAX, &room, &size) != RD_OK) {
        rd_conn_break(conn);
        return;
    }
    ssize_t count = read_socket(conn, room, size);
    rd_bulk_came(&input->bulk, count > 0 ? (size_t)count : 0);
    if (count <= 0 || rd_request_is_too_long(conn) || !rd_bulk_is_whole(&input->bulk)) return;
    switch (rd_input_end_bulk(input)) {
    case RD_OK: rd_request_scan_input(conn); break;
    case RD_ERR_INVALID: rd_request_refuse(conn, "Protocol error: expected CRLF after bulk"); break;
    default: rd_conn_break(conn);
    }
}

static void go_on(struct rd_conn *conn) {
    switch (conn->input->state) {
    case RD_INPUT_START: move_into_buffer(conn); break;
    case RD_INPUT_SCAN: read_into_input(conn); break;
    case RD_INPUT_BULK:
    case RD_INPUT_ROOM: read_bulk(conn); break;
    case RD_INPUT_SKIP: read_and_skip(conn); break;
    case RD_INPUT_WHOLE: rd_request_scan_input(conn); break;
    case RD_INPUT_HELD: scan_held(conn); break;
    }
    rd_clients_note(conn);
}

/* The answer to a wrong password has waited long enough. */
static void end_auth_hold(struct rd_conn *conn) {
    struct rd_worker *worker = rd_worker_of(conn);
    rd_auth_guard_release(&worker->loop.shared->auth_guard, conn->auth_hold);
    conn->auth_hold = 0;
    if (!conn->answer_due) return;
    conn->answer_due = false;
    rd_batch_run(worker); /* what came before, of others of the group, is answered before */
    rd_group_reply_to(worker, conn);
    rd_reply_literal(&worker->reply, "-" RD_WRONG_PASSWORD "\r\n"); /* the handler has counted it */
}

/* The snapshot that it waits for is over. */
static void end_save(struct rd_conn *conn) {
    struct rd_worker *worker = rd_worker_of(conn);
    conn->answer_due = false;
    if (conn->reply_mode & RD_REPLIES_OFF) return;
    rd_batch_run(worker); /* what came before, of others of the group, is answered before */
    rd_group_reply_to(worker, conn);
    if (atomic_load(&worker->loop.shared->save_failed)) rd_reply_fail(&worker->reply, "ERR");
    else rd_reply_ok(&worker->reply);
}

/* False: a suspended connection has to wait still, or can't go on. */
static bool resume(struct rd_conn *conn) {
    if (rd_conn_is_held_back(conn)) {
        rd_conn_suspend(conn); /* sending replies may have made it readable again */
        return false;
    }
    if (rd_conn_awaits_save(conn)) end_save(conn);
    if (conn->auth_hold) end_auth_hold(conn);
    if (rd_conn_resume(conn)) return true;
    rd_conn_break(conn);
    return false;
}

void rd_conn_read(struct rd_conn *conn) {
    struct rd_worker *worker = rd_worker_of(conn);
    if (__builtin_expect(worker->loop.clients.due, 0)) rd_clients_relieve(&worker->loop);
    if (rd_clients_must_wait(conn)) {
        rd_loop_queue(&worker->loop, conn);
        return;
    }
    rd_group_join(worker, conn, conn->input ? rd_input_in_front(conn->input) : 0);
    bool was_held = rd_conn_is_held(conn);
    if (conn->drain_reads == RD_DRAIN_READS && !was_held) conn->closing = true;
    if (conn->closing || conn->output) return;
    if (__builtin_expect(conn->awaits_proxy, 0) && !rd_conn_read_proxy_header(conn)) return;
    if (__builtin_expect(conn->paused, 0) && !resume(conn)) return;
    if (__builtin_expect(conn->input != NULL, 0)) {
        go_on(conn);
    } else {
        read_into_buffer(conn);
        if (conn->input) rd_clients_note(conn);
    }
    if (conn->paused) return;
    /* A stop has told everybody once; whoever was served without a read has to be told again. */
    if (was_held && worker->loop.drain_until && !conn->closing && !conn->output) rd_loop_queue(&worker->loop, conn);
    if (conn->tls_wants_write && !conn->closing) rd_conn_wait_for_write(conn);
    else if (conn->closing || conn->output) return;
    /* A drain looks again until there is nothing to read: requests that were held back came from no read. */
    else if (worker->loop.drain_until || rd_conn_is_held(conn) || conn->transport->has_pending(conn)) {
        rd_loop_queue(&worker->loop, conn);
    }
}
