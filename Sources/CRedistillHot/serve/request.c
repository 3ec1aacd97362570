/* This file owns the way from bytes to commands in the batch. */
#include "serve/request.h"

#include <string.h>

#include "call/access.h"
#include "call/placement.h"
#include "connection/login.h"
#include "connection/transaction.h"
#include "serve/group.h"
#include "serve/pause_gate.h"
#include "serve/worker.h"
#include "store/room.h"

/* Redis's limits before AUTH. */
#define UNAUTHENTICATED_ARGS 10
#define UNAUTHENTICATED_BULK (16u << 10)
/* Replies gathered for one flush; more only costs cache. */
#define FLUSH_REPLIES_AT (256u << 10)
/* Whole arguments of a request that is not at its end, however high the limit on what is none yet. */
#define REQUEST_MOST (1ull << 30)

static struct rd_scan_limits scan_limits(const struct rd_conn *conn) {
    uint64_t bulk = (uint64_t)rd_setting(conn->loop->settings, RD_SET_MAX_BULK_LENGTH);
    if (conn->authenticated || !rd_conn_is_stranger(conn)) return (struct rd_scan_limits){bulk, INT32_MAX, true};
    return (struct rd_scan_limits){bulk < UNAUTHENTICATED_BULK ? bulk : UNAUTHENTICATED_BULK, UNAUTHENTICATED_ARGS, false};
}

void rd_request_refuse(struct rd_conn *conn, const char *error) {
    struct rd_worker *worker = rd_worker_of(conn);
    rd_batch_run(worker); /* what came before is answered before */
    if (conn->closing) return;
    rd_counter_add(&worker->loop.counters.closed_protocol, 1);
    rd_group_reply_to(worker, conn);
    rd_reply_format_error(&worker->reply, "ERR %s", error);
    conn->closing = true;
}

/*
 * As Redis, the limit is on what is no whole argument yet and on what MULTI has queued: a long MSET is not one large
 * argument. The arguments themselves have a bound of their own.
 */
bool rd_request_is_too_long(struct rd_conn *conn) {
    uint64_t limit = (uint64_t)rd_setting(conn->loop->settings, RD_SET_QUERY_BUFFER_LIMIT);
    uint64_t queued = conn->transaction ? conn->transaction->bytes : 0;
    uint64_t most = limit > REQUEST_MOST ? limit : REQUEST_MOST;
    if (rd_input_unscanned(conn->input) + queued <= limit && rd_input_bytes(conn->input) <= most) return false;
    rd_counter_add(&conn->loop->counters.closed_query, 1);
    rd_conn_break(conn);
    return true;
}

/*
 * True while more of this connection may be executed. False: it is closing, its peer has to take replies first, or it
 * has had its turn.
 */
static bool may_go_on(struct rd_conn *conn) {
    struct rd_worker *worker = rd_worker_of(conn);
    if (worker->reply.length >= FLUSH_REPLIES_AT || worker->reply.blob_count >= 64) rd_group_flush(worker);
    return !conn->closing && !conn->output && !conn->paused && worker->group[conn->group_index].sent < RD_TURN_BYTES;
}

/*
 * Pushes the command whose arguments start at first_arg; runs the batch when it is full, or must not grow. received:
 * NULL where the request lies in the read buffer.
 */
static void push(struct rd_conn *conn, uint32_t first_arg, struct rd_received *received) {
    struct rd_worker *worker = rd_worker_of(conn);
    rd_batch_push(worker, conn, first_arg, received);
    /*
     * Before AUTH the limits of the next request depend on this one, in a pause whether the next one has to wait;
     * arguments in an input do not outlive the next.
     */
    if (rd_batch_is_full(&worker->batch) || !conn->authenticated || received || worker->loop.pause) rd_batch_run(worker);
}

/* Does CLIENT PAUSE hold this request back? */
static bool must_wait(struct rd_conn *conn, const struct rd_slice *argv, uint32_t argc) {
    const struct rd_worker *worker = rd_worker_of(conn);
    struct rd_pause_asker asker = {!rd_conn_is_stranger(conn), conn->transaction && conn->transaction->writes};
    return rd_pause_holds(worker->loop.pause, worker->commands, argv, argc, asker);
}

/* What is left of the read buffer waits until it is the connection's turn again. */
static void hold(struct rd_conn *conn, const char *bytes, size_t length) {
    if (conn->closing || length == 0) return;
    conn->input = rd_input_keep(bytes, length);
    if (conn->input) rd_input_hold(conn->input);
    else rd_conn_break(conn);
}

/* A request as it is written with lengths; an inline one was unquoted in place, and can't be scanned again. */
static enum rd_status write_anew(struct rd_input *input, const struct rd_slice *argv, uint32_t argc) {
    char header[RD_I64_DIGITS + 3] = "*";
    char *end = rd_format_u64(header + 1, argc);
    memcpy(end, "\r\n", 2);
    enum rd_status status = rd_input_append(input, header, (size_t)(end + 2 - header));
    for (uint32_t i = 0; i < argc && status == RD_OK; i++) {
        header[0] = '$';
        end = rd_format_u64(header + 1, argv[i].length);
        memcpy(end, "\r\n", 2);
        status = rd_input_append(input, header, (size_t)(end + 2 - header));
        if (status == RD_OK) status = rd_input_append(input, argv[i].bytes, argv[i].length);
        if (status == RD_OK) status = rd_input_append(input, "\r\n", 2);
    }
    return status;
}

/* CLIENT PAUSE holds a request of the read buffer back, and what follows it. */
static void suspend(struct rd_conn *conn, const struct rd_slice *argv, uint32_t argc, const char *rest, size_t length) {
    struct rd_input *input = conn->input = rd_input_new();
    if (!input || write_anew(input, argv, argc) != RD_OK || rd_input_append(input, rest, length) != RD_OK) {
        rd_conn_break(conn);
        return;
    }
    rd_input_hold(input);
    rd_conn_suspend(conn);
}

static void scan_input(struct rd_conn *conn, struct rd_slice more);

/*
 * The rest of a read is the start of a request. What has come of an argument that gets a blob of its own is kept out of
 * the input, so that it is copied but once.
 */
static void keep_rest(struct rd_conn *conn, const char *bytes, size_t length, const struct rd_scan_state *scan) {
    bool wants_blob = rd_scan_wants_blob(scan);
    size_t kept = wants_blob ? scan->position : length;
    conn->input = rd_input_keep(bytes, kept);
    if (!conn->input) {
        rd_conn_break(conn);
    } else if (length > RD_INPUT_SMALL || wants_blob) {
        rd_input_scan_here(conn->input);
        scan_input(conn, (struct rd_slice){bytes + kept, length - kept}); /* now into the connection's own arguments */
    }
}

void rd_request_scan_buffer(struct rd_conn *conn, char *at, size_t length) {
    struct rd_worker *worker = rd_worker_of(conn);
    struct rd_args *args = &worker->batch.args;
    struct rd_scan_limits limits = scan_limits(conn);
    while (length) {
        struct rd_scan_state state = {0};
        uint32_t first_arg = args->count;
        enum rd_scan result = rd_resp_scan(&state, at, length, &limits, args);
        switch (result) {
        case RD_SCAN_COMMAND:
            if (__builtin_expect(worker->loop.pause, 0) &&
                must_wait(conn, args->at + first_arg, args->count - first_arg)) {
                suspend(conn, args->at + first_arg, args->count - first_arg, at + state.position,
                        length - state.position);
                args->count = first_arg;
                return;
            }
            push(conn, first_arg, NULL);
            if (!limits.authenticated) limits = scan_limits(conn);
            break;
        case RD_SCAN_EMPTY: break;
        case RD_SCAN_MORE:
            args->count = first_arg;
            keep_rest(conn, at, length, &state);
            return;
        case RD_SCAN_BAD:
            args->count = first_arg;
            rd_request_refuse(conn, state.error);
            return;
        case RD_SCAN_NO_MEMORY:
            args->count = first_arg;
            rd_conn_break(conn);
            return;
        }
        at += state.position;
        length -= state.position;
        if (!may_go_on(conn)) {
            rd_batch_run(worker);
            hold(conn, at, length);
            return;
        }
    }
}

/* The input until more comes, or until it is its turn. */
static void settle(struct rd_conn *conn) {
    if (rd_input_settle(conn->input)) {
        (void)rd_request_is_too_long(conn);
    } else {
        rd_input_free(conn->input);
        conn->input = NULL;
    }
}

/* Executes the whole request of the input, unless it has to wait; true when the next one may be looked at. */
static bool run_from_input(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    struct rd_args *args = &rd_worker_of(conn)->batch.args;
    uint32_t first_arg = args->count;
    if (must_wait(conn, input->args.at, input->args.count)) {
        rd_input_wait(input);
        rd_conn_suspend(conn);
        return false;
    }
    if (rd_input_list_arguments(input, args) != RD_OK) {
        rd_conn_break(conn);
        return false;
    }
    push(conn, first_arg, &input->received);
    rd_input_next_request(input);
    if (may_go_on(conn)) return true;
    if (!conn->closing) {
        rd_input_hold(input);
        settle(conn);
    }
    return false;
}

/*
 * Is the request one that its user may not make, or another node's, as far as it has come? Then nobody needs what is still
 * to come of it.
 */
static bool will_be_denied(const struct rd_conn *conn) {
    const struct rd_user *user = rd_conn_user(conn);
    const struct rd_args *args = &conn->input->args;
    const struct rd_loop *loop = conn->loop;
    if ((!user && !loop->cluster) || args->count == 0) return false;
    const struct rd_command *command = rd_command_named(rd_worker_of(conn)->commands, args->at, args->count).row;
    if (!command || !command->handler) return false;
    if (user && !rd_access_begins(user, command, args->at, args->count)) return true;
    return loop->cluster && !rd_placement_begins(conn, command, args->at, args->count);
}

/* False when memory is out. `more` has come of the argument, and is not in the input. */
static bool begin_bulk(struct rd_conn *conn, struct rd_slice more) {
    struct rd_input *input = conn->input;
    struct rd_store *store = conn->loop->store;
    /* Before what came with it has run, nobody knows what the request may do: it may be AUTH, or ASKING. */
    bool is_known = rd_worker_of(conn)->batch.count == 0;
    bool is_denied = __builtin_expect(!conn->may_all, 0) && is_known && will_be_denied(conn);
    if (!is_denied && !rd_room_never_fits(store, input->scan.bulk_length)) return rd_input_begin_bulk(input, &store->blobs, more) == RD_OK;
    if (more.length && rd_input_append(input, more.bytes, more.length) != RD_OK) return false;
    rd_input_refuse_bulk(input);
    input->received.denied = is_denied;
    return true;
}

/* More has to come of the input's request; of what it has announced, a large argument may be next. */
static void await_more(struct rd_conn *conn, struct rd_slice more) {
    if (rd_scan_wants_blob(&conn->input->scan) && !begin_bulk(conn, more)) rd_conn_break(conn);
    else settle(conn);
}

void rd_request_scan_input(struct rd_conn *conn) {
    scan_input(conn, (struct rd_slice){0});
}

/* `more` is of the argument that the scan will find announced at its end. */
static void scan_input(struct rd_conn *conn, struct rd_slice more) {
    struct rd_input *input = conn->input;
    for (;;) {
        struct rd_scan_limits limits = scan_limits(conn);
        enum rd_scan result = RD_SCAN_COMMAND;
        if (input->state != RD_INPUT_WHOLE) {
            char *bytes = input->bytes + input->start;
            result = rd_resp_scan(&input->scan, bytes, input->length - input->start, &limits, &input->args);
        }
        switch (result) {
        case RD_SCAN_COMMAND:
            if (!run_from_input(conn)) return;
            break;
        case RD_SCAN_EMPTY: rd_input_next_request(input); break;
        case RD_SCAN_MORE: await_more(conn, more); return;
        case RD_SCAN_BAD: rd_request_refuse(conn, input->scan.error); return;
        case RD_SCAN_NO_MEMORY: rd_conn_break(conn); return;
        }
    }
}
