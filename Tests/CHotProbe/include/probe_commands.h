/* This file owns the table of commands as tests see it. */
#ifndef PROBE_COMMANDS_H
#define PROBE_COMMANDS_H

#include "redistill_hot.h"

/* A command's row, as the index has it. */
struct probe_command {
    const char *name; /* with the container's before it; NULL: there is no such row */
    int arity;
    int first_key, last_key, step;
    bool has_handler, is_container, is_write, is_read, has_one_key, has_movable_keys, denies_oom;
    uint32_t subcommands;
    const char *summary, *since, *group, *complexity; /* NULL: it has no docs */
    const char *access, *access_after_first;          /* to its keys */
    const char *origin, *syntax, *history, *deprecated, *also; /* NULL where the row says nothing of it */
};

/* How many commands there are, and how many rows with their subcommands. */
uint32_t probe_command_count(void);
uint32_t probe_row_count(void);
/* By number: the commands first, then the subcommands. */
struct probe_command probe_command_at(uint32_t number);
/* A subcommand of the command of that number. */
struct probe_command probe_subcommand_at(uint32_t number, uint32_t index);
/* By name, as a request is looked up. */
struct probe_command probe_command_named(struct rd_slice name);
struct probe_command probe_subcommand_named(struct rd_slice name, struct rd_slice subcommand);

/* Where the keys of a line of words stand whose number is the word `counted_at`; without any, `count` is 0. */
struct probe_keys {
    uint32_t first, count, step;
};
struct probe_keys probe_counted_keys(uint8_t counted_at, uint8_t step, const char *line);

/* Arguments in the notation of admin/syntax.h, as RESP3; false where they are not in it. The caller frees the bytes. */
bool probe_syntax(const char *syntax, char **bytes, size_t *length);
/* Is it a word that COMMAND knows, a flag or "@" and a category? */
bool probe_command_word(struct rd_slice word);

#endif
