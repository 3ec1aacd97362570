/* This file owns the CLIENT subcommands that act on connections: KILL, PAUSE, UNPAUSE, REPLY and their like. */
#include "admin/client_filter.h"
#include "call/handler.h"

struct killing {
    const struct rd_client_filter *filter;
    const struct rd_call *call;
    int64_t count;
};

static void kill_one(void *context, struct rd_conn *conn) {
    struct killing *killing = context;
    const struct rd_call *call = killing->call;
    if (killing->filter->skip_caller && conn == call->conn) return;
    if (!rd_client_filter_passes(killing->filter, conn, call->loop->monotonic_ms)) return;
    killing->count++;
    /* The caller gets its reply before it goes. */
    if (conn == call->conn) conn->closing = true;
    else atomic_store_explicit(&conn->kill, true, memory_order_relaxed);
}

static int64_t kill_matching(const struct rd_call *call, const struct rd_client_filter *filter) {
    struct killing killing = {.filter = filter, .call = call};
    call->loop->control->catch_up(call->loop->control->server);
    rd_shared_visit(call->loop->shared, kill_one, &killing);
    if (killing.count) rd_call_tell(call, RD_EVENT_ADMIN_COMMAND);
    return killing.count;
}

/* https://redis.io/docs/latest/commands/client-kill/ */
static void cmd_client_kill(struct rd_call *call) {
    struct rd_client_filter filter = {.skip_caller = true};
    if (call->argc == 3) { /* the old form */
        filter.address = call->argv[2];
        filter.skip_caller = false;
        if (kill_matching(call, &filter) > 0) rd_reply_ok(call->reply);
        else rd_reply_fail(call->reply, "ERR No such client");
        return;
    }
    if (rd_client_filter_parse(&filter, call, 2)) rd_reply_integer(call->reply, kill_matching(call, &filter));
    rd_client_filter_free(&filter);
}

/* https://redis.io/docs/latest/commands/client-pause/ */
static void cmd_client_pause(struct rd_call *call) {
    struct rd_loop *loop = call->loop;
    enum rd_pause_mode mode = RD_PAUSE_ALL;
    int64_t ms;
    if (call->argc == 4 && rd_slice_is(call->argv[3], "write")) mode = RD_PAUSE_WRITES;
    else if (call->argc > 4 || (call->argc == 4 && !rd_slice_is(call->argv[3], "all"))) {
        rd_reply_fail(call->reply, "ERR CLIENT PAUSE mode must be WRITE or ALL");
        return;
    }
    if (!rd_call_timeout(call, call->argv[2], &ms)) return;
    rd_pause_begin(&loop->shared->pause, loop->monotonic_ms, loop->monotonic_ms + ms, mode);
    /* Also for what this client has sent behind it. */
    loop->pause = (uint8_t)rd_pause_mode_at(&loop->shared->pause, loop->monotonic_ms);
    rd_call_tell(call, RD_EVENT_ADMIN_COMMAND);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/client-unpause/ */
static void cmd_client_unpause(struct rd_call *call) {
    struct rd_shared *shared = call->loop->shared;
    rd_pause_end(&shared->pause);
    call->loop->pause = RD_PAUSE_NONE;
    rd_call_tell(call, RD_EVENT_ADMIN_COMMAND);
    for (struct rd_loop *loop = shared->loops; loop; loop = loop->next) rd_inbox_ask(loop, RD_LOOK_AFTER);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/client-reply/ : the dispatcher takes back what is not wanted. */
static void cmd_client_reply(struct rd_call *call) {
    struct rd_conn *conn = call->conn;
    if (rd_slice_is(call->argv[2], "on")) {
        conn->reply_mode &= RD_REPLIES_SKIP_NEXT;
        rd_reply_ok(call->reply);
    } else if (rd_slice_is(call->argv[2], "off")) {
        conn->reply_mode |= RD_REPLIES_OFF;
    } else if (rd_slice_is(call->argv[2], "skip")) {
        if (!(conn->reply_mode & RD_REPLIES_OFF)) conn->reply_mode |= RD_REPLIES_SKIP_NEXT;
    } else {
        rd_reply_syntax_error(call->reply);
    }
}

/* Reads ON or OFF; writes the error, and returns false, for anything else. */
static bool parse_switch(struct rd_call *call, bool *on) {
    *on = rd_slice_is(call->argv[2], "on");
    if (*on || rd_slice_is(call->argv[2], "off")) return true;
    rd_reply_syntax_error(call->reply);
    return false;
}

/* https://valkey.io/commands/client-capa/ */
static void cmd_client_promise(struct rd_call *call) {
    rd_reply_ok(call->reply);
}

/* https://valkey.io/commands/client-import-source/ */
static void cmd_client_import_source(struct rd_call *call) {
    bool on;
    if (parse_switch(call, &on)) rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/client-no-evict/ */
static void cmd_client_no_evict(struct rd_call *call) {
    bool on;
    if (!parse_switch(call, &on)) return;
    call->conn->no_evict = on;
    rd_clients_note(call->conn);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/client-no-touch/ */
static void cmd_client_no_touch(struct rd_call *call) {
    bool on;
    if (!parse_switch(call, &on)) return;
    call->conn->no_touch = on;
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/client-unblock/ : no command blocks here, so there is nobody to unblock. */
static void cmd_client_unblock(struct rd_call *call) {
    int64_t id;
    if (call->argc > 4 ||
        (call->argc == 4 && !rd_slice_is(call->argv[3], "timeout") && !rd_slice_is(call->argv[3], "error"))) {
        rd_reply_fail(call->reply, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    } else if (!rd_parse_i64(call->argv[2].bytes, call->argv[2].length, &id)) {
        rd_reply_not_an_integer(call->reply);
    } else {
        rd_reply_integer(call->reply, 0);
    }
}

const struct rd_command rd_client_control_commands[] = {
    {"client|kill", -3, RD_CMD_OF_CONNECTION | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, cmd_client_kill,
     RD_DOCS("Terminates open connections.", "2.4.0", "connection",
             "O(N) where N is the number of client connections",
             .syntax = "filter(old-format'ip:port'!2.8.12|new-format([ID client-id:integer@2.8.12]|"
             "[TYPE client-type(NORMAL|MASTER@3.2.0|SLAVE|REPLICA@5.0.0|PUBSUB)@2.8.12]|[USER username]|"
             "[ADDR addr'ip:port']|[LADDR laddr'ip:port'@6.2.0]|[SKIPME skipme(YES|NO)]|"
             "[MAXAGE maxage:integer@7.4.0]) ...)",
             .history = "2.8.12 Added new filter format.\n"
             "2.8.12 `ID` option.\n"
             "3.2.0 Added `master` type in for `TYPE` option.\n"
             "5.0.0 Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.\n"
             "6.2.0 `LADDR` option.\n"
             "7.4.0 `MAXAGE` option.")},
    {"client|capa", -3, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_promise,
     RD_DOCS("Takes note of what the client can do; no answer here depends on it.", "8.0.0", "connection", "O(1)",
             .syntax = "capability ...", .origin = "Valkey")},
    {"client|import-source", 3, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_import_source,
     RD_DOCS("Marks the client as an import source; keys expire for it as for others.", "8.1.0", "connection", "O(1)",
             .syntax = "enabled(ON|OFF)", .origin = "Valkey")},
    {"client|no-evict", 3, RD_CMD_OF_CONNECTION | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, cmd_client_no_evict,
     RD_DOCS("Sets the client eviction mode of the connection.", "7.0.0", "connection", "O(1)",
             .syntax = "enabled(ON|OFF)")},
    {"client|no-touch", 3, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_no_touch,
     RD_DOCS("Controls whether commands sent by the client affect the LRU/LFU of accessed keys.", "7.2.0",
             "connection", "O(1)", .syntax = "enabled(ON|OFF)")},
    {"client|pause", -3, RD_CMD_OF_CONNECTION | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, cmd_client_pause,
     RD_DOCS("Suspends commands processing.", "3.0.0", "connection", "O(1)",
             .syntax = "timeout:integer [mode(WRITE|ALL)@6.2.0]",
             .history = "6.2.0 `CLIENT PAUSE WRITE` mode added along with the `mode` option.")},
    {"client|reply", 3, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_reply,
     RD_DOCS("Instructs the server whether to reply to commands.", "3.2.0", "connection", "O(1)",
             .syntax = "action(ON|OFF|SKIP)")},
    {"client|unblock", -3, RD_CMD_OF_CONNECTION | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, cmd_client_unblock,
     RD_DOCS("Unblocks a client blocked by a blocking command from a different connection.", "5.0.0", "connection",
             "O(log N) where N is the number of client connections",
             .syntax = "client-id:integer [unblock-type(TIMEOUT|ERROR)]")},
    {"client|unpause", 2, RD_CMD_OF_CONNECTION | RD_CMD_ADMIN | RD_CMD_DANGEROUS | RD_CMD_UNPAUSES, 0, 0, 0,
     cmd_client_unpause,
     RD_DOCS("Resumes processing commands from paused clients.", "6.2.0", "connection",
             "O(N) Where N is the number of paused clients", .syntax = "")},
    RD_END_OF_COMMANDS,
};
