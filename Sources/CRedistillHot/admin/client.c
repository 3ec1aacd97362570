/* This file owns the CLIENT command. */

#include "admin/client_filter.h"
#include "call/handler.h"
#include "observe/client_line.h"

/* https://redis.io/docs/latest/commands/client-id/ */
static void cmd_client_id(struct rd_call *call) {
    rd_reply_integer(call->reply, (int64_t)call->conn->id);
}

/* https://redis.io/docs/latest/commands/client-getname/ */
static void cmd_client_getname(struct rd_call *call) {
    const struct rd_client_info *info = call->conn->info;
    if (info && info->name) rd_reply_text(call->reply, info->name);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/client-setname/ */
static void cmd_client_setname(struct rd_call *call) {
    struct rd_slice name = call->argv[2];
    if (!rd_client_name_is_valid(name)) {
        rd_reply_fail(call->reply, "ERR Client names cannot contain spaces, newlines or special characters.");
    } else if (rd_client_set_name(call->conn, RD_CLIENT_NAME, name) != RD_OK) {
        rd_reply_oom(call->reply);
    } else {
        rd_reply_ok(call->reply);
    }
}

/* https://redis.io/docs/latest/commands/client-setinfo/ */
static void cmd_client_setinfo(struct rd_call *call) {
    struct rd_slice option = call->argv[2], value = call->argv[3];
    enum rd_client_field field;
    if (rd_slice_is(option, "lib-name")) field = RD_CLIENT_LIBRARY;
    else if (rd_slice_is(option, "lib-ver")) field = RD_CLIENT_LIBRARY_VERSION;
    else {
        int shown = rd_reply_shown(option);
        rd_reply_format_error(call->reply, "ERR Unrecognized option '%.*s'", shown, option.bytes);
        return;
    }
    if (!rd_client_name_is_valid(value)) {
        rd_reply_format_error(call->reply, "ERR %s cannot contain spaces, newlines or special characters.",
                              field == RD_CLIENT_LIBRARY ? "lib-name" : "lib-ver");
    } else if (rd_client_set_name(call->conn, field, value) != RD_OK) {
        rd_reply_oom(call->reply);
    } else {
        rd_reply_ok(call->reply);
    }
}

/* https://redis.io/docs/latest/commands/client-info/ */
static void cmd_client_info(struct rd_call *call) {
    struct rd_reply text = {0};
    rd_lock_acquire(&call->loop->connections_lock);
    rd_client_line(&text, call->conn, call, call->loop->monotonic_ms);
    rd_lock_release(&call->loop->connections_lock);
    if (text.failed) rd_reply_oom(call->reply);
    else rd_reply_verbatim(call->reply, text.bytes, text.length);
    rd_reply_free(&text);
}

struct listing {
    const struct rd_client_filter *filter;
    const struct rd_call *call;
    struct rd_reply text;
};

static void list(void *context, struct rd_conn *conn) {
    struct listing *listing = context;
    const struct rd_call *call = listing->call;
    if (listing->filter->skip_caller && conn == call->conn) return;
    if (!rd_client_filter_passes(listing->filter, conn, call->loop->monotonic_ms)) return;
    rd_client_line(&listing->text, conn, call, call->loop->monotonic_ms);
}

static void list_matching(struct rd_call *call, const struct rd_client_filter *filter) {
    struct listing listing = {.filter = filter, .call = call};
    call->loop->control->catch_up(call->loop->control->server);
    rd_shared_visit(call->loop->shared, list, &listing);
    struct rd_reply *text = &listing.text;
    if (text->failed) rd_reply_oom(call->reply);
    else rd_reply_verbatim(call->reply, text->length ? text->bytes : "", text->length);
    rd_reply_free(text);
}

/* https://redis.io/docs/latest/commands/client-list/ */
static void cmd_client_list(struct rd_call *call) {
    struct rd_client_filter filter = {0};
    if (rd_client_filter_parse(&filter, call, 2)) list_matching(call, &filter);
    rd_client_filter_free(&filter);
}

/* https://redis.io/docs/latest/commands/client-help/ */
static void cmd_client_help(struct rd_call *call) {
    static const char *const lines[] = {
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GETNAME",
        "    Return the name of the current connection.",
        "ID",
        "    Return the ID of the current connection.",
        "INFO",
        "    Return information about the current client connection.",
        "KILL <ip:port>",
        "    Kill connection made from <ip:port>.",
        "KILL <option> <value> [<option> <value> [...]]",
        "    Kill connections. Options are:",
        "    * ADDR (<ip:port>|<unixsocket>:0)",
        "      Kill connections made from the specified address",
        "    * LADDR (<ip:port>|<unixsocket>:0)",
        "      Kill connections made to specified local address",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
        "      Kill connections by type.",
        "    * USER <username>",
        "      Kill connections authenticated by <username>.",
        "    * SKIPME (YES|NO)",
        "      Skip killing current connection (default: yes).",
        "    * ID <client-id>",
        "      Kill connections by client id.",
        "    * MAXAGE <maxage>",
        "      Kill connections older than the specified age.",
        "LIST [options ...]",
        "    Return information about client connections. Options:",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
        "      Return clients of specified type.",
        "    * ID <client-id> [<client-id> ...]",
        "      Return clients of specified IDs only.",
        "PAUSE <timeout> [WRITE|ALL]",
        "    Suspend all, or just write, clients for <timeout> milliseconds.",
        "UNPAUSE",
        "    Stop the current client pause, resuming traffic.",
        "REPLY (ON|OFF|SKIP)",
        "    Control the replies sent to the current connection.",
        "NO-EVICT (ON|OFF)",
        "    Protect current client connection from eviction.",
        "NO-TOUCH (ON|OFF)",
        "    Will not touch LRU/LFU stats when this mode is on.",
        "UNBLOCK <clientid> [TIMEOUT|ERROR]",
        "    Unblock the specified blocked client.",
        "SETNAME <name>",
        "    Assign the name <name> to the current connection.",
        "SETINFO <option> <value>",
        "    Set client meta attr. Options are:",
        "    * LIB-NAME: the client lib name.",
        "    * LIB-VER: the client lib version.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

const struct rd_command rd_client_commands[] = {
    {"client", -2, RD_CMD_SETTLES | RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for client connection commands.", "2.4.0", "connection", "Depends on subcommand.")},
    {"client|getname", 2, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_getname,
     RD_DOCS("Returns the name of the connection.", "2.6.9", "connection", "O(1)", .syntax = "")},
    {"client|help", 2, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_CONNECTION, 0, 0, 0, cmd_client_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "5.0.0", "connection", "O(1)", .syntax = "")},
    {"client|id", 2, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_id,
     RD_DOCS("Returns the unique client ID of the connection.", "5.0.0", "connection", "O(1)", .syntax = "")},
    {"client|info", 2, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_info,
     RD_DOCS("Returns information about the connection.", "6.2.0", "connection", "O(1)", .syntax = "",
             .tips = "nondeterministic_output")},
    {"client|list", -2, RD_CMD_OF_CONNECTION | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, cmd_client_list,
     RD_DOCS("Lists open connections.", "2.4.0", "connection", "O(N) where N is the number of client connections",
             .syntax = "[TYPE client-type(NORMAL|MASTER|REPLICA|PUBSUB)@5.0.0] [ID client-id:integer@6.2.0 ...]",
             .history = "2.8.12 Added unique client `id` field.\n"
             "5.0.0 Added optional `TYPE` filter.\n"
             "6.0.0 Added `user` field.\n"
             "6.2.0 Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.\n"
             "7.0.0 Added `resp`, `multi-mem`, `rbs` and `rbp` fields.\n"
             "7.0.3 Added `ssub` field.", .tips = "nondeterministic_output")},
    {"client|setinfo", 4, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_setinfo,
     RD_DOCS("Sets information specific to the client or connection.", "7.2.0", "connection", "O(1)",
             .syntax = "attr(LIB-NAME libname|LIB-VER libver)",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    {"client|setname", 3, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_setname,
     RD_DOCS("Sets the connection name.", "2.6.9", "connection", "O(1)", .syntax = "connection-name",
             .tips = "request_policy:all_nodes response_policy:all_succeeded")},
    RD_END_OF_COMMANDS,
};
