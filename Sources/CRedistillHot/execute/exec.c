/* This file owns the commands of transactions: MULTI, EXEC, DISCARD, WATCH, UNWATCH. */
#include <stdlib.h>

#include "call/handler.h"
#include "connection/login.h"
#include "execute/long_call.h"
#include "execute/run.h"
#include "execute/transaction.h"
#include "observe/denial.h"

/* https://redis.io/docs/latest/commands/multi/ */
static void cmd_multi(struct rd_call *call) {
    struct rd_transaction *transaction = rd_transaction_of(call->conn);
    if (!transaction) {
        rd_reply_oom(call->reply);
    } else if (transaction->queueing) {
        rd_reply_fail(call->reply, "ERR MULTI calls can not be nested");
    } else {
        transaction->queueing = true;
        call->conn->queued_commands = 0;
        rd_reply_ok(call->reply);
    }
}

/* https://redis.io/docs/latest/commands/discard/ */
static void cmd_discard(struct rd_call *call) {
    if (!rd_transaction_is_open(call->conn)) {
        rd_reply_fail(call->reply, "ERR DISCARD without MULTI");
        return;
    }
    rd_transaction_end(call->conn);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/watch/ */
static void cmd_watch(struct rd_call *call) {
    struct rd_transaction *transaction = rd_transaction_of(call->conn);
    if (transaction && transaction->queueing) {
        rd_reply_fail(call->reply, "ERR WATCH inside MULTI is not allowed");
        return;
    }
    enum rd_status status = transaction ? RD_OK : RD_ERR_NO_MEMORY;
    for (uint32_t i = 1; i < call->argc && status == RD_OK; i++) status = rd_transaction_watch(call, call->argv[i]);
    if (status == RD_ERR_STATE) rd_reply_busy(call->reply);
    else if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/unwatch/ : inside an EXEC nothing is watched any more. */
static void cmd_unwatch(struct rd_call *call) {
    if (!call->in_exec) rd_transaction_end(call->conn);
    rd_reply_ok(call->reply);
}

/* Every shard that the transaction may touch: of its commands' keys, and of the watched ones. */
static void collect_shards(const struct rd_call *call, const struct rd_transaction *transaction,
                           struct rd_shard_set *set) {
    struct rd_store *store = call->store;
    rd_shard_set_clear(store, set);
    for (uint32_t i = 0; i < transaction->watches.capacity; i++) {
        const struct rd_watched *watched = transaction->watches.slots[i].watched;
        if (watched) rd_shard_set_add(store, set, watched->hash);
    }
    for (const struct rd_queued *queued = transaction->first; queued; queued = queued->next) {
        if (queued->command->flags & RD_CMD_ALL_KEYS) {
            rd_shard_set_fill(store, set);
            return;
        }
        struct rd_key_range keys = rd_command_keys(queued->command, queued->argv, queued->argc);
        rd_key_range_add_shards(keys, queued->argv, store, set);
    }
}

/* Is there something queued that needs memory, where there is none and nothing may be evicted? */
static bool lacks_memory(const struct rd_call *call, const struct rd_transaction *transaction) {
    if (!rd_transaction_is_out_of_memory(call)) return false;
    for (const struct rd_queued *queued = transaction->first; queued; queued = queued->next) {
        if (queued->command->flags & RD_CMD_DENYOOM) return true;
    }
    return false;
}

/*
 * What was queued before the client became somebody else, or selected a database that it may not touch, is refused now.
 * Source: Redis, multi.c, execCommand.
 */
static bool is_denied(const struct rd_call *call, const struct rd_queued *queued) {
    struct rd_conn *conn = call->conn;
    const struct rd_user *user = rd_conn_user(conn);
    if (!user) return false;
    struct rd_verdict verdict = rd_access_check(user, queued->command, queued->argv, queued->argc, conn->database);
    if (verdict.access == RD_ALLOWED) return false;
    static const char *const reasons[] = {
        [RD_DENIED_COMMAND] = "no permission to execute the command or subcommand",
        [RD_DENIED_DATABASE] = "no permission to access the database",
        [RD_DENIED_KEY] = "no permission to touch the specified keys",
    };
    rd_reply_format_error(call->reply,
                          "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. "
                          "This command is no longer allowed for the following reason: %s", reasons[verdict.access]);
    rd_denial_tell(conn, queued->command, verdict, RD_CONTEXT_MULTI);
    return true;
}

/* While an EXEC waits for a script of its own, another map may come, and take its keys away. */
static bool is_elsewhere(const struct rd_call *call, const struct rd_queued *queued) {
    if (!call->loop->cluster) return false;
    struct rd_placement placement =
        rd_placement_of(call->conn, queued->command, queued->argv, queued->argc, RD_NO_PLACEMENT);
    if (placement.place == RD_KEYS_HERE) return false;
    rd_placement_refuse(call->reply, call->conn, placement);
    return true;
}

static void run(const struct rd_call *call, struct rd_queued *queued) {
    if (__builtin_expect(!call->conn->may_all, 0) && (is_denied(call, queued) || is_elsewhere(call, queued))) return;
    struct rd_call inner = {
        .loop = call->loop,
        .conn = call->conn,
        .store = call->store,
        .command = queued->command,
        .argv = queued->argv,
        .argc = queued->argc,
        .number = queued->number,
        .hash = queued->hash,
        .shard = queued->shard,
        .now = call->now,
        .reply = call->reply,
        .received = queued->received,
        .in_exec = true,
    };
    rd_run_queued(&inner);
}

/* As Redis: CLIENT REPLY within an EXEC holds from its place on, also for the rest of this EXEC's own reply. */
static void drop_if_silent(const struct rd_call *call, size_t length, uint32_t blobs) {
    struct rd_conn *conn = call->conn;
    if (__builtin_expect(rd_conn_is_silent(conn), 0)) rd_reply_discard(call->reply, length, blobs, conn->closing);
}

/*
 * Waits for the disk, which nobody else must: it runs when the locks are free again. It reads what is in effect then, and
 * touches no key, so that its answer alone has to be brought to its place.
 */
static bool waits_for_disk(const struct rd_queued *queued) {
    return queued->command->flags & RD_CMD_WAITS_FOR_DISK;
}

#define REPLY_NOWHERE SIZE_MAX

static void run_late(const struct rd_call *call, const struct rd_transaction *transaction) {
    struct rd_reply *reply = call->reply;
    size_t moved = 0;
    for (struct rd_queued *queued = transaction->first; queued; queued = queued->next) {
        if (!waits_for_disk(queued)) continue;
        if (reply->failed) return; /* nobody gets it, and it writes no key */
        size_t from = reply->length;
        run(call, queued);
        size_t length = reply->length - from;
        if (queued->reply_at == REPLY_NOWHERE) rd_reply_truncate(reply, from, reply->blob_count);
        else if (!rd_reply_move(reply, from, queued->reply_at + moved)) return;
        else moved += length;
    }
}

static void run_all(const struct rd_call *call, const struct rd_transaction *transaction) {
    const struct rd_reply *reply = call->reply;
    size_t length = reply->length;
    rd_reply_array(call->reply, transaction->count);
    drop_if_silent(call, length, reply->blob_count);
    for (struct rd_queued *queued = transaction->first; queued; queued = queued->next) {
        length = reply->length;
        uint32_t blobs = reply->blob_count;
        if (__builtin_expect(waits_for_disk(queued), 0)) {
            queued->reply_at = rd_conn_is_silent(call->conn) ? REPLY_NOWHERE : length;
            continue;
        }
        /* A transaction is done as a whole, but for what is only read into a reply that nobody gets. */
        if (__builtin_expect(reply->failed, 0) && (queued->command->flags & RD_CMD_READONLY)) continue;
        run(call, queued);
        drop_if_silent(call, length, blobs);
    }
}

static void exec(struct rd_call *call) {
    struct rd_transaction *transaction = call->conn->transaction;
    struct rd_shard_set set;
    size_t length = call->reply->length;
    uint32_t blobs = call->reply->blob_count;
    call->loop->observer->stats.exec_errors = 0;
    if (!rd_transaction_is_open(call->conn)) {
        rd_reply_fail(call->reply, "ERR EXEC without MULTI");
        drop_if_silent(call, length, blobs);
        return;
    }
    bool ran = false, is_busy = false;
    if (transaction->spoiled) {
        rd_reply_fail(call->reply, "EXECABORT Transaction discarded because of previous errors.");
    } else if (lacks_memory(call, transaction)) {
        rd_reply_fail(call->reply, RD_EXEC_REFUSED RD_OUT_OF_MEMORY);
    } else if (collect_shards(call, transaction, &set), !rd_store_lock_set(call->store, &set)) {
        is_busy = true;
        rd_reply_fail(call->reply, RD_EXEC_REFUSED RD_BUSY);
    } else {
        if (rd_transaction_is_touched(call)) {
            rd_reply_null_array(call->reply);
        } else {
            rd_transaction_hide_watches(call->conn); /* as in Redis, for what is shown to the commands that follow */
            run_all(call, transaction);
            ran = true;
        }
        rd_store_unlock_set(call->store, &set);
    }
    if (ran) run_late(call, transaction);
    else drop_if_silent(call, length, blobs);
    if (is_busy) rd_transaction_drop(call->conn);
    else rd_transaction_end(call->conn);
    struct rd_observer *observer = call->loop->observer;
    if (observer->monitored) rd_monitor_tell(observer, call);
}

/* https://redis.io/docs/latest/commands/exec/ */
static void cmd_exec(struct rd_call *call) {
    const struct rd_transaction *transaction = call->conn->transaction;
    if (!transaction || !transaction->runs_scripts) {
        exec(call);
        return;
    }
    size_t length = call->reply->length;
    enum rd_status status = rd_long_call_run(call, exec);
    if (status == RD_OK) return;
    if (status == RD_ERR_STATE) rd_reply_fail(call->reply, RD_EXEC_REFUSED RD_BUSY);
    else rd_reply_fail(call->reply, RD_EXEC_REFUSED RD_OUT_OF_MEMORY);
    drop_if_silent(call, length, call->reply->blob_count);
    rd_transaction_drop(call->conn);
}

const struct rd_command rd_exec_commands[] = {
    {"discard", 1, RD_CMD_OF_TRANSACTION | RD_CMD_FAST | RD_CMD_ALLOW_BUSY | RD_CMD_AT_ONCE, 0, 0, 0, cmd_discard,
     RD_DOCS("Discards a transaction.", "2.0.0", "transactions", "O(N), when N is the number of queued commands",
             .syntax = "")},
    {"exec", 1, RD_CMD_OF_TRANSACTION | RD_CMD_SETTLES | RD_CMD_EXEC | RD_CMD_AT_ONCE, 0, 0, 0, cmd_exec,
     RD_DOCS("Executes all commands in a transaction.", "1.2.0", "transactions",
             "Depends on commands in the transaction", .syntax = "", .also = "skip_slowlog")},
    {"multi", 1, RD_CMD_OF_TRANSACTION | RD_CMD_FAST | RD_CMD_ALLOW_BUSY | RD_CMD_AT_ONCE, 0, 0, 0, cmd_multi,
     RD_DOCS("Starts a transaction.", "1.2.0", "transactions", "O(1)", .syntax = "")},
    {"unwatch", 1, RD_CMD_OF_TRANSACTION | RD_CMD_FAST | RD_CMD_ALLOW_BUSY, 0, 0, 0, cmd_unwatch,
     RD_DOCS("Forgets about watched keys of a transaction.", "2.2.0", "transactions", "O(1)", .syntax = "")},
    {"watch", -2, RD_CMD_OF_TRANSACTION | RD_CMD_FAST | RD_CMD_AT_ONCE, 1, -1, 1, cmd_watch,
     RD_DOCS("Monitors changes to keys to determine the execution of a transaction.", "2.2.0", "transactions",
             "O(1) for every key.", .access = "RO", .syntax = "key ...", .also = "allow_busy")},
    RD_END_OF_COMMANDS,
};
