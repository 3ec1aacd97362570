/*
 * This file owns the way from a readable socket to commands in the batch.
 *
 * Mostly a read ends with a whole request, and everything happens in the worker's read buffer. The start of a request
 * that is cut is kept with its connection (input.h): a small one is put in front of the next read, a large one is
 * scanned where it lies as it grows, and a large argument is received straight into its blob.
 */
#include <string.h>

#include "serve/conn.h"
#include "evict/evict.h"
#include "resp/proxy_header.h"
#include "server/server.h"
#include "command/transaction.h"
#include "serve/worker.h"

/* Redis's limits before AUTH. */
#define UNAUTHENTICATED_ARGS 10
#define UNAUTHENTICATED_BULK (16u << 10)
/* Replies gathered for one flush; more only costs cache. */
#define FLUSH_REPLIES_AT (256u << 10)
/* One read of a large argument, so that others are served in between. */
#define BULK_READ_MAX (1u << 20)
/* Whole arguments of a request that is not at its end, however high the limit on what is none yet. */
#define REQUEST_MOST (1ull << 30)
/* A cut request up to this size is simply scanned again. */
#define RESCAN_MAX 4096u

static struct rd_scan_limits scan_limits(const struct rd_conn *conn) {
    uint64_t bulk = (uint64_t)rd_setting(conn->worker->server, RD_SET_MAX_BULK_LENGTH);
    if (conn->authenticated || !rd_conn_is_stranger(conn)) return (struct rd_scan_limits){bulk, INT32_MAX, true};
    return (struct rd_scan_limits){bulk < UNAUTHENTICATED_BULK ? bulk : UNAUTHENTICATED_BULK, UNAUTHENTICATED_ARGS, false};
}

static void drop_input(struct rd_conn *conn) {
    rd_input_free(conn->input);
    conn->input = NULL;
}

static void protocol_error(struct rd_conn *conn, const char *text) {
    struct rd_worker *worker = conn->worker;
    rd_batch_run(worker); /* what came before is answered before */
    if (conn->closing) return;
    rd_counter_add(&worker->counters.closed_protocol, 1);
    rd_worker_reply_to(worker, conn);
    rd_reply_format_error(&worker->reply, "ERR %s", text);
    conn->closing = true;
}

/*
 * True while more of this connection may be executed. False: it is closing, its peer has to take replies first, or it
 * has had its turn.
 */
static bool may_go_on(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    if (worker->reply.length >= FLUSH_REPLIES_AT || worker->reply.blob_count >= 64) rd_worker_flush_replies(worker);
    return !conn->closing && !conn->output && !conn->paused && worker->group[conn->group_index].sent < RD_TURN_BYTES;
}

/* Pushes the command whose arguments start at first_arg; runs the batch when it is full, or must not grow. */
static void push(struct rd_conn *conn, uint32_t first_arg, struct rd_input *input) {
    struct rd_worker *worker = conn->worker;
    rd_batch_push(worker, conn, first_arg, input);
    /*
     * Before AUTH the limits of the next request depend on this one, in a pause whether the next one has to wait;
     * arguments in an input do not outlive the next.
     */
    if (rd_batch_is_full(&worker->batch) || !conn->authenticated || input || worker->pause) rd_batch_run(worker);
}

static void hold(struct rd_conn *conn, const char *bytes, size_t length) {
    if (conn->closing || length == 0) return;
    if (!conn->input && !(conn->input = rd_input_new())) goto failed;
    if (rd_input_append(conn->input, bytes, length) != RD_OK) goto failed;
    conn->held = true;
    return;
failed:
    conn->closing = conn->dead = true;
}

/*
 * CLIENT PAUSE holds this request back: it is written down anew, since an inline one was unquoted in place, and what
 * follows it is kept behind it.
 */
static void suspend(struct rd_conn *conn, const struct rd_slice *argv, uint32_t argc, const char *rest, size_t length) {
    char header[RD_I64_DIGITS + 3] = "*";
    bool fine = (conn->input = rd_input_new()) != NULL;
    char *end = rd_format_u64(header + 1, argc);
    memcpy(end, "\r\n", 2);
    fine = fine && rd_input_append(conn->input, header, (size_t)(end + 2 - header)) == RD_OK;
    for (uint32_t i = 0; i < argc && fine; i++) {
        header[0] = '$';
        end = rd_format_u64(header + 1, argv[i].length);
        memcpy(end, "\r\n", 2);
        fine = rd_input_append(conn->input, header, (size_t)(end + 2 - header)) == RD_OK &&
               rd_input_append(conn->input, argv[i].bytes, argv[i].length) == RD_OK &&
               rd_input_append(conn->input, "\r\n", 2) == RD_OK;
    }
    if (!fine || rd_input_append(conn->input, rest, length) != RD_OK) {
        conn->closing = conn->dead = true;
        return;
    }
    conn->held = true;
    rd_conn_suspend(conn);
}

/* Does CLIENT PAUSE hold this request back? */
static bool must_wait(struct rd_conn *conn, const struct rd_slice *argv, uint32_t argc) {
    const struct rd_worker *worker = conn->worker;
    struct rd_pause_asker asker = {!rd_conn_is_stranger(conn), conn->transaction && conn->transaction->writes};
    return rd_pause_holds(worker->pause, &worker->server->commands, argv, argc, asker);
}

static void scan_input(struct rd_conn *conn);

/* The rest of a read is the start of a request. */
static void keep_rest(struct rd_conn *conn, const char *bytes, size_t length, const struct rd_scan_state *state) {
    if (!(conn->input = rd_input_new()) || rd_input_append(conn->input, bytes, length) != RD_OK) {
        conn->closing = conn->dead = true;
        return;
    }
    bool large_bulk = state->in_bulk && state->bulk_length >= RD_DIRECT_BULK;
    if (length <= RESCAN_MAX && !large_bulk) return;
    conn->input->scanning = true;
    scan_input(conn); /* again, but now into the connection's own arguments */
}

static void scan_read_buffer(struct rd_conn *conn, char *at, size_t length) {
    struct rd_worker *worker = conn->worker;
    struct rd_args *args = &worker->batch.args;
    while (length) {
        struct rd_scan_limits limits = scan_limits(conn);
        struct rd_scan_state state = {0};
        uint32_t first_arg = args->count;
        enum rd_scan result = rd_resp_scan(&state, at, length, &limits, args);
        switch (result) {
        case RD_SCAN_COMMAND:
            if (__builtin_expect(worker->pause, 0) &&
                must_wait(conn, args->at + first_arg, args->count - first_arg)) {
                suspend(conn, args->at + first_arg, args->count - first_arg, at + state.position,
                        length - state.position);
                args->count = first_arg;
                return;
            }
            push(conn, first_arg, NULL);
            break;
        case RD_SCAN_EMPTY: break;
        case RD_SCAN_MORE:
            args->count = first_arg;
            keep_rest(conn, at, length, &state);
            return;
        case RD_SCAN_BAD:
            args->count = first_arg;
            protocol_error(conn, state.error);
            return;
        case RD_SCAN_NO_MEMORY:
            args->count = first_arg;
            conn->closing = conn->dead = true;
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

/* Executes the request that is complete in the connection's input. */
static bool run_from_input(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    struct rd_args *args = &conn->worker->batch.args;
    uint32_t first_arg = args->count;
    for (uint32_t i = 0; i < input->args.count; i++) {
        if (rd_args_push(args, input->args.at[i].bytes, input->args.at[i].length) != RD_OK) {
            args->count = first_arg;
            conn->closing = conn->dead = true;
            return false;
        }
    }
    push(conn, first_arg, input);
    rd_input_next_request(input);
    return may_go_on(conn);
}

/*
 * As Redis, the limit is on what is no whole argument yet and on what MULTI has queued: a long MSET is not one large
 * argument. The arguments themselves have a bound of their own.
 */
static bool exceeds_limit(const struct rd_conn *conn) {
    uint64_t limit = (uint64_t)rd_setting(conn->worker->server, RD_SET_QUERY_BUFFER_LIMIT);
    uint64_t queued = conn->transaction ? conn->transaction->bytes : 0;
    uint64_t most = limit > REQUEST_MOST ? limit : REQUEST_MOST;
    return rd_input_unscanned(conn->input) + queued > limit || rd_input_bytes(conn->input) > most;
}

static void close_for_limit(struct rd_conn *conn) {
    rd_counter_add(&conn->worker->counters.closed_query, 1);
    conn->closing = conn->dead = true;
}

/* Moves the unfinished request to the front of the input, and lets a small one be scanned anew with the next read. */
static void settle_input(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    size_t rest = input->length - input->start;
    if (rest == 0 && !input->scanning) {
        drop_input(conn);
        return;
    }
    if (input->start) {
        char *from = input->bytes + input->start;
        rd_args_rebase(&input->args, (uintptr_t)from, rest, input->bytes);
        memmove(input->bytes, from, rest);
        input->length = rest;
        input->start = 0;
    }
    if (!input->bulk && !input->refused && rest <= RESCAN_MAX && input->scan.arrived <= 16 && input->received_count == 0) {
        input->scan = (struct rd_scan_state){0};
        input->args.count = 0;
        input->scanning = false;
    }
    if (exceeds_limit(conn)) close_for_limit(conn);
}

static void scan_input(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    for (;;) {
        struct rd_scan_limits limits = scan_limits(conn);
        enum rd_scan result = RD_SCAN_COMMAND;
        if (!input->complete) {
            result = rd_resp_scan(&input->scan, input->bytes + input->start, input->length - input->start, &limits,
                                  &input->args);
        }
        switch (result) {
        case RD_SCAN_COMMAND:
            input->scanning = true;
            input->complete = must_wait(conn, input->args.at, input->args.count);
            if (input->complete) {
                conn->held = true;
                rd_conn_suspend(conn);
                return;
            }
            if (run_from_input(conn)) break;
            if (!conn->closing) {
                conn->held = true;
                settle_input(conn);
            }
            return;
        case RD_SCAN_EMPTY: rd_input_next_request(input); break;
        case RD_SCAN_MORE:
            input->scanning = input->length > input->start;
            if (input->scan.in_bulk && input->scan.bulk_length >= RD_DIRECT_BULK) {
                if (rd_evict_never_fits(conn->worker->store, input->scan.bulk_length)) {
                    rd_input_refuse_bulk(input);
                } else if (rd_input_begin_bulk(input, &conn->worker->store->blobs) != RD_OK) {
                    conn->closing = conn->dead = true;
                    return;
                }
            }
            settle_input(conn);
            return;
        case RD_SCAN_BAD: protocol_error(conn, input->scan.error); return;
        case RD_SCAN_NO_MEMORY: conn->closing = conn->dead = true; return;
        }
    }
}

static void tell_handshake_failure(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    char peer[128], reason[128];
    rd_transport_tls_reason(reason, sizeof reason);
    rd_conn_peer(conn, peer, sizeof peer);
    rd_counter_add(conn->tls_is_plain ? &worker->counters.plain_on_tls : &worker->counters.tls_failures, 1);
    if (conn->tls_is_plain) rd_server_tell(worker->server, RD_EVENT_PLAIN_ON_TLS, peer, NULL);
    else rd_server_tell(worker->server, RD_EVENT_TLS_FAILED, peer, reason);
}

/*
 * Of the first bytes of a connection: is this a PROXY header, which would have its answer read as somebody else's, or
 * may it become one? Then it is kept like any unfinished request.
 */
static bool refuse_proxy(struct rd_conn *conn, const char *bytes, size_t length) {
    if (rd_counter_get(&conn->bytes_in) != length) return false;
    enum rd_proxy_result result = rd_proxy_header_begins(bytes, length);
    if (result == RD_PROXY_HEADER) rd_conn_refuse_proxy_header(conn);
    else if (result == RD_PROXY_MORE) {
        if (!(conn->input = rd_input_new()) || rd_input_append(conn->input, bytes, length) != RD_OK) {
            conn->closing = conn->dead = true;
        }
    }
    return result != RD_PROXY_NONE;
}

/* A client was told to speak TLS, and this port does not: a hello is not worth an answer that it can't read. */
static bool refuse_tls(struct rd_conn *conn, const char *bytes, size_t length) {
    if (length < 2 || bytes[0] != 0x16 || bytes[1] != 0x03 || conn->commands > 0 || conn->tls) return false;
    char peer[128];
    rd_conn_peer(conn, peer, sizeof peer);
    rd_counter_add(&conn->worker->counters.tls_on_plain, 1);
    rd_server_tell(conn->worker->server, RD_EVENT_TLS_ON_PLAIN, peer, NULL);
    conn->closing = conn->dead = true;
    return true;
}

/* Reads and does the bookkeeping that every read has. */
static ssize_t read_socket(struct rd_conn *conn, char *bytes, size_t room) {
    struct rd_worker *worker = conn->worker;
    ssize_t count = conn->transport->read(conn, bytes, room);
    if (count > 0) {
        rd_counter_add(&worker->counters.reads, 1);
        rd_counter_add(&worker->counters.bytes_in, (uint64_t)count);
        rd_counter_add(&conn->bytes_in, (uint64_t)count);
        rd_conn_note_activity(conn);
        if (worker->drain_until) conn->drain_reads++;
        return count;
    }
    if (count == RD_IO_AGAIN) {
        if (worker->drain_until) conn->closing = true;
    } else {
        conn->closing = true;
        if (count == RD_IO_FAILED) conn->dead = true;
        if (conn->proxy_came) rd_conn_refuse_proxy_header(conn);
        else if (conn->tls_handshaking) tell_handshake_failure(conn);
    }
    return count;
}

/* What belongs to a refused argument passes through the worker's buffer. */
static void discard_bulk(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    size_t room = worker->read_size - worker->read_used;
    if (room > conn->input->discard) room = conn->input->discard;
    ssize_t count = read_socket(conn, worker->read_buffer + worker->read_used, room);
    if (count > 0) conn->input->discard -= (uint64_t)count;
}

/*
 * May the argument that is being received grow? What has come counts, not what is to come: the store is asked whether
 * it is within its limit. Where the argument has to wait, the next turn asks again.
 */
static bool has_room_for_bulk(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    if (input->bulk->length >= input->scan.bulk_length) return true;
    struct rd_store *store = conn->worker->store;
    switch (rd_evict_may_receive(store, 0)) {
    case RD_RECEIVE: input->waits_for_room = false; return true;
    case RD_RECEIVE_LATER:
        /* Relief that was asked for and is over could not make the room. */
        if (!input->waits_for_room || atomic_load_explicit(&store->relief, memory_order_relaxed)) break;
        /* fallthrough */
    case RD_RECEIVE_NEVER: rd_input_refuse_bulk(input); return false;
    }
    input->waits_for_room = true;
    atomic_store_explicit(&store->relief, true, memory_order_relaxed);
    rd_worker_queue(conn->worker, conn);
    return false;
}

static void read_bulk(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    if (!has_room_for_bulk(conn)) return;
    char *room;
    size_t size;
    if (rd_input_bulk_room(input, BULK_READ_MAX, &room, &size) != RD_OK) {
        conn->closing = conn->dead = true;
        return;
    }
    ssize_t count = read_socket(conn, room, size);
    rd_input_bulk_came(input, count > 0 ? (size_t)count : 0);
    if (count <= 0) return;
    if (exceeds_limit(conn)) {
        close_for_limit(conn);
        return;
    }
    if (input->bulk->length < input->scan.bulk_length + 2) return;
    switch (rd_input_end_bulk(input)) {
    case RD_OK: scan_input(conn); break;
    case RD_ERR_INVALID: protocol_error(conn, "Protocol error: expected CRLF after bulk"); break;
    default: conn->closing = conn->dead = true;
    }
}

static void read_into_input(struct rd_conn *conn) {
    struct rd_input *input = conn->input;
    size_t room = conn->worker->read_size;
    if (rd_input_reserve(input, room) != RD_OK) {
        conn->closing = conn->dead = true;
        return;
    }
    ssize_t count = read_socket(conn, input->bytes + input->length, room);
    if (count <= 0) return;
    input->length += (size_t)count;
    scan_input(conn);
}

/* Puts the kept start of a request, if any, and the next bytes of the socket into the worker's read buffer. */
static void read_into_buffer(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    char *bytes = worker->read_buffer + worker->read_used;
    size_t kept = 0, room = worker->read_size - worker->read_used;
    if (conn->input) {
        kept = conn->input->length;
        memcpy(bytes, conn->input->bytes, kept);
    }
    ssize_t count = 0;
    if (conn->held) {
        conn->held = false;
    } else {
        count = read_socket(conn, bytes + kept, room - kept);
        if (count <= 0) return; /* what is kept stays kept */
    }
    if (conn->input) drop_input(conn);
    if (__builtin_expect(bytes[0] != '*', 0) && (refuse_tls(conn, bytes, kept + (size_t)count) ||
                                                 refuse_proxy(conn, bytes, kept + (size_t)count))) {
        return;
    }
    worker->read_used += kept + (size_t)count;
    scan_read_buffer(conn, bytes, kept + (size_t)count);
}

/* The answer to a wrong password has waited long enough. */
static void end_auth_hold(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    rd_auth_guard_release(&worker->server->auth_guard, conn->auth_hold);
    conn->auth_hold = 0;
    if (!conn->answer_due) return;
    conn->answer_due = false;
    rd_batch_run(worker); /* what came before, of others of the group, is answered before */
    rd_worker_reply_to(worker, conn);
    rd_reply_literal(&worker->reply, "-" RD_WRONG_PASSWORD "\r\n"); /* the handler has counted it */
}

void rd_conn_read(struct rd_conn *conn) {
    struct rd_worker *worker = conn->worker;
    if (__builtin_expect(worker->clients.due, 0)) rd_clients_relieve(worker);
    if (rd_clients_must_wait(worker->server, conn)) {
        rd_worker_queue(worker, conn);
        return;
    }
    size_t kept = conn->input && !conn->input->scanning ? conn->input->length : 0;
    rd_worker_join_group(worker, conn, kept);
    if (conn->drain_reads == RD_DRAIN_READS && !conn->held) conn->closing = true;
    if (conn->closing || conn->output) return;
    if (__builtin_expect(conn->awaits_proxy, 0) && !rd_conn_read_proxy_header(conn)) return;
    if (__builtin_expect(conn->paused, 0)) {
        if (rd_conn_is_held_back(conn)) {
            rd_conn_suspend(conn); /* sending replies may have made it readable again */
            return;
        }
        if (conn->auth_hold) end_auth_hold(conn);
        if (!rd_conn_resume(conn)) {
            conn->closing = conn->dead = true;
            return;
        }
    }
    struct rd_input *input = conn->input;
    bool was_held = conn->held;
    if (input && input->bulk) read_bulk(conn);
    else if (input && input->discard) discard_bulk(conn);
    else if (input && input->scanning && !conn->held) read_into_input(conn);
    else if (input && (input->scanning || input->length > worker->read_size)) {
        conn->held = false;
        input->scanning = true;
        scan_input(conn);
    } else read_into_buffer(conn);
    if (conn->input || input) rd_conn_show_input(conn);
    if (conn->paused) return;
    /* A stop has told everybody once; whoever was served without a read has to be told again. */
    if (was_held && worker->drain_until && !conn->closing && !conn->output) rd_worker_queue(worker, conn);
    if (conn->tls_wants_write && !conn->closing) rd_conn_wait_for_write(conn);
    else if (conn->closing || conn->output) return;
    /* A drain looks again until there is nothing to read: requests that were held back came from no read. */
    else if (worker->drain_until || conn->held || conn->transport->has_pending(conn)) rd_worker_queue(worker, conn);
}
