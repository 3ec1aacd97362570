/* This file owns the SLOWLOG command. */
#include "call/handler.h"
#include "observe/observer.h"

/* https://redis.io/docs/latest/commands/slowlog-get/ */
static void cmd_slowlog_get(struct rd_call *call) {
    int64_t most = 10;
    if (call->argc > 3) {
        rd_call_refuse_subcommand(call);
        return;
    }
    if (call->argc == 3 && (!rd_parse_i64(call->argv[2].bytes, call->argv[2].length, &most) || most < -1)) {
        rd_reply_fail(call->reply, "ERR count should be greater than or equal to -1");
        return;
    }
    struct rd_slowlog *log = &call->loop->observer->all->slowlog;
    struct rd_reply *reply = call->reply;
    rd_lock_acquire(&log->lock);
    size_t count = most < 0 || most > log->count ? log->count : (size_t)most;
    rd_reply_array(reply, count);
    for (const struct rd_slow_entry *entry = log->newest; count > 0; entry = entry->older, count--) {
        rd_reply_array(reply, 6);
        rd_reply_integer(reply, (int64_t)entry->id);
        rd_reply_integer(reply, entry->unix_s);
        rd_reply_integer(reply, entry->us);
        rd_reply_array(reply, entry->argc);
        for (uint32_t i = 0; i < entry->argc; i++) rd_reply_slice(reply, entry->argv[i]);
        rd_reply_text(reply, entry->peer);
        rd_reply_text(reply, entry->name);
    }
    rd_lock_release(&log->lock);
}

/* https://redis.io/docs/latest/commands/slowlog-len/ */
static void cmd_slowlog_len(struct rd_call *call) {
    struct rd_slowlog *log = &call->loop->observer->all->slowlog;
    rd_lock_acquire(&log->lock);
    uint32_t count = log->count;
    rd_lock_release(&log->lock);
    rd_reply_integer(call->reply, count);
}

/* https://redis.io/docs/latest/commands/slowlog-reset/ */
static void cmd_slowlog_reset(struct rd_call *call) {
    rd_slowlog_clear(&call->loop->observer->all->slowlog);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/slowlog-help/ */
static void cmd_slowlog_help(struct rd_call *call) {
    static const char *const lines[] = {
        "SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GET [<count>]",
        "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
        "    Entries are made of:",
        "    id, timestamp, time in microseconds, arguments array, client IP and port,",
        "    client name",
        "LEN",
        "    Return the length of the slowlog.",
        "RESET",
        "    Reset the slowlog.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

#define SLOWLOG_FLAGS (RD_CMD_ADMIN | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS)
const struct rd_command rd_slowlog_commands[] = {
    {"slowlog", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for slow log commands.", "2.2.12", "server", "Depends on subcommand.")},
    {"slowlog|get", -2, SLOWLOG_FLAGS, 0, 0, 0, cmd_slowlog_get,
     RD_DOCS("Returns the slow log's entries.", "2.2.12", "server",
             "O(N) where N is the number of entries returned", .syntax = "[count:integer]",
             .history = "4.0.0 Added client IP address, port and name to the reply.",
             .tips = "request_policy:all_nodes nondeterministic_output")},
    {"slowlog|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_slowlog_help,
     RD_DOCS("Show helpful text about the different subcommands", "6.2.0", "server", "O(1)", .syntax = "")},
    {"slowlog|len", 2, SLOWLOG_FLAGS, 0, 0, 0, cmd_slowlog_len,
     RD_DOCS("Returns the number of entries in the slow log.", "2.2.12", "server", "O(1)", .syntax = "",
             .tips = "request_policy:all_nodes response_policy:agg_sum nondeterministic_output")},
    {"slowlog|reset", 2, SLOWLOG_FLAGS, 0, 0, 0, cmd_slowlog_reset,
     RD_DOCS("Clears all entries from the slow log.", "2.2.12", "server",
             "O(N) where N is the number of entries in the slowlog", .syntax = "",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    RD_END_OF_COMMANDS,
};
