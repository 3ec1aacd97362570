/* This file owns the commands that the control plane answers, INFO, CONFIG and SHUTDOWN, and TIME. */
#include "base/clock.h"

#include "call/handler.h"
#include "connection/conn.h"

/* https://redis.io/docs/latest/commands/time/ */
static void cmd_time(struct rd_call *call) {
    /* The one command whose answer is the time itself, so it is worth a call; as in Redis, for a script it stands still. */
    int64_t *told = call->by_script ? &call->loop->script.time_us : NULL;
    int64_t us = told && *told ? *told : rd_unix_us();
    if (told) *told = us;
    char text[RD_I64_DIGITS];
    rd_reply_array(call->reply, 2);
    rd_reply_bulk(call->reply, text, (size_t)(rd_format_i64(text, us / 1000000) - text));
    rd_reply_bulk(call->reply, text, (size_t)(rd_format_i64(text, us % 1000000) - text));
}

/* https://redis.io/docs/latest/commands/info/ */
static void cmd_info(struct rd_call *call) {
    const struct rd_callbacks *callbacks = call->loop->control->callbacks;
    call->loop->control->catch_up(call->loop->control->server); /* connected_clients has who is connected */
    if (callbacks->info) callbacks->info(callbacks->context, call->argv + 1, call->argc - 1, call->reply);
    else rd_reply_verbatim(call->reply, "", 0);
}

/* https://redis.io/docs/latest/commands/config-get/ */
static void cmd_config_get(struct rd_call *call) {
    const struct rd_callbacks *callbacks = call->loop->control->callbacks;
    if (callbacks->config_get) callbacks->config_get(callbacks->context, call->argv + 2, call->argc - 2, call->reply);
    else rd_reply_map(call->reply, 0);
}

/* https://redis.io/docs/latest/commands/config-set/ */
static void cmd_config_set(struct rd_call *call) {
    char address[RD_ADDRESS_SIZE];
    struct rd_peer peer = rd_call_peer(call, address);
    const struct rd_callbacks *callbacks = call->loop->control->callbacks;
    if (call->argc % 2 != 0) rd_reply_syntax_error(call->reply);
    else if (callbacks->config_set) {
        callbacks->config_set(callbacks->context, &peer, call->argv + 2, call->argc - 2, call->reply);
    }
    else rd_reply_fail(call->reply, "ERR CONFIG SET is not available");
}

/* https://redis.io/docs/latest/commands/config-rewrite/ */
static void cmd_config_rewrite(struct rd_call *call) {
    const struct rd_callbacks *callbacks = call->loop->control->callbacks;
    char address[RD_ADDRESS_SIZE];
    struct rd_peer peer = rd_call_peer(call, address);
    if (callbacks->config_rewrite) callbacks->config_rewrite(callbacks->context, &peer, call->reply);
    else rd_reply_fail(call->reply, "ERR The server is running without a config file");
}

/* https://redis.io/docs/latest/commands/config-resetstat/ */
static void cmd_config_resetstat(struct rd_call *call) {
    call->loop->control->reset_statistics(call->loop->control->server);
    rd_call_tell(call, RD_EVENT_ADMIN_COMMAND);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/config-help/ */
static void cmd_config_help(struct rd_call *call) {
    static const char *const lines[] = {
        "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GET <pattern>",
        "    Return parameters matching the glob-like <pattern> and their values.",
        "SET <directive> <value>",
        "    Set the configuration <directive> to <value>.",
        "RESETSTAT",
        "    Reset statistics reported by the INFO command.",
        "REWRITE",
        "    Rewrite the configuration file.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

/* https://redis.io/docs/latest/commands/shutdown/ : no reply; the connection closes with the server. */
static void cmd_shutdown(struct rd_call *call) {
    bool save = false, no_save = false, now = false, force = false, abort = false, unknown = false;
    for (uint32_t i = 1; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        if (rd_slice_is(word, "nosave")) no_save = true;
        else if (rd_slice_is(word, "save")) save = true;
        else if (rd_slice_is(word, "now")) now = true;
        else if (rd_slice_is(word, "force")) force = true;
        else if (rd_slice_is(word, "abort")) abort = true;
        else unknown = true;
    }
    if (unknown || (save && no_save) || (abort && (save || no_save || now || force))) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    if (abort) { /* a stop closes connections at once, so that nobody is there to take it back */
        rd_reply_fail(call->reply, "ERR No shutdown in progress.");
        return;
    }
    bool is_busy = rd_store_is_busy(call->store);
    if (is_busy && !no_save) { /* as Redis: whoever says NOSAVE knows that the script is cut off */
        rd_reply_busy(call->reply);
        return;
    }
    const struct rd_callbacks *callbacks = call->loop->control->callbacks;
    if (!callbacks->shutdown) {
        rd_reply_fail(call->reply, "ERR Errors trying to SHUTDOWN. Check logs.");
        return;
    }
    char address[RD_ADDRESS_SIZE];
    struct rd_peer peer = rd_call_peer(call, address);
    enum rd_stop_save saves = no_save ? RD_STOP_SAVES_NOT : save ? RD_STOP_SAVES : RD_STOP_AS_CONFIGURED;
    callbacks->shutdown(callbacks->context, &peer, now || is_busy, saves);
}

const struct rd_command rd_server_commands[] = {
    {"config", -2, RD_CMD_SETTLES | RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for server configuration commands.", "2.0.0", "server", "Depends on subcommand.")},
    {"config|get", -3, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_config_get,
     RD_DOCS("Returns the effective values of configuration parameters.", "2.0.0", "server",
             "O(N) when N is the number of configuration parameters provided", .syntax = "parameter ...",
             .history = "7.0.0 Added the ability to pass multiple pattern parameters in one call")},
    {"config|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_config_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "5.0.0", "server", "O(1)", .syntax = "")},
    {"config|resetstat", 2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_config_resetstat,
     RD_DOCS("Resets the server's statistics.", "2.0.0", "server", "O(1)", .syntax = "",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    {"config|rewrite", 2, RD_CMD_OF_ADMIN | RD_CMD_WAITS_FOR_DISK, 0, 0, 0, cmd_config_rewrite,
     RD_DOCS("Persists the effective configuration to file.", "2.8.0", "server", "O(1)", .syntax = "",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    {"config|set", -4, RD_CMD_OF_ADMIN | RD_CMD_SECRET_SETTINGS, 0, 0, 0, cmd_config_set,
     RD_DOCS("Sets configuration parameters in-flight.", "2.0.0", "server",
             "O(N) when N is the number of configuration parameters provided", .syntax = "data{parameter value} ...",
             .history = "7.0.0 Added the ability to set multiple parameters in one call.",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    {"info", -1, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS, 0, 0, 0, cmd_info,
     RD_DOCS("Returns information and statistics about the server.", "1.0.0", "server", "O(1)",
             .grants = RD_GRANT_EVERY_ROLE, .syntax = "[section ...]", .history = "7.0.0 Added support for taking multiple section arguments.",
             .tips = "nondeterministic_output request_policy:all_shards response_policy:special")},
    {"shutdown", -1, RD_CMD_OF_ADMIN | RD_CMD_NO_MULTI | RD_CMD_ALLOW_BUSY, 0, 0, 0, cmd_shutdown,
     RD_DOCS("Synchronously saves the database(s) to disk and shuts down the Redis server.", "1.0.0", "server",
             "O(1), or of `SAVE` where a snapshot is written",
             .syntax = "[save-selector(NOSAVE|SAVE)] [NOW@7.0.0] [FORCE@7.0.0] [ABORT@7.0.0]",
             .history = "7.0.0 Added the `NOW`, `FORCE` and `ABORT` modifiers.")},
    {"time", 1, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST, 0, 0, 0, cmd_time,
     RD_DOCS("Returns the server time.", "2.6.0", "server", "O(1)", .syntax = "", .tips = "nondeterministic_output")},
    RD_END_OF_COMMANDS,
};
