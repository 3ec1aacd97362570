/* This file owns the ACL command: there is one user, default, who may do everything once it has said the password. */
#include <sys/random.h>

#include "admin/category.h"
#include "call/handler.h"
#include "call/index.h"

/* https://redis.io/docs/latest/commands/acl-whoami/ */
static void cmd_acl_whoami(struct rd_call *call) {
    rd_reply_text(call->reply, "default");
}

/* https://redis.io/docs/latest/commands/acl-users/ */
static void cmd_acl_users(struct rd_call *call) {
    rd_reply_array(call->reply, 1);
    rd_reply_text(call->reply, "default");
}

static bool needs_password(const struct rd_call *call) {
    return rd_setting(call->loop->settings, RD_SET_AUTH_REQUIRED) != 0;
}

/* https://redis.io/docs/latest/commands/acl-list/ : that there is a password is told, not what it is, nor its digest. */
static void cmd_acl_list(struct rd_call *call) {
    rd_reply_array(call->reply, 1);
    rd_reply_text(call->reply, needs_password(call) ? "user default on #(redacted) ~* &* +@all"
                                                    : "user default on nopass ~* &* +@all");
}

/* https://redis.io/docs/latest/commands/acl-getuser/ */
static void cmd_acl_getuser(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    if (!rd_slice_is_default_user(call->argv[2])) {
        rd_reply_null(reply);
        return;
    }
    rd_reply_map(reply, 6);
    rd_reply_text(reply, "flags");
    rd_reply_set(reply, needs_password(call) ? 1 : 2);
    rd_reply_text(reply, "on");
    if (!needs_password(call)) rd_reply_text(reply, "nopass");
    rd_reply_text(reply, "passwords");
    rd_reply_array(reply, needs_password(call) ? 1 : 0);
    if (needs_password(call)) rd_reply_text(reply, "(redacted)");
    static const char *const rest[] = {"commands", "+@all", "keys", "~*", "channels", "&*", "selectors"};
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) rd_reply_text(reply, rest[i]);
    rd_reply_array(reply, 0);
}

static size_t list_if_of(struct rd_reply *reply, const struct rd_command *command, size_t category) {
    if (!rd_category_has(category, command)) return 0;
    rd_reply_text(reply, command->name);
    return 1;
}

/* https://redis.io/docs/latest/commands/acl-cat/ */
static void cmd_acl_cat(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    if (call->argc == 2) {
        rd_reply_array(reply, RD_CATEGORIES);
        for (size_t i = 0; i < RD_CATEGORIES; i++) rd_reply_text(reply, rd_category_name(i));
        return;
    }
    if (call->argc > 3) {
        rd_call_refuse_subcommand(call);
        return;
    }
    size_t category = rd_category_find(call->argv[2]);
    if (category == RD_CATEGORIES) {
        int shown = call->argv[2].length < 128 ? (int)call->argv[2].length : 128;
        rd_reply_format_error(reply, "ERR Unknown category '%.*s'", shown, call->argv[2].bytes);
        return;
    }
    const struct rd_command_index *index = call->loop->control->commands;
    size_t from = reply->length, count = 0;
    for (uint32_t number = 0; number < index->numbered; number++) count += list_if_of(reply, index->rows[number], category);
    rd_reply_array_at(reply, from, count);
}

/* https://redis.io/docs/latest/commands/acl-genpass/ */
static void cmd_acl_genpass(struct rd_call *call) {
    int64_t bits = 256;
    if (call->argc > 3) {
        rd_call_refuse_subcommand(call);
        return;
    }
    if (call->argc == 3 && !rd_call_integer(call, call->argv[2], &bits)) return;
    if (bits <= 0 || bits > 4096) {
        rd_reply_fail(call->reply, "ERR ACL GENPASS argument must be the number of bits for the output password, a positive "
                                   "number up to 4096");
        return;
    }
    unsigned char bytes[512];
    char text[1024];
    size_t digits = (size_t)(bits + 3) / 4;
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        rd_reply_fail(call->reply, "ERR no random bytes can be had");
        return;
    }
    for (size_t i = 0; i < digits; i++) text[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 * 4) & 15];
    rd_reply_bulk(call->reply, text, digits);
}

/* https://redis.io/docs/latest/commands/acl-log/ : nothing can be denied to the one user. Wrong passwords are in the log. */
static void cmd_acl_log(struct rd_call *call) {
    int64_t most;
    if (call->argc > 3) rd_call_refuse_subcommand(call);
    else if (call->argc == 3 && rd_slice_is(call->argv[2], "reset")) rd_reply_ok(call->reply);
    else if (call->argc == 2 || rd_call_integer(call, call->argv[2], &most)) rd_reply_array(call->reply, 0);
}

static void cmd_acl_help(struct rd_call *call) {
    static const char *const lines[] = {
        "ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CAT [<category>]",
        "    List all commands that belong to <category>, or all command categories",
        "    when no category is specified.",
        "GETUSER <username>",
        "    Get the user's details.",
        "GENPASS [<bits>]",
        "    Generate a secure 256-bit user password. The optional `bits` argument can",
        "    be used to specify a different size.",
        "LIST",
        "    Show users details in config file format.",
        "LOG [<count> | RESET]",
        "    Show the ACL log entries.",
        "USERS",
        "    List all the registered usernames.",
        "WHOAMI",
        "    Return the current connection username.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

#define OF_ALL (RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE)

const struct rd_command rd_acl_commands[] = {
    {"acl", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for Access List Control commands.", "6.0.0", "server", "Depends on subcommand.")},
    {"acl|cat", -2, OF_ALL, 0, 0, 0, cmd_acl_cat,
     RD_DOCS("Lists the ACL categories, or the commands inside a category.", "6.0.0", "server",
             "O(N) where N is the number of commands", .syntax = "[category]")},
    {"acl|genpass", -2, OF_ALL, 0, 0, 0, cmd_acl_genpass,
     RD_DOCS("Generates a pseudorandom, secure password that can be used to identify ACL users.", "6.0.0", "server", "O(1)",
             .syntax = "[bits:integer]")},
    {"acl|getuser", 3, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_getuser,
     RD_DOCS("Lists the ACL rules of a user.", "6.0.0", "server", "O(1)", .syntax = "username",
             .history = "6.2.0 Added Pub/Sub channel patterns.\n"
             "7.0.0 Added selectors and changed the format of key and channel patterns from a list to their rule "
             "representation.")},
    {"acl|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_acl_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "6.0.0", "server", "O(1)", .syntax = "")},
    {"acl|list", 2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_list,
     RD_DOCS("Dumps the effective rules in ACL file format.", "6.0.0", "server", "O(1)", .syntax = "")},
    {"acl|log", -2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_log,
     RD_DOCS("Lists recent security events generated due to ACL rules: none.", "6.0.0", "server", "O(1)",
             .syntax = "[operation(count:integer|RESET)]",
             .history = "7.2.0 Added entry ID, timestamp created, and timestamp last updated.")},
    {"acl|users", 2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_users,
     RD_DOCS("Lists all ACL users.", "6.0.0", "server", "O(1)", .syntax = "")},
    {"acl|whoami", 2, OF_ALL, 0, 0, 0, cmd_acl_whoami,
     RD_DOCS("Returns the authenticated username of the current connection.", "6.0.0", "server", "O(1)",
             .syntax = "")},
    RD_END_OF_COMMANDS,
};
