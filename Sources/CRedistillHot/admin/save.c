/* This file owns the commands that write snapshots: SAVE, BGSAVE and LASTSAVE, and BGREWRITEAOF, which there is not. */
#include "call/handler.h"
#include "connection/conn.h"
#include "snapshot/snapshots.h"

#define NOTHING_ON_DISK "ERR Redistill keeps nothing on disk, so that there is nothing to save"
#define NO_LOG "ERR Redistill keeps no log of writes, so that there is none to rewrite"

/* False: it is not, and why has been replied. */
static bool begin(struct rd_call *call) {
    struct rd_snapshots *snapshots = call->loop->shared->snapshots;
    enum rd_status status = snapshots ? rd_snapshots_begin(snapshots) : RD_ERR_INVALID;
    switch (status) {
    case RD_OK: return true;
    case RD_ERR_INVALID: rd_reply_fail(call->reply, NOTHING_ON_DISK); break;
    case RD_ERR_STATE: rd_reply_fail(call->reply, "ERR Background save already in progress"); break;
    default: rd_reply_fail(call->reply, "ERR there is no thread to be had for a snapshot"); break;
    }
    return false;
}

/* https://redis.io/docs/latest/commands/save/ : only who asks waits; others are served. */
static void cmd_save(struct rd_call *call) {
    if (!begin(call)) return;
    call->conn->answer_due = true;
    rd_conn_suspend(call->conn);
}

/* https://redis.io/docs/latest/commands/bgsave/ : nothing else ever is in its way, so that SCHEDULE asks for nothing. */
static void cmd_bgsave(struct rd_call *call) {
    bool fits = call->argc == 1 || (call->argc == 2 && rd_slice_is(call->argv[1], "schedule"));
    if (!fits) rd_reply_syntax_error(call->reply);
    else if (begin(call)) rd_reply_literal(call->reply, "+Background saving started\r\n");
}

/* https://redis.io/docs/latest/commands/lastsave/ : as in Redis the start counts as one. */
static void cmd_lastsave(struct rd_call *call) {
    const struct rd_shared *shared = call->loop->shared;
    int64_t saved_s = shared->started_ms / 1000;
    if (shared->snapshots) saved_s = atomic_load_explicit(&shared->snapshots->saved_s, memory_order_relaxed);
    rd_reply_integer(call->reply, saved_s);
}

/* https://redis.io/docs/latest/commands/bgrewriteaof/ */
static void cmd_bgrewriteaof(struct rd_call *call) {
    if (call->loop->shared->snapshots) rd_reply_fail(call->reply, NO_LOG);
    else rd_reply_fail(call->reply, NOTHING_ON_DISK);
}

#define OF_DISK (RD_CMD_ADMIN | RD_CMD_NOSCRIPT | RD_CMD_DANGEROUS)

const struct rd_command rd_save_commands[] = {
    {"bgrewriteaof", 1, OF_DISK, 0, 0, 0, cmd_bgrewriteaof,
     RD_DOCS("Refused: no log of writes is kept.", "1.0.0", "server", "O(1)", .syntax = "", .also = "no_async_loading")},
    {"bgsave", -1, OF_DISK, 0, 0, 0, cmd_bgsave,
     RD_DOCS("Writes a snapshot of all databases to disk in the background, where `[persistence]` is on.", "1.0.0", "server",
             "O(1)", .syntax = "[SCHEDULE@3.2.2]", .history = "3.2.2 Added the `SCHEDULE` option.",
             .also = "no_async_loading")},
    {"lastsave", 1, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_DANGEROUS, 0, 0, 0, cmd_lastsave,
     RD_DOCS("Returns the Unix time of the last snapshot that was written, or of the start.", "1.0.0", "server", "O(1)",
             .syntax = "", .tips = "nondeterministic_output", .also = "@admin")},
    {"save", 1, OF_DISK | RD_CMD_NO_MULTI | RD_CMD_SETTLES, 0, 0, 0, cmd_save,
     RD_DOCS("Writes a snapshot of all databases to disk, and replies when it is there, where `[persistence]` is on.", "1.0.0",
             "server", "O(N) where N is the total number of keys in all databases; others are served meanwhile", .syntax = "",
             .also = "no_async_loading")},
    RD_END_OF_COMMANDS,
};
