/* This file owns the COMMANDLOG command, and SLOWLOG, the older one of its first log. */
#include "call/handler.h"
#include "observe/observer.h"

static struct rd_command_log *log_of(const struct rd_call *call, enum rd_command_log_kind kind) {
    return &call->loop->observer->all->logs[kind];
}

static void reply_entries(struct rd_call *call, struct rd_command_log *log, int64_t most) {
    struct rd_reply *reply = call->reply;
    rd_lock_acquire(&log->lock);
    size_t count = most < 0 || most > log->count ? log->count : (size_t)most;
    rd_reply_array(reply, count);
    for (const struct rd_log_entry *entry = log->newest; count > 0; entry = entry->older, count--) {
        rd_reply_array(reply, 6);
        rd_reply_integer(reply, (int64_t)entry->id);
        rd_reply_integer(reply, entry->unix_s);
        rd_reply_integer(reply, entry->value);
        rd_reply_array(reply, entry->argc);
        for (uint32_t i = 0; i < entry->argc; i++) rd_reply_slice(reply, entry->argv[i]);
        rd_reply_text(reply, entry->peer);
        rd_reply_text(reply, entry->name);
    }
    rd_lock_release(&log->lock);
}

static void reply_length(struct rd_call *call, struct rd_command_log *log) {
    rd_lock_acquire(&log->lock);
    uint32_t count = log->count;
    rd_lock_release(&log->lock);
    rd_reply_integer(call->reply, count);
}

/* Reads how many entries are wanted, -1 for all; writes the error and returns false when it is no such number. */
static bool read_count(struct rd_call *call, int64_t *most) {
    if (rd_parse_i64(call->argv[2].bytes, call->argv[2].length, most) && *most >= -1) return true;
    rd_reply_fail(call->reply, "ERR count should be greater than or equal to -1");
    return false;
}

/* https://redis.io/docs/latest/commands/slowlog-get/ */
static void cmd_slowlog_get(struct rd_call *call) {
    int64_t most = 10;
    if (call->argc > 3) rd_call_refuse_subcommand(call);
    else if (call->argc < 3 || read_count(call, &most)) reply_entries(call, log_of(call, RD_LOG_SLOW), most);
}

/* https://redis.io/docs/latest/commands/slowlog-len/ */
static void cmd_slowlog_len(struct rd_call *call) {
    reply_length(call, log_of(call, RD_LOG_SLOW));
}

/* https://redis.io/docs/latest/commands/slowlog-reset/ */
static void cmd_slowlog_reset(struct rd_call *call) {
    rd_command_log_clear(log_of(call, RD_LOG_SLOW));
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

/* The log that an argument names; NULL, and the error is written, when there is none. */
static struct rd_command_log *named_log(struct rd_call *call, uint32_t argument) {
    static const char *const names[RD_LOG_KINDS] = {
        [RD_LOG_SLOW] = "slow",
        [RD_LOG_LARGE_REQUEST] = "large-request",
        [RD_LOG_LARGE_REPLY] = "large-reply",
    };
    for (enum rd_command_log_kind kind = 0; kind < RD_LOG_KINDS; kind++) {
        if (rd_slice_is(call->argv[argument], names[kind])) return log_of(call, kind);
    }
    rd_reply_fail(call->reply, "ERR type should be one of the following: slow, large-request, large-reply");
    return NULL;
}

/* https://valkey.io/commands/commandlog-get/ */
static void cmd_commandlog_get(struct rd_call *call) {
    int64_t most;
    if (!read_count(call, &most)) return;
    struct rd_command_log *log = named_log(call, 3);
    if (log) reply_entries(call, log, most);
}

/* https://valkey.io/commands/commandlog-len/ */
static void cmd_commandlog_len(struct rd_call *call) {
    struct rd_command_log *log = named_log(call, 2);
    if (log) reply_length(call, log);
}

/* https://valkey.io/commands/commandlog-reset/ */
static void cmd_commandlog_reset(struct rd_call *call) {
    struct rd_command_log *log = named_log(call, 2);
    if (!log) return;
    rd_command_log_clear(log);
    rd_reply_ok(call->reply);
}

/* https://valkey.io/commands/commandlog-help/ */
static void cmd_commandlog_help(struct rd_call *call) {
    static const char *const lines[] = {
        "COMMANDLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GET <count> <type>",
        "    Return top <count> entries of the specified <type> from the commandlog (-1 mean all).",
        "    Entries are made of:",
        "    id, timestamp,",
        "        time in microseconds for type of slow,",
        "        or size in bytes for type of large-request,",
        "        or size in bytes for type of large-reply",
        "    arguments array, client IP and port,",
        "    client name",
        "LEN <type>",
        "    Return the length of the specified type of commandlog.",
        "RESET <type>",
        "    Reset the specified type of commandlog.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

#define LOG_FLAGS (RD_CMD_ADMIN | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS)
#define LOG_NAME "type(slow|large-request|large-reply)"
const struct rd_command rd_command_log_commands[] = {
    {"commandlog", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for command log commands.", "8.1.0", "server", "Depends on subcommand.",
             .origin = "Valkey")},
    {"commandlog|get", 4, LOG_FLAGS, 0, 0, 0, cmd_commandlog_get,
     RD_DOCS("Returns the specified command log's entries.", "8.1.0", "server",
             "O(N) where N is the number of entries returned", .syntax = "count:integer " LOG_NAME,
             .tips = "request_policy:all_nodes nondeterministic_output", .origin = "Valkey")},
    {"commandlog|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_commandlog_help,
     RD_DOCS("Shows helpful text about the different subcommands.", "8.1.0", "server", "O(1)", .syntax = "",
             .origin = "Valkey")},
    {"commandlog|len", 3, LOG_FLAGS, 0, 0, 0, cmd_commandlog_len,
     RD_DOCS("Returns the number of entries in the specified type of command log.", "8.1.0", "server", "O(1)",
             .syntax = LOG_NAME,
             .tips = "request_policy:all_nodes response_policy:agg_sum nondeterministic_output", .origin = "Valkey")},
    {"commandlog|reset", 3, LOG_FLAGS, 0, 0, 0, cmd_commandlog_reset,
     RD_DOCS("Clears all entries from the specified type of command log.", "8.1.0", "server",
             "O(N) where N is the number of entries in the commandlog", .syntax = LOG_NAME,
             .tips = "request_policy:all_nodes response_policy:all_succeeded", .origin = "Valkey")},
    {"slowlog", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for slow log commands.", "2.2.12", "server", "Depends on subcommand.")},
    {"slowlog|get", -2, LOG_FLAGS, 0, 0, 0, cmd_slowlog_get,
     RD_DOCS("Returns the slow log's entries.", "2.2.12", "server",
             "O(N) where N is the number of entries returned", .syntax = "[count:integer]",
             .history = "4.0.0 Added client IP address, port and name to the reply.",
             .tips = "request_policy:all_nodes nondeterministic_output")},
    {"slowlog|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_slowlog_help,
     RD_DOCS("Show helpful text about the different subcommands", "6.2.0", "server", "O(1)", .syntax = "")},
    {"slowlog|len", 2, LOG_FLAGS, 0, 0, 0, cmd_slowlog_len,
     RD_DOCS("Returns the number of entries in the slow log.", "2.2.12", "server", "O(1)", .syntax = "",
             .tips = "request_policy:all_nodes response_policy:agg_sum nondeterministic_output")},
    {"slowlog|reset", 2, LOG_FLAGS, 0, 0, 0, cmd_slowlog_reset,
     RD_DOCS("Clears all entries from the slow log.", "2.2.12", "server",
             "O(N) where N is the number of entries in the slowlog", .syntax = "",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    RD_END_OF_COMMANDS,
};
