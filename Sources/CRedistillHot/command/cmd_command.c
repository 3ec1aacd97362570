/* This file owns the COMMAND command: the table, as clients ask for it. */
#include "call/cmd.h"
#include "command/command_docs.h"
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
    const char *first = rd_command_key_flags(command, true), *rest = rd_command_key_flags(command, false);
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

static size_t subcommand_count(const struct rd_command *command) {
    size_t count = 0;
    for (const struct rd_command *sub = command->subcommands; sub && sub->name; sub++) count++;
    return count;
}

static void describe(struct rd_reply *reply, const struct rd_command *command) {
    rd_reply_array(reply, 10);
    rd_reply_text(reply, command->full_name);
    rd_reply_integer(reply, command->arity);
    reply_names(reply, flag_names, sizeof flag_names / sizeof flag_names[0], command->flags, NULL);
    rd_reply_integer(reply, command->first_key);
    rd_reply_integer(reply, command->last_key);
    rd_reply_integer(reply, command->step);
    reply_names(reply, category_names, sizeof category_names / sizeof category_names[0], command->flags,
                command->flags & RD_CMD_FAST ? NULL : "@slow");
    rd_reply_array(reply, 0); /* tips are for clusters */
    reply_key_specs(reply, command);
    rd_reply_array(reply, subcommand_count(command));
    for (const struct rd_command *sub = command->subcommands; sub && sub->name; sub++) describe(reply, sub);
}

/* The command of that name; "config|get" names a subcommand. */
static const struct rd_command *find(const struct rd_call *call, struct rd_slice name) {
    const char *bar = memchr(name.bytes, '|', name.length);
    size_t length = bar ? (size_t)(bar - name.bytes) : name.length;
    const struct rd_command *command =
        rd_command_find(call->loop->control->commands, (struct rd_slice){name.bytes, length});
    if (!command || !bar) return command;
    return rd_subcommand_find(command, (struct rd_slice){bar + 1, name.length - length - 1});
}

/* https://redis.io/docs/latest/commands/command/ */
void rd_cmd_command(struct rd_call *call) {
    rd_reply_array(call->reply, rd_command_count());
    for (const struct rd_command *command = rd_commands; command->name && !call->reply->failed; command++) describe(call->reply, command);
}

/* https://redis.io/docs/latest/commands/command-count/ */
void rd_cmd_command_count(struct rd_call *call) {
    rd_reply_integer(call->reply, rd_command_count());
}

/* https://redis.io/docs/latest/commands/command-info/ : nil for what is unknown. */
void rd_cmd_command_info(struct rd_call *call) {
    if (call->argc == 2) {
        rd_cmd_command(call);
        return;
    }
    rd_reply_array(call->reply, call->argc - 2);
    for (uint32_t i = 2; i < call->argc && !call->reply->failed; i++) {
        const struct rd_command *command = find(call, call->argv[i]);
        if (command) describe(call->reply, command);
        else rd_reply_null(call->reply);
    }
}

static void document(struct rd_reply *reply, const struct rd_command *command) {
    const struct rd_command_doc *doc = rd_command_doc(command->full_name);
    size_t subcommands = subcommand_count(command);
    rd_reply_text(reply, command->full_name);
    rd_reply_map(reply, (doc ? 4 : 0) + (subcommands ? 1 : 0));
    if (doc) {
        rd_reply_text(reply, "summary");
        rd_reply_text(reply, doc->summary);
        rd_reply_text(reply, "since");
        rd_reply_text(reply, doc->since);
        rd_reply_text(reply, "group");
        rd_reply_text(reply, doc->group);
        rd_reply_text(reply, "complexity");
        rd_reply_text(reply, doc->complexity);
    }
    if (!subcommands) return;
    rd_reply_text(reply, "subcommands");
    rd_reply_map(reply, subcommands);
    for (const struct rd_command *sub = command->subcommands; sub->name; sub++) document(reply, sub);
}

/* https://redis.io/docs/latest/commands/command-docs/ : what is unknown is left out. */
void rd_cmd_command_docs(struct rd_call *call) {
    if (call->argc == 2) {
        rd_reply_map(call->reply, rd_command_count());
        for (const struct rd_command *command = rd_commands; command->name && !call->reply->failed; command++) document(call->reply, command);
        return;
    }
    size_t known = 0;
    for (uint32_t i = 2; i < call->argc; i++) known += find(call, call->argv[i]) != NULL;
    rd_reply_map(call->reply, known);
    for (uint32_t i = 2; i < call->argc && !call->reply->failed; i++) {
        const struct rd_command *command = find(call, call->argv[i]);
        if (command) document(call->reply, command);
    }
}

/* The command and the keys of the call that stands from argv[2] on; false when the error has been written. */
static bool find_keys(struct rd_call *call, const struct rd_command **found, struct rd_key_range *keys) {
    const struct rd_slice *argv = call->argv + 2;
    uint32_t argc = call->argc - 2;
    const struct rd_command *command = find(call, argv[0]);
    if (command && command->subcommands && argc > 1) {
        const struct rd_command *sub = rd_subcommand_find(command, argv[1]);
        if (sub) command = sub;
    }
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
    if (keys->count) return true;
    rd_reply_fail(call->reply, "ERR Invalid arguments specified for command");
    return false;
}

/* https://redis.io/docs/latest/commands/command-getkeys/ */
void rd_cmd_command_getkeys(struct rd_call *call) {
    const struct rd_command *command;
    struct rd_key_range keys;
    if (!find_keys(call, &command, &keys)) return;
    rd_reply_array(call->reply, keys.count);
    for (uint32_t i = 0; i < keys.count; i++) rd_reply_slice(call->reply, call->argv[2 + keys.first + i * keys.step]);
}

/* The flags of a key where they depend on the arguments: what SET does without GET, and BITFIELD with nothing else. */
static const char *flags_of_call(const struct rd_command *command, const struct rd_slice *argv, uint32_t argc,
                                 bool first) {
    if (command->handler == rd_cmd_set) {
        for (uint32_t i = 3; i < argc; i++) {
            if (rd_slice_is(argv[i], "get")) return "RW access update";
        }
        return "OW update";
    }
    if (command->handler == rd_cmd_bitfield) {
        for (uint32_t i = 2; i < argc; i++) {
            if (rd_slice_is(argv[i], "set") || rd_slice_is(argv[i], "incrby")) return "RW access update";
        }
        return "RO access";
    }
    return rd_command_key_flags(command, first);
}

/* https://redis.io/docs/latest/commands/command-getkeysandflags/ */
void rd_cmd_command_getkeysandflags(struct rd_call *call) {
    const struct rd_command *command;
    struct rd_key_range keys;
    if (!find_keys(call, &command, &keys)) return;
    rd_reply_array(call->reply, keys.count);
    for (uint32_t i = 0; i < keys.count; i++) {
        rd_reply_array(call->reply, 2);
        rd_reply_slice(call->reply, call->argv[2 + keys.first + i * keys.step]);
        reply_words(call->reply, flags_of_call(command, call->argv + 2, call->argc - 2, i == 0));
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
    struct rd_slice name = {command->full_name, strlen(command->full_name)};
    if (flag != UINT32_MAX && !(command->flags & flag)) return 0;
    if (!rd_glob_match(pattern, name, true)) return 0;
    rd_reply_slice(reply, name);
    return 1;
}

/* https://redis.io/docs/latest/commands/command-list/ : subcommands too. */
void rd_cmd_command_list(struct rd_call *call) {
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
    for (const struct rd_command *command = rd_commands; command->name && !none; command++) {
        count += list_one(call->reply, command, pattern, flag);
        for (const struct rd_command *sub = command->subcommands; sub && sub->name; sub++) {
            count += list_one(call->reply, sub, pattern, flag);
        }
    }
    rd_reply_array_at(call->reply, from, count);
}

/* https://redis.io/docs/latest/commands/command-help/ */
void rd_cmd_command_help(struct rd_call *call) {
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
