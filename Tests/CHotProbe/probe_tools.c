/* This file owns the small tools as tests see them. */
#include "probe_tools.h"

#include <string.h>

#include "call/command.h"
#include "command/command_docs.h"
#include "base/hash.h"
#include "base/number.h"

uint64_t probe_hash(uint64_t k0, uint64_t k1, struct rd_slice bytes) {
    struct rd_hash_seed seed = {k0, k1};
    return rd_hash(&seed, bytes.bytes, bytes.length);
}

bool probe_parse_i64(struct rd_slice text, int64_t *value) {
    return rd_parse_i64(text.bytes, text.length, value);
}

bool probe_parse_u64(struct rd_slice text, uint64_t *value) {
    return rd_parse_u64(text.bytes, text.length, value);
}

size_t probe_format_i64(int64_t value, char *out) {
    return (size_t)(rd_format_i64(out, value) - out);
}

static const struct rd_command *find(struct rd_slice name) {
    struct rd_command_index index;
    rd_command_index_init(&index);
    return rd_command_find(&index, name);
}

const char *probe_command_named(struct rd_slice name) {
    const struct rd_command *command = find(name);
    return command ? command->full_name : NULL;
}

const char *probe_command_at(uint32_t row) {
    return row < rd_command_count() ? rd_commands[row].full_name : NULL;
}

const char *probe_subcommand_at(uint32_t row, uint32_t index) {
    const struct rd_command *sub = rd_commands[row].subcommands;
    for (; sub && sub->name; sub++) {
        if (index-- == 0) return sub->full_name;
    }
    return NULL;
}

static const struct rd_command *full(const char *full_name) {
    const char *bar = strchr(full_name, '|');
    size_t length = bar ? (size_t)(bar - full_name) : strlen(full_name);
    const struct rd_command *command = find((struct rd_slice){full_name, length});
    if (!command || !bar) return command;
    return rd_subcommand_find(command, (struct rd_slice){bar + 1, strlen(bar + 1)});
}

bool probe_command_has_key(const char *full_name) {
    const struct rd_command *command = full(full_name);
    return command && (command->first_key > 0 || command->flags & RD_CMD_MOVABLE_KEYS);
}

bool probe_command_denies_oom(const char *full_name) {
    const struct rd_command *command = full(full_name);
    return command && command->flags & RD_CMD_DENYOOM;
}

const char *probe_command_summary(const char *full_name) {
    const struct rd_command_doc *doc = rd_command_doc(full_name);
    return doc ? doc->summary : NULL;
}

const char *probe_command_since(const char *full_name) {
    const struct rd_command_doc *doc = rd_command_doc(full_name);
    return doc ? doc->since : NULL;
}

const char *probe_command_group(const char *full_name) {
    const struct rd_command_doc *doc = rd_command_doc(full_name);
    return doc ? doc->group : NULL;
}

const char *probe_subcommand_named(struct rd_slice name, struct rd_slice subcommand) {
    const struct rd_command *command = find(name);
    const struct rd_command *found = command ? rd_subcommand_find(command, subcommand) : NULL;
    return found ? found->full_name : NULL;
}
