/* This file owns the flags' names and the key specifications of COMMAND INFO. */
#include "admin/describe.h"

#include "admin/category.h"
#include "admin/document.h"

/* In Redis's order. Those without a flag of ours are told where the docs' `also` says so. */
static const struct flag_name {
    uint32_t flag;
    const char *name;
} flag_names[] = {
    {RD_CMD_WRITE, "write"},
    {RD_CMD_READONLY, "readonly"},
    {RD_CMD_DENYOOM, "denyoom"},
    {0, "module"},
    {RD_CMD_ADMIN, "admin"},
    {0, "pubsub"},
    {RD_CMD_NOSCRIPT, "noscript"},
    {0, "blocking"},
    {RD_CMD_LOADING, "loading"},
    {RD_CMD_STALE, "stale"},
    {RD_CMD_SKIP_MONITOR, "skip_monitor"},
    {0, "skip_slowlog"},
    {RD_CMD_FAST, "fast"},
    {RD_CMD_NO_AUTH, "no_auth"},
    {0, "no_mandatory_keys"},
    {0, "no_async_loading"},
    {RD_CMD_NO_MULTI, "no_multi"},
    {RD_CMD_MOVABLE_KEYS, "movablekeys"},
    {RD_CMD_ALLOW_BUSY, "allow_busy"},
};
#define FLAG_NAMES (sizeof flag_names / sizeof flag_names[0])

bool rd_describe_knows(const char *word, size_t length) {
    if (rd_slice_is((struct rd_slice){word, length}, RD_DOC_FLAG_SYSCMD)) return true;
    if (length && word[0] == '@') return rd_category_find((struct rd_slice){word + 1, length - 1}) < RD_CATEGORIES;
    for (size_t i = 0; i < FLAG_NAMES; i++) {
        if (rd_slice_is((struct rd_slice){word, length}, flag_names[i].name)) return true;
    }
    return false;
}

static bool has_flag(const struct rd_command *command, const struct flag_name *flag) {
    return command->flags & flag->flag || rd_words_have(command->docs->also, flag->name, strlen(flag->name));
}

static void reply_flags(struct rd_reply *reply, const struct rd_command *command) {
    size_t count = 0;
    for (size_t i = 0; i < FLAG_NAMES; i++) count += has_flag(command, &flag_names[i]);
    rd_reply_set(reply, count);
    for (size_t i = 0; i < FLAG_NAMES; i++) {
        if (has_flag(command, &flag_names[i])) rd_reply_simple(reply, flag_names[i].name, strlen(flag_names[i].name));
    }
}

static void reply_categories(struct rd_reply *reply, const struct rd_command *command) {
    size_t count = 0;
    for (size_t i = 0; i < RD_CATEGORIES; i++) count += rd_category_has(i, command);
    rd_reply_set(reply, count);
    for (size_t i = 0; i < RD_CATEGORIES; i++) {
        if (!rd_category_has(i, command)) continue;
        char name[32] = "@";
        size_t length = strlen(rd_category_name(i));
        memcpy(name + 1, rd_category_name(i), length);
        rd_reply_simple(reply, name, length + 1);
    }
}

static void reply_simple(struct rd_reply *reply, const char *word, size_t length) {
    rd_reply_simple(reply, word, length);
}

static void reply_bulk(struct rd_reply *reply, const char *word, size_t length) {
    rd_reply_bulk_inline(reply, word, length);
}

/* The words of a line as a set; where the line ends. NULL: no words. */
static const char *reply_line(struct rd_reply *reply, const char *line,
                              void (*reply_word)(struct rd_reply *reply, const char *word, size_t length)) {
    size_t from = reply->length, count = 0;
    for (; line && *line && *line != '\n'; count++) {
        size_t length = strcspn(line, " \n");
        reply_word(reply, line, length);
        line += length + (line[length] == ' ');
    }
    rd_reply_set_at(reply, from, count);
    return line;
}

void rd_describe_words(struct rd_reply *reply, const char *words) {
    (void)reply_line(reply, words, reply_simple);
}

/* The start of a key specification's part: its type, and the room for what it is specified by. */
static void begin_part(struct rd_reply *reply, const char *name, const char *type, size_t members) {
    rd_reply_text(reply, name);
    rd_reply_map(reply, 2);
    rd_reply_text(reply, "type");
    rd_reply_text(reply, type);
    rd_reply_text(reply, "spec");
    rd_reply_map(reply, members);
}

static void begin_spec(struct rd_reply *reply, const char *flags, int position, const char *kind) {
    rd_reply_map(reply, 3);
    rd_reply_text(reply, "flags");
    rd_describe_words(reply, flags);
    begin_part(reply, "begin_search", "index", 1);
    rd_reply_field(reply, "index", position);
    begin_part(reply, "find_keys", kind, 3);
}

static void reply_range(struct rd_reply *reply, const char *flags, int first, int last, int step) {
    begin_spec(reply, flags, first, "range");
    rd_reply_field(reply, "lastkey", last < 0 ? last : last - first);
    rd_reply_field(reply, "keystep", step);
    rd_reply_field(reply, "limit", 0);
}

static void reply_counted(struct rd_reply *reply, const struct rd_command *command) {
    bool is_first = command->first_key == 0;
    begin_spec(reply, rd_command_access(command, is_first), command->docs->keys_counted_at, "keynum");
    rd_reply_field(reply, "keynumidx", 0);
    rd_reply_field(reply, "firstkey", 1);
    rd_reply_field(reply, "keystep", command->docs->keys_step);
}

/* Keys that stand anywhere, or whose names are made of values. */
static size_t reply_unknown(struct rd_reply *reply, const char *lines) {
    size_t count = 0;
    for (; lines && *lines; count++) {
        rd_reply_map(reply, 3);
        rd_reply_text(reply, "flags");
        lines = reply_line(reply, lines, reply_simple);
        lines += *lines == '\n';
        begin_part(reply, "begin_search", "unknown", 0);
        begin_part(reply, "find_keys", "unknown", 0);
    }
    return count;
}

/* One key specification, two where the first key is treated in another way than the rest. */
static void reply_key_specs(struct rd_reply *reply, const struct rd_command *command) {
    const char *first = rd_command_access(command, true), *rest = rd_command_access(command, false);
    size_t from = reply->length, count = 0;
    if (command->flags & RD_CMD_MOVABLE_KEYS) {
        if (command->first_key > 0) reply_range(reply, first, command->first_key, command->last_key, command->step);
        reply_counted(reply, command);
        count += command->first_key > 0 ? 2 : 1;
    } else if (command->first_key > 0 && first == rest) {
        reply_range(reply, first, command->first_key, command->last_key, command->step);
        count++;
    } else if (command->first_key > 0) {
        reply_range(reply, first, command->first_key, command->first_key, 1);
        reply_range(reply, rest, command->first_key + 1, command->last_key, command->step);
        count += 2;
    }
    count += reply_unknown(reply, command->docs->access_elsewhere);
    rd_reply_set_at(reply, from, count);
}

void rd_describe(struct rd_reply *reply, const struct rd_command_index *index, uint32_t number) {
    const struct rd_command *command = index->rows[number];
    uint32_t subcommands = rd_command_subcommands(index, number);
    rd_reply_array(reply, 10);
    rd_reply_text(reply, command->name);
    rd_reply_integer(reply, command->arity);
    reply_flags(reply, command);
    rd_reply_integer(reply, command->first_key);
    rd_reply_integer(reply, command->last_key);
    rd_reply_integer(reply, command->step);
    reply_categories(reply, command);
    (void)reply_line(reply, command->docs->tips, reply_bulk);
    reply_key_specs(reply, command);
    if (subcommands == 0) rd_reply_set(reply, 0); /* of a kind of its own, in Redis too */
    else rd_reply_array(reply, subcommands);
    for (uint32_t i = 0; i < subcommands; i++) rd_describe(reply, index, index->first_sub[number] + i);
}
