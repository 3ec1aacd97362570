/* This file owns the COMMAND command: the table, as clients ask for it. */
#include "call/handler.h"
#include "call/index.h"
#include "admin/category.h"
#include "admin/describe.h"
#include "admin/document.h"
#include "base/glob.h"

static const struct rd_command_index *index_of(const struct rd_call *call) {
    return call->loop->control->commands;
}

/* The command of that name; "config|get" names a subcommand. */
static struct rd_command_found find(const struct rd_command_index *index, struct rd_slice name) {
    const char *bar = memchr(name.bytes, '|', name.length);
    size_t length = bar ? (size_t)(bar - name.bytes) : name.length;
    struct rd_command_found found = rd_command_find(index, (struct rd_slice){name.bytes, length});
    if (!found.row || !bar) return found;
    return rd_subcommand_find(index, found.number, (struct rd_slice){bar + 1, name.length - length - 1});
}

/* https://redis.io/docs/latest/commands/command/ */
static void cmd_command(struct rd_call *call) {
    const struct rd_command_index *index = index_of(call);
    rd_reply_array(call->reply, index->count);
    for (uint32_t number = 0; number < index->count && !call->reply->failed; number++) {
        rd_describe(call->reply, index, number);
    }
}

/* https://redis.io/docs/latest/commands/command-count/ */
static void cmd_command_count(struct rd_call *call) {
    rd_reply_integer(call->reply, index_of(call)->count);
}

/* https://redis.io/docs/latest/commands/command-info/ : nil for what is unknown. */
static void cmd_command_info(struct rd_call *call) {
    if (call->argc == 2) {
        cmd_command(call);
        return;
    }
    rd_reply_array(call->reply, call->argc - 2);
    for (uint32_t i = 2; i < call->argc && !call->reply->failed; i++) {
        struct rd_command_found found = find(index_of(call), call->argv[i]);
        if (found.row) rd_describe(call->reply, index_of(call), found.number);
        else rd_reply_null(call->reply);
    }
}

/* https://redis.io/docs/latest/commands/command-docs/ : what is unknown is left out. */
static void cmd_command_docs(struct rd_call *call) {
    const struct rd_command_index *index = index_of(call);
    if (call->argc == 2) {
        rd_reply_map(call->reply, index->count);
        for (uint32_t number = 0; number < index->count && !call->reply->failed; number++) {
            rd_document(call->reply, index, number);
        }
        return;
    }
    size_t known = 0;
    for (uint32_t i = 2; i < call->argc; i++) known += find(index, call->argv[i]).row != NULL;
    rd_reply_map(call->reply, known);
    for (uint32_t i = 2; i < call->argc && !call->reply->failed; i++) {
        struct rd_command_found found = find(index, call->argv[i]);
        if (found.row) rd_document(call->reply, index, found.number);
    }
}

/* The command and the keys of the call that stands from argv[2] on; false when the error has been written. */
static bool find_keys(struct rd_call *call, const struct rd_command **found, struct rd_key_range *keys) {
    const struct rd_slice *argv = call->argv + 2;
    uint32_t argc = call->argc - 2;
    struct rd_command_found named = find(index_of(call), argv[0]);
    if (named.row && named.row->flags & RD_CMD_CONTAINER && argc > 1) {
        struct rd_command_found sub = rd_subcommand_find(index_of(call), named.number, argv[1]);
        if (sub.row) named = sub;
    }
    const struct rd_command *command = named.row;
    if (!command) {
        rd_reply_fail(call->reply, "ERR Invalid command specified");
        return false;
    }
    bool fits = rd_command_arity_fits(command, argc);
    if (command->first_key == 0 && !(command->flags & RD_CMD_MOVABLE_KEYS)) {
        rd_reply_fail(call->reply, "ERR The command has no key arguments");
        return false;
    }
    if (!fits) {
        rd_reply_fail(call->reply, "ERR Invalid number of arguments specified for command");
        return false;
    }
    *found = command;
    *keys = rd_command_keys(command, argv, argc);
    if (keys->count || command->flags & RD_CMD_SCRIPT) return true; /* a script need not have any */
    rd_reply_fail(call->reply, "ERR Invalid arguments specified for command");
    return false;
}

/* https://redis.io/docs/latest/commands/command-getkeys/ */
static void cmd_command_getkeys(struct rd_call *call) {
    const struct rd_command *command;
    struct rd_key_range keys;
    if (!find_keys(call, &command, &keys)) return;
    rd_reply_array(call->reply, keys.count);
    for (uint32_t i = 0; i < keys.count; i++) rd_reply_slice(call->reply, call->argv[2 + rd_key_place(&keys, i)]);
}

/* https://redis.io/docs/latest/commands/command-getkeysandflags/ */
static void cmd_command_getkeysandflags(struct rd_call *call) {
    const struct rd_command *command;
    struct rd_key_range keys;
    if (!find_keys(call, &command, &keys)) return;
    rd_reply_array(call->reply, keys.count);
    for (uint32_t i = 0; i < keys.count; i++) {
        rd_reply_array(call->reply, 2);
        rd_reply_slice(call->reply, call->argv[2 + rd_key_place(&keys, i)]);
        bool depends = command->docs->access_of != NULL;
        rd_describe_words(call->reply, depends ? command->docs->access_of(call->argv + 2, call->argc - 2)
                                         : rd_command_access(command, i == 0));
    }
}

/* Names a command that fits the filters; 0 when it does not. */
static size_t list_one(struct rd_reply *reply, const struct rd_command *command, struct rd_slice pattern,
                       size_t category) {
    struct rd_slice name = {command->name, strlen(command->name)};
    if (category < RD_CATEGORIES && !rd_category_has(category, command)) return 0;
    if (!rd_glob_match(pattern, name, true)) return 0;
    rd_reply_slice(reply, name);
    return 1;
}

/* https://redis.io/docs/latest/commands/command-list/ : subcommands too. */
static void cmd_command_list(struct rd_call *call) {
    struct rd_slice pattern = {"*", 1};
    size_t category = RD_CATEGORIES; /* of all of them */
    bool none = false;
    if (call->argc == 5 && rd_slice_is(call->argv[2], "filterby")) {
        if (rd_slice_is(call->argv[3], "pattern")) pattern = call->argv[4];
        else if (rd_slice_is(call->argv[3], "aclcat")) {
            category = rd_category_find(call->argv[4]);
            none = category == RD_CATEGORIES;
        }
        else if (rd_slice_is(call->argv[3], "module")) none = true;
        else {
            rd_reply_syntax_error(call->reply);
            return;
        }
    } else if (call->argc != 2) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    size_t from = call->reply->length, count = 0;
    const struct rd_command_index *index = index_of(call);
    for (uint32_t number = 0; number < index->count && !none; number++) {
        count += list_one(call->reply, index->rows[number], pattern, category);
        for (uint32_t sub = index->first_sub[number]; sub < index->first_sub[number + 1]; sub++) {
            count += list_one(call->reply, index->rows[sub], pattern, category);
        }
    }
    rd_reply_array_at(call->reply, from, count);
}

/* https://redis.io/docs/latest/commands/command-help/ */
static void cmd_command_help(struct rd_call *call) {
    static const char *const lines[] = {
        "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "(no subcommand)",
        "    Return details about all commands.",
        "COUNT",
        "    Return the total number of commands in this server.",
        "LIST",
        "    Return a list of all commands in this server.",
        "INFO [<command-name> ...]",
        "    Return details about multiple commands.",
        "DOCS [<command-name> ...]",
        "    Return documentation details about multiple commands.",
        "GETKEYS <full-command>",
        "    Return the keys from a full command.",
        "GETKEYSANDFLAGS <full-command>",
        "    Return the keys and the access flags from a full command.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

#define QUESTION (RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_CONNECTION)

const struct rd_command rd_command_commands[] = {
    {"command", -1, QUESTION | RD_CMD_CONTAINER, 0, 0, 0, cmd_command,
     RD_DOCS("Returns detailed information about all commands.", "2.8.13", "server",
             "O(N) where N is the total number of commands", .syntax = "", .tips = "nondeterministic_output_order")},
    {"command|count", 2, QUESTION, 0, 0, 0, cmd_command_count,
     RD_DOCS("Returns a count of commands.", "2.8.13", "server", "O(1)", .syntax = "")},
    {"command|docs", -2, QUESTION, 0, 0, 0, cmd_command_docs,
     RD_DOCS("Returns documentary information about one, multiple or all commands.", "7.0.0", "server",
             "O(N) where N is the number of commands to look up", .syntax = "[command-name ...]",
             .tips = "nondeterministic_output_order")},
    {"command|getkeys", -3, QUESTION, 0, 0, 0, cmd_command_getkeys,
     RD_DOCS("Extracts the key names from an arbitrary command.", "2.8.13", "server",
             "O(N) where N is the number of arguments to the command", .syntax = "command [arg ...]")},
    {"command|getkeysandflags", -3, QUESTION, 0, 0, 0, cmd_command_getkeysandflags,
     RD_DOCS("Extracts the key names and access flags for an arbitrary command.", "7.0.0", "server",
             "O(N) where N is the number of arguments to the command", .syntax = "command [arg ...]")},
    {"command|help", 2, QUESTION, 0, 0, 0, cmd_command_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "5.0.0", "server", "O(1)", .syntax = "")},
    {"command|info", -2, QUESTION, 0, 0, 0, cmd_command_info,
     RD_DOCS("Returns information about one, multiple or all commands.", "2.8.13", "server",
             "O(N) where N is the number of commands to look up", .syntax = "[command-name ...]",
             .history = "7.0.0 Allowed to be called with no argument to get info on all commands.",
             .tips = "nondeterministic_output_order")},
    {"command|list", -2, QUESTION, 0, 0, 0, cmd_command_list,
     RD_DOCS("Returns a list of command names.", "7.0.0", "server", "O(N) where N is the total number of commands",
             .syntax = "[FILTERBY filterby(MODULE module-name|ACLCAT category|PATTERN pattern:pattern)]",
             .tips = "nondeterministic_output_order")},
    RD_END_OF_COMMANDS,
};
