/* This file owns SCRIPT: keeping scripts, asking for them, and ending one that runs. */
#include "base/clock.h"
#include "call/handler.h"
#include "execute/long_call.h"
#include "execute/script_run.h"

/* Where scripts may run for any time, one that has for so long may be ended all the same: Redis's default limit. */
#define UNLIMITED_MS 5000

static void ask(struct rd_call *call, enum rd_script_task task) {
    struct rd_script_request request = {
        .task = task,
        .worker = call->loop->number,
        .protocol = call->reply->protocol,
        .script = call->argc > 2 ? call->argv[2] : (struct rd_slice){NULL, 0},
        .arguments = call->argv + 2,
        .argument_count = call->argc - 2,
    };
    rd_script_ask(call, &request);
}

static void load(struct rd_call *call) {
    ask(call, RD_SCRIPT_LOAD);
}

/* https://redis.io/docs/latest/commands/script-load/ : reading a script takes a deep stack. */
static void cmd_script_load(struct rd_call *call) {
    rd_long_call_run_or_refuse(call, load);
}

/* https://redis.io/docs/latest/commands/script-exists/ */
static void cmd_script_exists(struct rd_call *call) {
    ask(call, RD_SCRIPT_EXISTS);
}

/* https://redis.io/docs/latest/commands/script-flush/ */
static void cmd_script_flush(struct rd_call *call) {
    if (!rd_call_flush_fits(call, 2)) {
        rd_reply_fail(call->reply, "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
        return;
    }
    ask(call, RD_SCRIPT_FLUSH);
    rd_call_tell(call, RD_EVENT_ADMIN_COMMAND);
}

/*
 * Of the scripts that began before that, the one that has run for longest, before those that have written and can't be
 * ended; NULL when there is none. One that is within its time is nobody's to end: in Redis nobody is heard meanwhile.
 */
static struct rd_script_state *longest(const struct rd_shared *shared, int64_t started_before) {
    struct rd_script_state *found = NULL;
    for (struct rd_loop *loop = shared->loops; loop; loop = loop->next) {
        if (atomic_load(&loop->script.phase) == RD_SCRIPT_NONE) continue;
        int64_t started = atomic_load_explicit(&loop->script.started_ms, memory_order_relaxed);
        if (started >= started_before) continue;
        bool is_older = !found || started < atomic_load_explicit(&found->started_ms, memory_order_relaxed);
        bool has_written = atomic_load(&loop->script.phase) == RD_SCRIPT_WRITES;
        bool other_has = found && atomic_load(&found->phase) == RD_SCRIPT_WRITES;
        if (!found || has_written < other_has || (has_written == other_has && is_older)) found = &loop->script;
    }
    return found;
}

/* https://redis.io/docs/latest/commands/script-kill/ */
static void cmd_script_kill(struct rd_call *call) {
    int64_t limit = rd_setting(call->loop->settings, RD_SET_SCRIPT_TIME_LIMIT);
    struct rd_script_state *script = longest(call->loop->shared, rd_monotonic_ms() - (limit ? limit : UNLIMITED_MS));
    int phase = RD_SCRIPT_READS;
    if (script && atomic_compare_exchange_strong(&script->phase, &phase, RD_SCRIPT_KILLED)) phase = RD_SCRIPT_KILLED;
    if (!script || phase == RD_SCRIPT_NONE) {
        rd_reply_fail(call->reply, "NOTBUSY No scripts in execution right now.");
    } else if (phase == RD_SCRIPT_WRITES) {
        rd_reply_fail(call->reply, "UNKILLABLE Sorry the script already executed write commands against the dataset. "
                                   "You can either wait the script termination or kill the server in a hard way using "
                                   "the SHUTDOWN NOSAVE command.");
    } else {
        rd_call_tell(call, RD_EVENT_ADMIN_COMMAND);
        rd_reply_ok(call->reply);
    }
}

/* https://redis.io/docs/latest/commands/script-help/ */
static void cmd_script_help(struct rd_call *call) {
    static const char *const lines[] = {
        "SCRIPT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "EXISTS <sha1> [<sha1> ...]",
        "    Return information about the existence of the scripts in the script cache.",
        "FLUSH [ASYNC|SYNC]",
        "    Flush the Lua scripts cache. Very dangerous on replicas.",
        "    When called without the optional mode argument, the behavior is determined",
        "    by the lazyfree-lazy-user-flush configuration directive. Valid modes are:",
        "    * ASYNC: Asynchronously flush the scripts cache.",
        "    * SYNC: Synchronously flush the scripts cache.",
        "KILL",
        "    Kill the currently executing Lua script.",
        "LOAD <script>",
        "    Load a script into the scripts cache without executing it.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

const struct rd_command rd_script_commands[] = {
    {"script", -2, RD_CMD_CONTAINER | RD_CMD_SETTLES, 0, 0, 0, NULL,
     RD_DOCS("A container for Lua scripts management commands.", "2.6.0", "scripting", "Depends on subcommand.")},
    {"script|exists", -3, RD_CMD_NOSCRIPT, 0, 0, 0, cmd_script_exists,
     RD_DOCS("Determines whether server-side Lua scripts exist in the script cache.", "2.6.0", "scripting",
             "O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).",
             .syntax = "sha1 ...", .tips = "request_policy:all_shards response_policy:agg_logical_and")},
    {"script|flush", -2, RD_CMD_NOSCRIPT, 0, 0, 0, cmd_script_flush,
     RD_DOCS("Removes all server-side Lua scripts from the script cache.", "2.6.0", "scripting",
             "O(N) with N being the number of scripts in cache", .syntax = "[flush-type(ASYNC|SYNC)@6.2.0]",
             .history = "6.2.0 Added the `ASYNC` and `SYNC` flushing mode modifiers.",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    {"script|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_script_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "5.0.0", "scripting", "O(1)", .syntax = "")},
    {"script|kill", 2, RD_CMD_NOSCRIPT | RD_CMD_ALLOW_BUSY, 0, 0, 0, cmd_script_kill,
     RD_DOCS("Terminates a server-side Lua script during execution.", "2.6.0", "scripting", "O(1)", .syntax = "",
             .tips = "request_policy:all_shards response_policy:one_succeeded")},
    {"script|load", 3, RD_CMD_NOSCRIPT | RD_CMD_STALE | RD_CMD_SETTLES | RD_CMD_SCRIPT, 0, 0, 0, cmd_script_load,
     RD_DOCS("Loads a server-side Lua script to the script cache.", "2.6.0", "scripting",
             "O(N) with N being the length in bytes of the script body.", .syntax = "script",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    RD_END_OF_COMMANDS,
};
