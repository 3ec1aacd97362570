/* This file owns the commands that run scripts: EVAL, EVALSHA, EVAL_RO, EVALSHA_RO. */
#include "call/handler.h"
#include "execute/long_call.h"
#include "execute/script_run.h"

/* The keys as they are announced; false when the error has been written. */
static bool parse_keys(struct rd_call *call, int64_t *count) {
    if (!rd_call_integer(call, call->argv[2], count)) return false;
    if (*count > (int64_t)call->argc - 3) {
        rd_reply_fail(call->reply, "ERR Number of keys can't be greater than number of args");
    } else if (*count < 0) {
        rd_reply_fail(call->reply, "ERR Number of keys can't be negative");
    } else {
        return true;
    }
    return false;
}

static void evaluate(struct rd_call *call, enum rd_script_task task) {
    int64_t keys;
    if (!parse_keys(call, &keys)) return;
    struct rd_script_run run;
    rd_script_run_init(&run, call);
    struct rd_script_request request = {
        .task = task,
        .worker = call->loop->number,
        .protocol = call->reply->protocol,
        .script = call->argv[1],
        .keys = call->argv + 3,
        .key_count = (size_t)keys,
        .arguments = call->argv + 3 + keys,
        .argument_count = call->argc - 3 - (size_t)keys,
        .run = &run,
    };
    rd_script_ask(call, &request);
    rd_script_run_end(&run);
}

static void eval(struct rd_call *call) {
    evaluate(call, RD_SCRIPT_EVAL);
}

static void evalsha(struct rd_call *call) {
    evaluate(call, RD_SCRIPT_EVALSHA);
}

/* https://redis.io/docs/latest/commands/eval/ , eval_ro */
static void cmd_eval(struct rd_call *call) {
    rd_long_call_run_or_refuse(call, eval);
}

/* https://redis.io/docs/latest/commands/evalsha/ , evalsha_ro */
static void cmd_evalsha(struct rd_call *call) {
    rd_long_call_run_or_refuse(call, evalsha);
}

#define FLAGS (RD_CMD_NOSCRIPT | RD_CMD_STALE | RD_CMD_MOVABLE_KEYS | RD_CMD_ALL_KEYS | RD_CMD_SETTLES | RD_CMD_SCRIPT)

#define ARGUMENTS " numkeys:integer [key ...] [arg ...]"
#define ALSO "skip_monitor no_mandatory_keys"

const struct rd_command rd_eval_commands[] = {
    {"eval", -3, FLAGS, 0, 0, 0, cmd_eval,
     RD_DOCS("Executes a server-side Lua script.", "2.6.0", "scripting", "Depends on the script that is executed.",
             .access = "RW access update", .keys_counted_at = 2, .keys_step = 1, .syntax = "script" ARGUMENTS, .also = ALSO)},
    {"eval_ro", -3, FLAGS | RD_CMD_READONLY, 0, 0, 0, cmd_eval,
     RD_DOCS("Executes a read-only server-side Lua script.", "7.0.0", "scripting",
             "Depends on the script that is executed.", .keys_counted_at = 2, .keys_step = 1,
             .syntax = "script" ARGUMENTS, .also = ALSO)},
    {"evalsha", -3, FLAGS, 0, 0, 0, cmd_evalsha,
     RD_DOCS("Executes a server-side Lua script by SHA1 digest.", "2.6.0", "scripting",
             "Depends on the script that is executed.", .access = "RW access update", .keys_counted_at = 2,
             .keys_step = 1, .syntax = "sha1" ARGUMENTS, .also = ALSO)},
    {"evalsha_ro", -3, FLAGS | RD_CMD_READONLY, 0, 0, 0, cmd_evalsha,
     RD_DOCS("Executes a read-only server-side Lua script by SHA1 digest.", "7.0.0", "scripting",
             "Depends on the script that is executed.", .keys_counted_at = 2, .keys_step = 1,
             .syntax = "sha1" ARGUMENTS, .also = ALSO)},
    RD_END_OF_COMMANDS,
};
