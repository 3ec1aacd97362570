/* This file owns the ACL command: it tells of users, who are changed in the configuration file alone. */
#include <sys/random.h>

#include "admin/category.h"
#include "call/access.h"
#include "call/handler.h"
#include "call/index.h"
#include "connection/login.h"

static void append(struct rd_reply *text, const char *word) {
    rd_reply_raw(text, word, strlen(word));
}

/* https://redis.io/docs/latest/commands/acl-whoami/ */
static void cmd_acl_whoami(struct rd_call *call) {
    rd_reply_text(call->reply, rd_conn_user_name(call->conn));
}

static bool default_needs_password(const struct rd_call *call) {
    return rd_setting(call->loop->settings, RD_SET_AUTH_REQUIRED) != 0;
}

/* What a user may do as Redis's rules: commands, then keys, then databases. NULL: default. */
static void append_commands(struct rd_reply *text, const struct rd_user *user) {
    static const char *const of_roles[][2] = { /* with some keys only: without what touches all of them */
        [RD_ROLE_READ] = {"+@all -@write -@dangerous +info +keys -randomkey", "+@all -@write -@dangerous +info +keys"},
        [RD_ROLE_WRITE] = {"+@all -@dangerous +info +keys -randomkey", "+@all -@dangerous +info +keys +flushdb"},
        [RD_ROLE_ADMIN] = {"+@all -debug -flushall -flushdb -randomkey -swapdb", "+@all"},
    };
    append(text, user ? of_roles[user->role][user->all_keys] : "+@all");
}

static void append_keys(struct rd_reply *text, const struct rd_user *user) {
    if (!user || user->all_keys) append(text, "~*");
    for (uint32_t i = 0; user && i < user->pattern_count; i++) {
        append(text, i ? " ~" : "~");
        rd_reply_raw(text, user->patterns[i].bytes, user->patterns[i].length);
    }
}

/* As Valkey writes them; nothing where all are allowed. */
static void append_databases(struct rd_reply *text, const struct rd_user *user) {
    const char *before = "db=";
    if (!user || user->all_databases) return;
    for (uint32_t number = 0; number < 256; number++) {
        if (!rd_user_may_database(user, number)) continue;
        char digits[RD_I64_DIGITS];
        append(text, before);
        rd_reply_raw(text, digits, (size_t)(rd_format_u64(digits, number) - digits));
        before = ",";
    }
}

/* A line of ACL LIST: that there is a password is told, not what it is, nor its digest. */
static void reply_rules(struct rd_reply *reply, const struct rd_user *user, bool has_password) {
    struct rd_reply text = {0};
    append(&text, "user ");
    append(&text, user ? user->name : "default");
    append(&text, has_password ? " on #(redacted) " : " on nopass ");
    append_keys(&text, user);
    append(&text, user ? " resetchannels " : " &* ");
    if (user && !user->all_databases) {
        append_databases(&text, user);
        append(&text, " ");
    }
    append_commands(&text, user);
    if (text.failed) rd_reply_text(reply, "");
    else rd_reply_bulk(reply, text.bytes, text.length);
    rd_reply_free(&text);
}

struct listing {
    struct rd_reply *reply;
    uint32_t count;
    bool with_rules;
};

static void list_user(void *context, const struct rd_user *user) {
    struct listing *listing = context;
    listing->count++;
    if (listing->with_rules) reply_rules(listing->reply, user, atomic_load(&user->has_password));
    else rd_reply_text(listing->reply, user->name);
}

/* default first, then the others as the file has them. */
static void list_users(struct rd_call *call, bool with_rules) {
    size_t from = call->reply->length;
    struct listing listing = {call->reply, 1, with_rules};
    if (with_rules) reply_rules(call->reply, NULL, default_needs_password(call));
    else rd_reply_text(call->reply, "default");
    rd_users_visit(&call->loop->shared->users, list_user, &listing);
    rd_reply_array_at(call->reply, from, listing.count);
}

/* https://redis.io/docs/latest/commands/acl-users/ */
static void cmd_acl_users(struct rd_call *call) {
    list_users(call, false);
}

/* https://redis.io/docs/latest/commands/acl-list/ */
static void cmd_acl_list(struct rd_call *call) {
    list_users(call, true);
}

static void reply_rule(struct rd_reply *reply, const char *name, const struct rd_user *user,
                       void (*append_rule)(struct rd_reply *text, const struct rd_user *user)) {
    struct rd_reply text = {0};
    append_rule(&text, user);
    rd_reply_text(reply, name);
    if (text.failed || text.length == 0) rd_reply_text(reply, "");
    else rd_reply_bulk(reply, text.bytes, text.length);
    rd_reply_free(&text);
}

static void reply_user(struct rd_reply *reply, const struct rd_user *user, bool has_password) {
    bool tells_databases = user && !user->all_databases;
    rd_reply_map(reply, tells_databases ? 7 : 6);
    rd_reply_text(reply, "flags");
    rd_reply_set(reply, has_password ? 1 : 2);
    rd_reply_text(reply, "on");
    if (!has_password) rd_reply_text(reply, "nopass");
    rd_reply_text(reply, "passwords");
    rd_reply_array(reply, has_password ? 1 : 0);
    if (has_password) rd_reply_text(reply, "(redacted)");
    reply_rule(reply, "commands", user, append_commands);
    reply_rule(reply, "keys", user, append_keys);
    rd_reply_text(reply, "channels");
    rd_reply_text(reply, user ? "" : "&*");
    if (tells_databases) reply_rule(reply, "databases", user, append_databases);
    rd_reply_text(reply, "selectors");
    rd_reply_array(reply, 0);
}

/* https://redis.io/docs/latest/commands/acl-getuser/ */
static void cmd_acl_getuser(struct rd_call *call) {
    if (rd_slice_is_default_user(call->argv[2])) {
        reply_user(call->reply, NULL, default_needs_password(call));
        return;
    }
    struct rd_user *user = rd_users_find(&call->loop->shared->users, call->argv[2]);
    if (!user) {
        rd_reply_null(call->reply);
        return;
    }
    reply_user(call->reply, user, atomic_load(&user->has_password));
    rd_user_release(user);
}

/* https://redis.io/docs/latest/commands/acl-dryrun/ : in the caller's own database. */
static void cmd_acl_dryrun(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    struct rd_slice name = call->argv[2];
    const struct rd_slice *argv = call->argv + 3;
    uint32_t argc = call->argc - 3;
    bool is_default = rd_slice_is_default_user(name);
    struct rd_user *user = is_default ? NULL : rd_users_find(&call->loop->shared->users, name);
    const struct rd_command *command = rd_command_named(call->loop->control->commands, argv, argc).row;
    if (!is_default && !user) {
        rd_reply_format_error(reply, "ERR User '%.*s' not found", rd_reply_shown(name), name.bytes);
    } else if (!command) {
        rd_reply_format_error(reply, "ERR Command '%.*s' not found", rd_reply_shown(argv[0]), argv[0].bytes);
    } else if (!rd_command_arity_fits(command, argc) || !command->handler) {
        rd_reply_wrong_arity(reply, command);
    } else {
        struct rd_verdict verdict = {RD_ALLOWED, {NULL, 0}};
        if (user) verdict = rd_access_check(user, command, argv, argc, call->conn->database);
        char text[RD_DENIAL_SIZE];
        if (verdict.access != RD_ALLOWED) rd_access_describe(verdict, user, command, true, text);
        if (verdict.access == RD_ALLOWED) rd_reply_ok(reply);
        else rd_reply_text(reply, text);
    }
    if (user) rd_user_release(user);
}

/* https://redis.io/docs/latest/commands/acl-setuser/ , and what else would change users */
static void cmd_acl_change(struct rd_call *call) {
    rd_reply_fail(call->reply, "ERR Users are kept in the configuration file, as [[users]]: change them there, then have it "
                               "read anew with SIGHUP");
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
        rd_reply_format_error(reply, "ERR Unknown category '%.*s'", rd_reply_shown(call->argv[2]), call->argv[2].bytes);
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

static void cmd_acl_help(struct rd_call *call) {
    static const char *const lines[] = {
        "ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CAT [<category>]",
        "    List all commands that belong to <category>, or all command categories",
        "    when no category is specified.",
        "DELUSER <username> [<username> ...]",
        "    Not here: users are kept in the configuration file.",
        "DRYRUN <username> <command> [<arg> ...]",
        "    Returns whether the user can execute the given command without executing the command.",
        "GETUSER <username>",
        "    Get the user's details.",
        "GENPASS [<bits>]",
        "    Generate a secure 256-bit user password. The optional `bits` argument can",
        "    be used to specify a different size.",
        "LIST",
        "    Show users details in config file format.",
        "LOAD",
        "    Not here: users are kept in the configuration file.",
        "LOG [<count> | RESET]",
        "    Show the ACL log entries.",
        "SAVE",
        "    Not here: users are kept in the configuration file.",
        "SETUSER <username> <attribute> [<attribute> ...]",
        "    Not here: users are kept in the configuration file.",
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
    {"acl|deluser", -3, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_change,
     RD_DOCS("Refused: users are kept in the configuration file.", "6.0.0", "server", "O(1)", .syntax = "username ...")},
    {"acl|dryrun", -4, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_dryrun,
     RD_DOCS("Simulates the execution of a command by a user, without executing the command.", "7.0.0", "server", "O(1).",
             .syntax = "username command [arg ...]")},
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
    {"acl|load", 2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_change,
     RD_DOCS("Refused: users are kept in the configuration file.", "6.0.0", "server", "O(1)", .syntax = "")},
    {"acl|save", 2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_change,
     RD_DOCS("Refused: users are kept in the configuration file.", "6.0.0", "server", "O(1)", .syntax = "")},
    {"acl|setuser", -3, RD_CMD_OF_ADMIN | RD_CMD_SECRET, 0, 0, 0, cmd_acl_change,
     RD_DOCS("Refused: users are kept in the configuration file.", "6.0.0", "server", "O(1)", .syntax = "username [rule ...]",
             .history = "6.2.0 Added Pub/Sub channel patterns.\n"
             "7.0.0 Added selectors and key based permissions.")},
    {"acl|users", 2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_users,
     RD_DOCS("Lists all ACL users.", "6.0.0", "server", "O(1)", .syntax = "")},
    {"acl|whoami", 2, OF_ALL, 0, 0, 0, cmd_acl_whoami,
     RD_DOCS("Returns the authenticated username of the current connection.", "6.0.0", "server", "O(1)",
             .syntax = "")},
    RD_END_OF_COMMANDS,
};
