/* This file owns the locks of a script, its commands, and its end. */
#include "execute/script_run.h"

#include <stddef.h>
#include <stdlib.h>

#include "call/handler.h"
#include "call/index.h"
#include "call/placement.h"
#include "connection/login.h"
#include "execute/long_call.h"
#include "execute/run.h"
#include "execute/transaction.h"
#include "observe/denial.h"

/* However short the limit is: a script that is cut off may have done half of what it was to do. */
#define LEAST_END_MS 1000

#define SLICE(text) ((struct rd_slice){text, sizeof(text) - 1})

void rd_script_ask(struct rd_call *call, const struct rd_script_request *request) {
    const struct rd_callbacks *callbacks = call->loop->control->callbacks;
    if (callbacks->script) callbacks->script(callbacks->context, request, call->reply);
    else rd_reply_fail(call->reply, "ERR scripts are turned off");
}

static size_t most_of_reply(const struct rd_reply_owner *owner) {
    return ((const struct rd_script_run *)((const char *)owner - offsetof(struct rd_script_run, owner)))->reply_limit;
}

void rd_script_run_init(struct rd_script_run *run, struct rd_call *call) {
    run->call = call;
    run->keys = rd_command_keys(call->command, call->argv, call->argc);
    run->scratch = rd_long_call_scratch(call->loop);
    run->scratch->errors = call->reply->errors;
    run->scratch->error_codes = call->reply->error_codes;
    run->owner = (struct rd_reply_owner){most_of_reply, NULL};
    run->scratch->owner = &run->owner;
    run->reply_limit = 0;
    run->joined = NULL;
    run->began = run->only_reads = run->allow_oom = run->has_all = false;
    run->database = call->conn->database;
}

static struct rd_script_state *state_of(const struct rd_script_run *run) {
    return &run->call->loop->script;
}

static bool lock(struct rd_script_run *run, bool touches_only_its_keys) {
    const struct rd_call *call = run->call;
    struct rd_store *store = call->store;
    run->has_all = call->in_exec || !touches_only_its_keys;
    if (call->in_exec) return true;
    if (run->has_all) {
        rd_shard_set_fill(store, &run->set);
    } else {
        rd_shard_set_clear(store, &run->set);
        rd_key_range_add_shards(run->keys, call->argv, store, &run->set);
    }
    return rd_store_lock_set(store, &run->set);
}

bool rd_script_begin(struct rd_script_run *run, struct rd_script_terms terms) {
    struct rd_call *call = run->call;
    bool is_only_to_read = call->command->flags & RD_CMD_READONLY;
    run->only_reads = is_only_to_read || terms.no_writes;
    run->allow_oom = terms.allow_oom;
    run->reply_limit = terms.reply_limit;
    run->crosses_slots = !terms.has_flags || terms.crosses_slots;
    run->slot = run->keys.count ? (int32_t)rd_slot_of(call->argv[rd_key_place(&run->keys, 0)]) : -1;
    if (terms.no_cluster && call->loop->cluster) {
        rd_reply_fail(call->reply, "ERR Can not run script on cluster, 'no-cluster' flag is set.");
    } else if (terms.has_flags && is_only_to_read && !terms.no_writes) {
        rd_reply_fail(call->reply, "ERR Can not execute a script with write flag using *_ro command.");
    } else if (terms.has_flags && !terms.no_writes && !terms.allow_oom && rd_transaction_is_out_of_memory(call)) {
        rd_reply_fail(call->reply, "OOM allow-oom flag is not set on the script, can not run it when used memory > "
                                   "'maxmemory'");
    } else if (!lock(run, terms.touches_only_its_keys)) {
        rd_reply_busy(call->reply);
    } else {
        run->began = true;
        state_of(run)->time_us = 0;
        atomic_store_explicit(&state_of(run)->started_ms, call->loop->monotonic_ms, memory_order_relaxed);
        atomic_store(&state_of(run)->phase, RD_SCRIPT_READS);
    }
    return run->began;
}

void rd_script_run_end(struct rd_script_run *run) {
    struct rd_call *call = run->call;
    run->scratch->owner = NULL;
    free(run->joined);
    if (!run->began) return;
    atomic_store(&state_of(run)->phase, RD_SCRIPT_NONE);
    atomic_store_explicit(&call->conn->database, run->database, memory_order_relaxed);
    if (!call->in_exec) rd_store_unlock_set(call->store, &run->set);
}

static struct rd_command_found find(const struct rd_script_run *run, const struct rd_slice *argv, size_t argc) {
    return rd_command_named(run->call->loop->control->commands, argv, (uint32_t)argc);
}

/* Are the shards of its keys the script's? So they are unless the control plane was wrong about what it touches. */
static bool is_within(const struct rd_script_run *run, const struct rd_command *command, const struct rd_slice *argv,
                      uint32_t argc) {
    struct rd_store *store = run->call->store;
    if (run->has_all) return true;
    if (command->flags & RD_CMD_ALL_KEYS) return false;
    struct rd_key_range keys = rd_command_keys(command, argv, argc);
    for (uint32_t i = 0; i < keys.count; i++) {
        uint64_t hash = rd_store_hash(store, argv[rd_key_place(&keys, i)]);
        if (!rd_shard_set_has(store, &run->set, hash)) return false;
    }
    return true;
}

/* It is about to write; false when it was killed before. */
static bool may_write(struct rd_script_run *run) {
    int phase = RD_SCRIPT_READS;
    atomic_compare_exchange_strong(&state_of(run)->phase, &phase, RD_SCRIPT_WRITES);
    return phase != RD_SCRIPT_KILLED;
}

static bool has_written(const struct rd_script_run *run) {
    return atomic_load_explicit(&state_of(run)->phase, memory_order_relaxed) == RD_SCRIPT_WRITES;
}

#define KILLED "ERR Script killed by user with SCRIPT KILL."

static bool is_denied(const struct rd_script_run *run, const struct rd_command *command) {
    if (!(command->flags & RD_CMD_NOSCRIPT)) return false;
    const struct rd_shared *shared = run->call->loop->shared;
    return !atomic_load_explicit(&shared->scripts_debug, memory_order_relaxed) || strcmp(command->name, "debug") != 0;
}

/* The script may do what its caller may; a refusal has been written. Source: Redis, script.c, scriptVerifyACL. */
static bool is_refused_to_user(struct rd_script_run *run, const struct rd_command *command, const struct rd_slice *argv,
                               uint32_t argc) {
    struct rd_conn *conn = run->call->conn;
    const struct rd_user *user = rd_conn_user(conn);
    if (!user) return false;
    struct rd_verdict verdict = rd_access_check(user, command, argv, argc, conn->database);
    if (verdict.access == RD_ALLOWED) return false;
    char text[RD_DENIAL_SIZE];
    rd_access_describe(verdict, user, command, false, text);
    rd_reply_format_error(run->scratch, "ERR ACL failure in script: %s", text);
    rd_denial_tell(conn, command, verdict, RD_CONTEXT_SCRIPT);
    return true;
}

/* Are the command's keys other nodes'? A refusal has been written. Source: Redis, script.c, scriptVerifyClusterState. */
static bool is_elsewhere(struct rd_script_run *run, const struct rd_command *command, const struct rd_slice *argv,
                         uint32_t argc) {
    const struct rd_conn *conn = run->call->conn;
    if (!conn->loop->cluster) return false;
    struct rd_placement placement = rd_placement_of(conn, command, argv, argc, RD_NO_PLACEMENT);
    if (placement.place == RD_KEYS_CROSS_SLOT) {
        rd_reply_format_error(run->scratch, "ERR Command '%s' in script attempted to access keys that don't hash to the same "
                                            "slot", command->name);
    } else if (placement.place == RD_KEYS_MOVED) {
        rd_reply_fail(run->scratch, "ERR Script attempted to access a non local key in a cluster node");
    } else if (placement.place == RD_KEYS_HELD) {
        rd_reply_format_error(run->scratch, "ERR Unable to execute command '%s' in script because undeclared keys were accessed "
                                            "during rehashing of the slot", command->name);
    } else if (!run->crosses_slots && placement.slot >= 0 && run->slot >= 0 && run->slot != placement.slot) {
        rd_reply_fail(run->scratch, "ERR Script attempted to access keys that do not hash to the same slot");
    } else {
        if (run->slot < 0) run->slot = placement.slot;
        return false;
    }
    return true;
}

/* Whether the script may call the command; if not, the refusal has been written. Source: Redis, script.c, scriptCall. */
static bool admit(struct rd_script_run *run, const struct rd_command *command, const struct rd_slice *argv, uint32_t argc) {
    struct rd_reply *reply = run->scratch;
    if (!command || !command->handler) {
        rd_reply_fail(reply, "ERR Unknown Redis command called from script");
    } else if (!rd_command_arity_fits(command, argc)) {
        rd_reply_fail(reply, "ERR Wrong number of args calling Redis command from script");
    } else if (is_denied(run, command)) {
        rd_reply_fail(reply, "ERR This Redis command is not allowed from script");
    } else if (is_refused_to_user(run, command, argv, argc)) {
        return false;
    } else if (command->flags & RD_CMD_WRITE && run->only_reads) {
        rd_reply_fail(reply, "ERR Write commands are not allowed from read-only scripts.");
    } else if (command->flags & RD_CMD_DENYOOM && !run->allow_oom && !has_written(run) &&
               rd_transaction_is_out_of_memory(run->call)) {
        rd_reply_oom(reply);
    } else if (is_elsewhere(run, command, argv, argc)) {
        return false;
    } else if (!is_within(run, command, argv, argc)) {
        rd_reply_fail(reply, "ERR the script was taken for one that touches no keys but its own; please report this");
    } else if (command->flags & RD_CMD_WRITE && !may_write(run)) {
        rd_reply_fail(reply, KILLED);
    } else {
        return true;
    }
    return false;
}

static void perform(struct rd_script_run *run, struct rd_command_found found, const struct rd_slice *argv, uint32_t argc) {
    const struct rd_call *outer = run->call;
    struct rd_call call = {
        .loop = outer->loop,
        .conn = outer->conn,
        .store = outer->store,
        .command = found.row,
        .argv = argv,
        .argc = argc,
        .number = found.number,
        .now = outer->now,
        .reply = run->scratch,
        .in_exec = true,
        .by_script = true,
    };
    rd_run_queued(&call);
}

/* Refused, and counted so. */
static void count_rejected(struct rd_script_run *run, struct rd_command_found found) {
    struct rd_observer *observer = run->call->loop->observer;
    observer->stats.exec_errors++;
    if (found.row) rd_counter_add(&observer->stats.commands[found.number].rejected, 1);
}

#define TOO_LARGE SLICE("-ERR the reply of a command takes more than 'script_memory_limit'\r\n")
#define NO_MEMORY SLICE("-" RD_OUT_OF_MEMORY "\r\n")

/* The reply in one piece, large values and all. */
static struct rd_slice joined(struct rd_script_run *run) {
    const struct rd_reply *reply = run->scratch;
    if (reply->failed) return reply->too_long ? TOO_LARGE : NO_MEMORY;
    if (reply->blob_count == 0) return (struct rd_slice){reply->bytes, reply->length};
    size_t length = reply->length;
    for (uint32_t i = 0; i < reply->blob_count; i++) length += reply->blobs[i].length;
    free(run->joined);
    run->joined = NULL;
    if (run->reply_limit && length > run->reply_limit) return TOO_LARGE;
    run->joined = malloc(length);
    if (!run->joined) return NO_MEMORY;
    struct rd_reply_walk walk = {.to = reply->length, .end_blob = reply->blob_count};
    char *end = run->joined;
    for (struct rd_reply_part part; rd_reply_next(reply, &walk, &part);) {
        memcpy(end, part.bytes, part.length);
        end += part.length;
    }
    return (struct rd_slice){run->joined, length};
}

struct rd_slice rd_script_call(struct rd_script_run *run, const struct rd_slice *argv, size_t argc, int protocol) {
    struct rd_reply *reply = run->scratch;
    rd_reply_truncate(reply, 0, 0);
    reply->failed = reply->too_long = false;
    reply->protocol = (uint8_t)protocol;
    struct rd_command_found found = find(run, argv, argc);
    if (admit(run, found.row, argv, (uint32_t)argc)) perform(run, found, argv, (uint32_t)argc);
    else count_rejected(run, found);
    return joined(run);
}

int rd_script_allows(const struct rd_script_run *run, const struct rd_slice *argv, size_t argc) {
    const struct rd_command *command = find(run, argv, argc).row;
    if (!command || !rd_command_arity_fits(command, (uint32_t)argc)) return -1;
    const struct rd_user *user = rd_conn_user(run->call->conn);
    if (!user) return 1;
    return rd_access_check(user, command, argv, (uint32_t)argc, run->call->conn->database).access == RD_ALLOWED;
}

struct rd_slice rd_script_may_go_on(struct rd_script_run *run) {
    struct rd_loop *loop = run->call->loop;
    int64_t limit = rd_setting(loop->settings, RD_SET_SCRIPT_TIME_LIMIT);
    if (atomic_load_explicit(&loop->shared->ends, memory_order_relaxed)) return SLICE("ERR the server is stopping");
    if (rd_conn_user_is_gone(run->call->conn)) return SLICE("ERR the user of this script is gone");
    int64_t end = 2 * limit > LEAST_END_MS ? 2 * limit : LEAST_END_MS;
    if (limit > 0 && rd_long_call_ms(loop) >= end) {
        return SLICE("ERR script ran for more than twice 'script_time_limit' and was ended");
    }
    if (limit > 0 || rd_long_call_is_parked(loop)) rd_long_call_step(loop, limit);
    if (atomic_load(&state_of(run)->phase) == RD_SCRIPT_KILLED) return SLICE(KILLED);
    return (struct rd_slice){NULL, 0};
}

void rd_script_reply(struct rd_script_run *run, const char *bytes, size_t length, bool is_told) {
    struct rd_reply *reply = run->call->reply;
    bool is_error = length > 3 && bytes[0] == '-';
    if (is_error && !is_told) {
        rd_reply_error(reply, bytes + 1, length - 3);
        return;
    }
    rd_reply_raw(reply, bytes, length);
    if (is_error) run->call->loop->observer->stats.exec_errors--; /* so that it counts as this command's failure, too */
}
