/* This file owns the table of commands as tests see it. */
#include "probe_commands.h"

#include "admin/describe.h"
#include "admin/syntax.h"
#include "call/index.h"
#include "serve/table.h"

static struct rd_command_index make(void) {
    struct rd_command_index index;
    rd_command_index_init(&index, rd_command_families);
    return index;
}

static struct probe_command show(const struct rd_command_index *index, uint32_t number) {
    const struct rd_command *row = index->rows[number];
    struct probe_command shown = {
        .name = row->name,
        .arity = row->arity,
        .first_key = row->first_key,
        .last_key = row->last_key,
        .step = row->step,
        .has_handler = row->handler != NULL,
        .is_container = row->flags & RD_CMD_CONTAINER,
        .is_write = row->flags & RD_CMD_WRITE,
        .is_read = row->flags & RD_CMD_READONLY,
        .has_one_key = row->flags & RD_CMD_ONE_KEY,
        .has_movable_keys = row->flags & RD_CMD_MOVABLE_KEYS,
        .denies_oom = row->flags & RD_CMD_DENYOOM,
    };
    if (number < index->count) shown.subcommands = index->first_sub[number + 1] - index->first_sub[number];
    if (!row->docs) return shown;
    shown.summary = row->docs->summary;
    shown.since = row->docs->since;
    shown.group = row->docs->group;
    shown.complexity = row->docs->complexity;
    shown.access = rd_command_access(row, true);
    shown.access_after_first = rd_command_access(row, false);
    shown.origin = row->docs->origin;
    shown.syntax = row->docs->syntax;
    shown.history = row->docs->history;
    shown.deprecated = row->docs->deprecated;
    shown.also = row->docs->also;
    return shown;
}

static struct probe_command show_found(const struct rd_command_index *index, struct rd_command_found found) {
    return found.row ? show(index, found.number) : (struct probe_command){0};
}

uint32_t probe_command_count(void) {
    return make().count;
}

uint32_t probe_row_count(void) {
    return make().numbered;
}

struct probe_command probe_command_at(uint32_t number) {
    struct rd_command_index index = make();
    return number < index.numbered ? show(&index, number) : (struct probe_command){0};
}

struct probe_command probe_subcommand_at(uint32_t number, uint32_t at) {
    struct rd_command_index index = make();
    if (number >= index.count) return (struct probe_command){0};
    uint32_t sub = index.first_sub[number] + at;
    return sub < index.first_sub[number + 1] ? show(&index, sub) : (struct probe_command){0};
}

struct probe_command probe_command_named(struct rd_slice name) {
    struct rd_command_index index = make();
    return show_found(&index, rd_command_find(&index, name));
}

struct probe_command probe_subcommand_named(struct rd_slice name, struct rd_slice subcommand) {
    struct rd_command_index index = make();
    struct rd_command_found found = rd_command_find(&index, name);
    if (found.row) found = rd_subcommand_find(&index, found.number, subcommand);
    return show_found(&index, found);
}

bool probe_syntax(const char *syntax, char **bytes, size_t *length) {
    struct rd_reply reply = {.protocol = 3};
    bool reads = rd_syntax_reply(&reply, syntax);
    *bytes = reply.bytes;
    *length = reply.length;
    return reads;
}

bool probe_command_word(struct rd_slice word) {
    return rd_describe_knows(word.bytes, word.length);
}

struct probe_keys probe_counted_keys(uint8_t counted_at, uint8_t step, const char *line) {
    struct rd_command_docs docs = {.keys_counted_at = counted_at, .keys_step = step};
    struct rd_command command = {.name = "counted", .flags = RD_CMD_MOVABLE_KEYS, .docs = &docs};
    struct rd_slice argv[16];
    uint32_t argc = 0;
    for (const char *at = line; *at && argc < 16; argc++) {
        argv[argc] = (struct rd_slice){at, strcspn(at, " ")};
        at += argv[argc].length + (at[argv[argc].length] == ' ');
    }
    struct rd_key_range keys = rd_command_keys(&command, argv, argc);
    return (struct probe_keys){keys.first, keys.count, keys.step};
}
