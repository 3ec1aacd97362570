/* This file owns the gates before a handler, and what is common after it. */
#include "serve/dispatch.h"

#include "call/handler.h"
#include "call/index.h"
#include "call/placement.h"
#include "execute/run.h"
#include "execute/transaction.h"
#include "connection/login.h"
#include "connection/received.h"
#include "observe/denial.h"
#include "observe/large.h"
#include "observe/slow.h"
#include "serve/group.h"
#include "serve/unknown.h"
#include "serve/worker.h"

#define RD_LOADING "LOADING Redis is loading the dataset in memory"

/* "POST / HTTP/1.1" and "Host:": a browser was made to talk to us. Redis closes at once, without a word. */
static bool is_http(struct rd_slice name) {
    return rd_slice_is(name, "post") || rd_slice_is(name, "host:");
}

static void refuse_http(struct rd_conn *conn) {
    rd_conn_tell(conn, RD_EVENT_SECURITY_ATTACK, &conn->loop->counters.attacks, NULL);
    rd_conn_break(conn);
}

/* What a request names: its command, or the subcommand; row NULL: there is none. */
static inline struct rd_command_found named(const struct rd_worker *worker, const struct rd_request *request) {
    bool is_subcommand = request->command && request->command->flags & RD_CMD_CONTAINER && request->argc > 1;
    if (!is_subcommand) return (struct rd_command_found){request->command, request->number};
    struct rd_slice name = worker->batch.args.at[request->first_arg + 1];
    return rd_subcommand_find(worker->commands, request->number, name);
}

static void refuse_stranger(struct rd_reply *reply, const struct rd_command *command) {
    if (!(command->flags & RD_CMD_EXEC)) rd_reply_fail(reply, "NOAUTH Authentication required.");
    else rd_reply_fail(reply, RD_EXEC_REFUSED "NOAUTH Authentication required.");
}

static void refuse_while_loading(struct rd_reply *reply, const struct rd_command *command) {
    if (!(command->flags & RD_CMD_EXEC)) rd_reply_fail(reply, RD_LOADING);
    else rd_reply_fail(reply, RD_EXEC_REFUSED RD_LOADING);
}

/*
 * Whether a command may run of a user other than default; if not, the refusal has been written. What is queued is asked for
 * twice, since in between the client may become somebody else: now, and by EXEC.
 */
static bool admit_user(struct rd_conn *conn, const struct rd_user *user, struct rd_reply *reply,
                       const struct rd_command *command, const struct rd_slice *argv, uint32_t argc) {
    if (atomic_load_explicit(&user->gone, memory_order_relaxed)) {
        rd_conn_break(conn);
        return false;
    }
    bool is_queued = rd_transaction_is_open(conn) && !(command->flags & RD_CMD_AT_ONCE);
    uint32_t database = is_queued ? RD_LATER_DATABASE : conn->database;
    struct rd_verdict verdict = rd_access_check(user, command, argv, argc, database);
    if (__builtin_expect(verdict.access == RD_ALLOWED, 1)) return true;
    enum rd_access_context context = rd_transaction_is_open(conn) ? RD_CONTEXT_MULTI : RD_CONTEXT_TOPLEVEL;
    rd_denial_reply(conn, reply, command, verdict, context);
    return false;
}

/* Whether the keys are here, those of a whole transaction for EXEC, which is over if not. As above. */
static bool admit_keys(struct rd_conn *conn, struct rd_reply *reply, const struct rd_command *command,
                       const struct rd_slice *argv, uint32_t argc) {
    bool is_exec = command->flags & RD_CMD_EXEC;
    struct rd_placement placement = is_exec ? rd_transaction_placement(conn)
                                            : rd_placement_of(conn, command, argv, argc, RD_NO_PLACEMENT);
    if (__builtin_expect(placement.place == RD_KEYS_HERE, 1)) return true;
    if (is_exec) rd_transaction_drop(conn);
    rd_placement_refuse(reply, conn, placement);
    return false;
}

/*
 * ASKING holds for the next command, or the next transaction as a whole; not where EXEC or a script has run it.
 * Source: https://redis.io/docs/latest/commands/asking/
 */
static void take_asking(struct rd_conn *conn) {
    const struct rd_command *last = conn->last_command;
    bool was_said = conn->asking && strcmp(last->name, "asking") == 0;
    conn->asked = was_said || (conn->asked && rd_transaction_is_open(conn));
    conn->asking = false;
}

/*
 * Whether a command may run of who is not default, has still to say the password, or came during the loading, or where there
 * is a cluster. As above.
 */
static __attribute__((noinline)) bool admit_limited(struct rd_conn *conn, struct rd_reply *reply,
                                                    const struct rd_command *command, const struct rd_slice *argv,
                                                    uint32_t argc) {
    if (__builtin_expect(conn->asking | conn->asked, 0)) take_asking(conn);
    if (!(command->flags & RD_CMD_NO_AUTH) && rd_conn_is_stranger(conn)) {
        refuse_stranger(reply, command);
        return false;
    }
    if (!(command->flags & RD_CMD_LOADING) && rd_shared_is_loading(conn->loop->shared)) {
        refuse_while_loading(reply, command);
        return false;
    }
    const struct rd_user *user = rd_conn_user(conn);
    if (user && !admit_user(conn, user, reply, command, argv, argc)) return false;
    const struct rd_cluster *cluster = conn->loop->cluster;
    if (cluster) return rd_placement_is_plain(cluster, command, argv) || admit_keys(conn, reply, command, argv, argc);
    if (!user) rd_conn_note_rights(conn); /* it may have come while that was under way */
    return true;
}

/* Whether the command that a request names may run; if not, the refusal has been written. */
static bool admit(const struct rd_request *request, struct rd_reply *reply, const struct rd_command *command,
                  const struct rd_slice *argv) {
    struct rd_conn *conn = request->conn;
    uint32_t argc = request->argc;
    if (request->command && !command) {
        rd_reply_refuse_subcommand(reply, request->command, argv[1], "ERR unknown subcommand");
        return false;
    }
    if (!command) {
        rd_reply_unknown(reply, argv, argc);
        return false;
    }
    if (!rd_command_arity_fits(command, argc) && command->flags & RD_CMD_EXEC) {
        rd_transaction_drop(conn);
        rd_reply_fail(reply, RD_EXEC_REFUSED "wrong number of arguments for 'exec' command");
        return false;
    }
    if (!rd_command_arity_fits(command, argc) || !command->handler) {
        rd_reply_wrong_arity(reply, command);
        return false;
    }
    if (__builtin_expect(!conn->may_all, 0)) return admit_limited(conn, reply, command, argv, argc);
    return true;
}

/*
 * CLIENT REPLY: what was just appended is taken back when the client does not want it. EXEC has done so by itself, as
 * what it runs may change the mode.
 */
static void silence(struct rd_conn *conn, struct rd_reply *reply, size_t length, uint32_t blobs, bool is_exec) {
    if (conn->awaits_call) return; /* its reply is yet to come */
    if (!is_exec && rd_conn_is_silent(conn)) rd_reply_discard(reply, length, blobs, conn->closing);
    rd_conn_next_reply(conn);
}

/* Of an unknown subcommand, its container is counted. */
static void count_rejected(struct rd_worker *worker, const struct rd_request *request, struct rd_command_found found) {
    uint32_t number = found.row ? found.number : request->number;
    if (request->command) rd_counter_add(&worker->observer.stats.commands[number].rejected, 1);
}

/* As in Redis, a CONFIG SET is measured by what it has set, and so is what follows it. */
static void follow_settings(struct rd_worker *worker) {
    const struct rd_settings *settings = worker->loop.settings;
    struct rd_observer *observer = &worker->observer;
    rd_stats_set_thresholds(&observer->stats, rd_setting(settings, RD_SET_SLOWLOG_SLOWER_THAN),
                            rd_setting(settings, RD_SET_LATENCY_THRESHOLD));
    observer->looks_at_sizes = rd_large_looks_at_all(settings, worker->read_used);
    observer->stats.all_apart |= observer->looks_at_sizes;
}

/* Kept out of the short path, as what it calls is. Returns whether request or reply may be large. */
static __attribute__((noinline)) bool run_apart(struct rd_worker *worker, struct rd_call *call,
                                              struct rd_command_stats *stats, struct rd_reply_mark mark) {
    int64_t start = rd_nanoseconds();
    rd_run(call);
    int64_t ns = rd_nanoseconds() - start;
    rd_stats_add_apart(&worker->observer.stats, stats, ns);
    if (worker->observer.samples_keys) rd_hot_keys_add(&worker->observer, call, mark, ns);
    if (call->command->flags & RD_CMD_ADMIN) {
        follow_settings(worker);
        if (rd_setting(worker->loop.settings, RD_SET_TELL_ADMIN_CALLS)) rd_call_tell(call, RD_EVENT_ADMIN_CALL);
    }
    if (ns >= worker->observer.stats.slow_ns && !(call->command->flags & RD_CMD_EXEC) && !call->conn->awaits_call) {
        struct rd_logged logged = rd_logged_call(call);
        rd_slow_command(&worker->observer, &logged, ns);
    }
    return worker->observer.looks_at_sizes || rd_reply_bytes(call->reply, mark) >= RD_LARGE_REPLY_SEEN;
}

void rd_dispatch_slow(struct rd_worker *worker, const struct rd_request *request, int64_t ns) {
    const struct rd_slice *argv = worker->batch.args.at + request->first_arg;
    const struct rd_command *command = named(worker, request).row;
    struct rd_logged logged = {request->conn, command, argv, request->argc, request->received};
    rd_slow_command(&worker->observer, &logged, ns);
}

/* As Redis: what failed within an EXEC or a script is a failure of that command alone. */
static void count_failed(const struct rd_call *call, struct rd_command_stats *own, uint64_t errors) {
    if (call->command->flags & (RD_CMD_EXEC | RD_CMD_SCRIPT) && errors == call->loop->observer->stats.exec_errors) return;
    rd_counter_add(&own->failed, 1);
}

/* After a call that failed, whose errors are told apart by what they were before, or one that may be large. */
static __attribute__((noinline)) void look_back(const struct rd_worker *worker, const struct rd_call *call,
                                              struct rd_command_stats *own, uint64_t errors_before,
                                              struct rd_reply_mark mark, bool may_be_large) {
    uint64_t errors = rd_counter_get(&worker->loop.counters.errors);
    if (errors > errors_before) count_failed(call, own, errors - errors_before);
    /* EXEC has told of what was queued. */
    if (may_be_large && !(call->command->flags & RD_CMD_EXEC)) rd_large_command(&worker->observer, call, mark);
}

/* Runs a call, whose reply begins at the mark, and counts it. */
static inline void serve(struct rd_worker *worker, struct rd_call *call, struct rd_reply_mark mark) {
    struct rd_stats *stats = &worker->observer.stats;
    struct rd_command_stats *own = &stats->commands[call->number];
    /* EXEC tells of itself, after what was queued. */
    if (__builtin_expect(worker->observer.monitored, 0) && !(call->command->flags & RD_CMD_EXEC)) {
        rd_monitor_tell(&worker->observer, call);
    }
    uint64_t errors = rd_counter_get(&worker->loop.counters.errors);
    bool may_be_large = false;
    if (__builtin_expect(rd_stats_is_apart(stats, own, call->argc), 0)) {
        may_be_large = run_apart(worker, call, own, mark);
    } else {
        rd_run(call);
        rd_stats_count(stats, own);
    }
    may_be_large |= (call->received != NULL) | (call->reply->blob_count != mark.blobs);
    uint64_t errors_now = rd_counter_get(&worker->loop.counters.errors); /* less than before after CONFIG RESETSTAT */
    if (__builtin_expect((errors_now > errors) | may_be_large, 0)) {
        look_back(worker, call, own, errors, mark, may_be_large);
    }
}

/* CLIENT CACHING holds for the next command, or the next transaction as a whole. */
static void end_caching(struct rd_conn *conn, const struct rd_command *row) {
    bool is_client = row && strcmp(row->name, "client") == 0;
    if (!rd_transaction_is_open(conn) && !is_client) conn->tracker->caching = false;
}

/* After a command of a connection that tracks keys. */
static void end_tracked(struct rd_conn *conn, const struct rd_command *row, struct rd_reply *reply) {
    if (conn->awaits_call) return; /* it goes on */
    end_caching(conn, row);
    rd_readers_make_room(conn->tracker);
    bool may_be_told = conn->protocol == 3 && conn->reply_mode == 0;
    if (may_be_told && rd_tracking_has_news(conn->tracker)) rd_tracking_append(conn->tracker, reply);
}

/* While a script runs for too long. What a connection watches or tracks can't be forgotten: it may lie in its shards. */
static bool may_run_beside_script(const struct rd_conn *conn, const struct rd_command *command) {
    return command->flags & RD_CMD_ALLOW_BUSY && !conn->watches && !conn->tracker;
}

/* As in Redis a refused EXEC ends its transaction. */
static void refuse_beside_script(struct rd_conn *conn, struct rd_reply *reply, const struct rd_command *command) {
    if (!(command->flags & RD_CMD_EXEC)) {
        rd_reply_busy(reply);
        return;
    }
    rd_transaction_drop(conn);
    rd_reply_fail(reply, RD_EXEC_REFUSED RD_BUSY);
}

/* An argument was not kept: there was no room, or, when it came, the key was still another node's. */
static void refuse_unkept(const struct rd_conn *conn, struct rd_reply *reply, const struct rd_received *received) {
    if (!received->denied || !conn->loop->cluster) rd_reply_oom(reply);
    else rd_reply_fail(reply, "TRYAGAIN The slot has come while the request was on its way");
}

void rd_dispatch(struct rd_worker *worker, const struct rd_request *request) {
    struct rd_conn *conn = request->conn;
    if (conn->closing) return;
    struct rd_reply *reply = &worker->reply;
    const struct rd_slice *argv = worker->batch.args.at + request->first_arg;
    rd_group_reply_to(worker, conn);
    size_t length_before = reply->length;
    uint32_t blobs_before = reply->blob_count;
    if (__builtin_expect(!request->command, 0) && is_http(argv[0])) {
        refuse_http(conn);
        return;
    }
    struct rd_command_found found = named(worker, request);
    const struct rd_command *command = admit(request, reply, found.row, argv) ? found.row : NULL;
    if (__builtin_expect(request->received != NULL, 0) && command && request->received->refused) {
        refuse_unkept(conn, reply, request->received);
        command = NULL;
    }
    if (__builtin_expect(worker->loop.busy, 0) && command && !may_run_beside_script(conn, command)) {
        refuse_beside_script(conn, reply, command);
        command = NULL;
    }
    if (command) {
        struct rd_call call = {
            .loop = &worker->loop,
            .conn = conn,
            .store = worker->loop.store,
            .command = command,
            .argv = argv,
            .argc = request->argc,
            .number = found.number,
            .hash = request->hash,
            .shard = request->shard,
            .now = worker->loop.now_ms,
            .reply = reply,
            .received = request->received,
        };
        atomic_store_explicit(&conn->last_command, command, memory_order_relaxed);
        if (__builtin_expect(conn->transaction != NULL, 0) && rd_transaction_takes(&call)) rd_transaction_queue(&call);
        else serve(worker, &call, (struct rd_reply_mark){length_before, blobs_before});
    } else {
        conn->asking = false; /* it was for this one */
        count_rejected(worker, request, found);
        if (__builtin_expect(conn->transaction != NULL, 0)) rd_transaction_spoil(conn);
    }
    if (__builtin_expect(conn->tracker != NULL, 0)) end_tracked(conn, request->command, reply);
    uint32_t commands = atomic_load_explicit(&conn->commands, memory_order_relaxed);
    atomic_store_explicit(&conn->commands, commands + 1, memory_order_relaxed);
    if (__builtin_expect(conn->reply_mode != 0, 0)) {
        silence(conn, reply, length_before, blobs_before, command && command->flags & RD_CMD_EXEC);
    }
}
