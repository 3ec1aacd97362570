/* This file owns the COMMAND command: the table, as clients ask for it. */
#include "call/handler.h"
#include "call/index.h"
#include "base/glob.h"

struct flag_name {
    uint32_t flag;
    const char *name;
};

static const struct flag_name flag_names[] = {
    {RD_CMD_WRITE, "write"},       {RD_CMD_READONLY, "readonly"}, {RD_CMD_DENYOOM, "denyoom"},
    {RD_CMD_ADMIN, "admin"},       {RD_CMD_NOSCRIPT, "noscript"}, {RD_CMD_LOADING, "loading"},
    {RD_CMD_STALE, "stale"},       {RD_CMD_FAST, "fast"},         {RD_CMD_NO_AUTH, "no_auth"},
    {RD_CMD_SKIP_MONITOR, "skip_monitor"}, {RD_CMD_MOVABLE_KEYS, "movablekeys"},
};

static const struct flag_name category_names[] = {
    {RD_CMD_KEYSPACE, "@keyspace"},     {RD_CMD_WRITE, "@write"},           {RD_CMD_READONLY, "@read"},
    {RD_CMD_STRING, "@string"},         {RD_CMD_BITMAP, "@bitmap"},         {RD_CMD_ADMIN, "@admin"},
    {RD_CMD_CONNECTION, "@connection"}, {RD_CMD_TRANSACTION, "@transaction"}, {RD_CMD_DANGEROUS, "@dangerous"},
    {RD_CMD_FAST, "@fast"},
};

static void reply_names(struct rd_reply *reply, const struct flag_name *names, size_t count, uint32_t flags,
                        const char *otherwise) {
    size_t set = otherwise ? 1 : 0;
    for (size_t i = 0; i < count; i++) set += (flags & names[i].flag) != 0;
    rd_reply_set(reply, set);
    for (size_t i = 0; i < count; i++) {
        if (flags & names[i].flag) rd_reply_simple(reply, names[i].name, strlen(names[i].name));
    }
    if (otherwise) rd_reply_simple(reply, otherwise, strlen(otherwise));
}

/* Words with spaces between them, as a set of simple strings. */
static void reply_words(struct rd_reply *reply, const char *words) {
    size_t count = 1;
    for (const char *at = words; *at; at++) count += *at == ' ';
    rd_reply_set(reply, count);
    while (count-- > 0) {
        size_t length = strcspn(words, " ");
        rd_reply_simple(reply, words, length);
        words += length + 1;
    }
}

static void reply_number(struct rd_reply *reply, const char *name, int64_t value) {
    rd_reply_text(reply, name);
    rd_reply_integer(reply, value);
}

/* The start of a key specification: its flags, and the position from which its keys are looked for. */
static void begin_key_spec(struct rd_reply *reply, const char *flags, int position, const char *kind) {
    rd_reply_map(reply, 3);
    rd_reply_text(reply, "flags");
    reply_words(reply, flags);
    rd_reply_text(reply, "begin_search");
    rd_reply_map(reply, 2);
    rd_reply_text(reply, "type");
    rd_reply_text(reply, "index");
    rd_reply_text(reply, "spec");
    rd_reply_map(reply, 1);
    reply_number(reply, "index", position);
    rd_reply_text(reply, "find_keys");
    rd_reply_map(reply, 2);
    rd_reply_text(reply, "type");
    rd_reply_text(reply, kind);
    rd_reply_text(reply, "spec");
    rd_reply_map(reply, 3);
}

static void reply_range(struct rd_reply *reply, const char *flags, int first, int last, int step) {
    begin_key_spec(reply, flags, first, "range");
    reply_number(reply, "lastkey", last < 0 ? last : last - first);
    reply_number(reply, "keystep", step);
    reply_number(reply, "limit", 0);
}

/* One key specification, two where the first key is treated in another way than the rest. */
static void reply_key_specs(struct rd_reply *reply, const struct rd_command *command) {
    const char *first = rd_command_access(command, true), *rest = rd_command_access(command, false);
    if (command->flags & RD_CMD_MOVABLE_KEYS) {
        rd_reply_array(reply, 1);
        begin_key_spec(reply, first, 1, "keynum");
        reply_number(reply, "keynumidx", 0);
        reply_number(reply, "firstkey", 1);
        reply_number(reply, "keystep", 2);
    } else if (command->first_key == 0) {
        rd_reply_array(reply, 0);
    } else if (first == rest) {
        rd_reply_array(reply, 1);
        reply_range(reply, first, command->first_key, command->last_key, command->step);
    } else {
        rd_reply_array(reply, 2);
        reply_range(reply, first, command->first_key, command->first_key, 1);
        reply_range(reply, rest, command->first_key + 1, command->last_key, command->step);
    }
}

static uint32_t subcommand_count(const struct rd_command_index *index, uint32_t number) {
    return number < index->count ? (uint32_t)(index->first_sub[number + 1] - index->first_sub[number]) : 0;
}

static void describe(struct rd_reply *reply, const struct rd_command_index *index, uint32_t number) {
    const struct rd_command *command = index->rows[number];
    uint32_t subcommands = subcommand_count(index, number);
    rd_reply_array(reply, 10);
    rd_reply_text(reply, command->name);
    rd_reply_integer(reply, command->arity);
    reply_names(reply, flag_names, sizeof flag_names / sizeof flag_names[0], command->flags, NULL);
    rd_reply_integer(reply, command->first_key);
    rd_reply_integer(reply, command->last_key);
    rd_reply_integer(reply, command->step);
    reply_names(reply, category_names, sizeof category_names / sizeof category_names[0], command->flags,
                command->flags & RD_CMD_FAST ? NULL : "@slow");
    rd_reply_array(reply, 0); /* tips are for clusters */
    reply_key_specs(reply, command);
    rd_reply_array(reply, subcommands);
    for (uint32_t i = 0; i < subcommands; i++) describe(reply, index, index->first_sub[number] + i);
}

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
        describe(call->reply, index, number);
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
        if (found.row) describe(call->reply, index_of(call), found.number);
        else rd_reply_null(call->reply);
    }
}

static void reply_member(struct rd_reply *reply, const char *name, const char *text) {
    rd_reply_text(reply, name);
    rd_reply_text(reply, text);
}

static void document(struct rd_reply *reply, const struct rd_command_index *index, uint32_t number) {
    const struct rd_command_docs *docs = index->rows[number]->docs;
    uint32_t subcommands = subcommand_count(index, number);
    rd_reply_text(reply, index->rows[number]->name);
    rd_reply_map(reply, subcommands ? 5 : 4);
    reply_member(reply, "summary", docs->summary);
    reply_member(reply, "since", docs->since);
    reply_member(reply, "group", docs->group);
    reply_member(reply, "complexity", docs->complexity);
    if (!subcommands) return;
    rd_reply_text(reply, "subcommands");
    rd_reply_map(reply, subcommands);
    for (uint32_t i = 0; i < subcommands; i++) document(reply, index, index->first_sub[number] + i);
}

/* https://redis.io/docs/latest/commands/command-docs/ : what is unknown is left out. */
static void cmd_command_docs(struct rd_call *call) {
    const struct rd_command_index *index = index_of(call);
    if (call->argc == 2) {
        rd_reply_map(call->reply, index->count);
        for (uint32_t number = 0; number < index->count && !call->reply->failed; number++) {
            document(call->reply, index, number);
        }
        return;
    }
    size_t known = 0;
    for (uint32_t i = 2; i < call->argc; i++) known += find(index, call->argv[i]).row != NULL;
    rd_reply_map(call->reply, known);
    for (uint32_t i = 2; i < call->argc && !call->reply->failed; i++) {
        struct rd_command_found found = find(index, call->argv[i]);
        if (found.row) document(call->reply, index, found.number);
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
    for (uint32_t i = 0; i < keys.count; i++) rd_reply_slice(call->reply, call->argv[2 + keys.first + i * keys.step]);
}

/* https://redis.io/docs/latest/commands/command-getkeysandflags/ */
static void cmd_command_getkeysandflags(struct rd_call *call) {
    const struct rd_command *command;
    struct rd_key_range keys;
    if (!find_keys(call, &command, &keys)) return;
    rd_reply_array(call->reply, keys.count);
    for (uint32_t i = 0; i < keys.count; i++) {
        rd_reply_array(call->reply, 2);
        rd_reply_slice(call->reply, call->argv[2 + keys.first + i * keys.step]);
        bool depends = command->docs->access_of != NULL;
        reply_words(call->reply, depends ? command->docs->access_of(call->argv + 2, call->argc - 2)
                                         : rd_command_access(command, i == 0));
    }
}

/* The ACL category of a FILTERBY ACLCAT, 0 when it has no commands here. */
static uint32_t category_flag(struct rd_slice name) {
    for (size_t i = 0; i < sizeof category_names / sizeof category_names[0]; i++) {
        if (rd_slice_is(name, category_names[i].name + 1)) return category_names[i].flag;
    }
    return 0;
}

/* Names a command that fits the filters; 0 when it does not. */
static size_t list_one(struct rd_reply *reply, const struct rd_command *command, struct rd_slice pattern,
                       uint32_t flag) {
    struct rd_slice name = {command->name, strlen(command->name)};
    if (flag != UINT32_MAX && !(command->flags & flag)) return 0;
    if (!rd_glob_match(pattern, name, true)) return 0;
    rd_reply_slice(reply, name);
    return 1;
}

/* https://redis.io/docs/latest/commands/command-list/ : subcommands too. */
static void cmd_command_list(struct rd_call *call) {
    struct rd_slice pattern = {"*", 1};
    uint32_t flag = UINT32_MAX;
    bool none = false;
    if (call->argc == 5 && rd_slice_is(call->argv[2], "filterby")) {
        if (rd_slice_is(call->argv[3], "pattern")) pattern = call->argv[4];
        else if (rd_slice_is(call->argv[3], "aclcat")) flag = category_flag(call->argv[4]);
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
        count += list_one(call->reply, index->rows[number], pattern, flag);
        for (uint32_t sub = index->first_sub[number]; sub < index->first_sub[number + 1]; sub++) {
            count += list_one(call->reply, index->rows[sub], pattern, flag);
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

const struct rd_command rd_command_commands[] = {
    {"command", -1, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_CONNECTION | RD_CMD_CONTAINER, 0, 0, 0, cmd_command,
     RD_DOCS("Returns detailed information about all commands.", "2.8.13", "server",
             "O(N) where N is the total number of commands")},
    {"command|count", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_command_count,
     RD_DOCS("Returns a count of commands.", "2.8.13", "server", "O(1)")},
    {"command|docs", -2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_command_docs,
     RD_DOCS("Returns documentary information about one, multiple or all commands.", "7.0.0", "server",
             "O(N) where N is the number of commands to look up")},
    {"command|getkeys", -3, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_command_getkeys,
     RD_DOCS("Extracts the key names from an arbitrary command.", "2.8.13", "server",
             "O(N) where N is the number of arguments to the command")},
    {"command|getkeysandflags", -3, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_command_getkeysandflags,
     RD_DOCS("Extracts the key names and access flags for an arbitrary command.", "7.0.0", "server",
             "O(N) where N is the number of arguments to the command")},
    {"command|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_command_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "5.0.0", "server", "O(1)")},
    {"command|info", -2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_command_info,
     RD_DOCS("Returns information about one, multiple or all commands.", "2.8.13", "server",
             "O(N) where N is the number of commands to look up")},
    {"command|list", -2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_command_list,
     RD_DOCS("Returns a list of command names.", "7.0.0", "server", "O(N) where N is the total number of commands")},
    RD_END_OF_COMMANDS,
};
