/* This file owns the index of all commands: finding one by its name, and a number for each. */
#ifndef RD_COMMAND_INDEX_H
#define RD_COMMAND_INDEX_H

#include <string.h>

#include "call/command.h"

/* Commands and subcommands; a table that outgrows it is refused at start, by a test before. */
#define RD_COMMANDS_MOST 512

/* By open addressing, so that finding a command is one hash and one compare. */
#define RD_COMMAND_SLOTS 1024
struct rd_command_slot {
    uint64_t name;                /* the first 8 letters in lower case */
    const struct rd_command *row; /* NULL: empty */
};

/* Immutable once made. */
struct rd_command_index {
    struct rd_command_slot slots[RD_COMMAND_SLOTS];
    uint16_t numbers[RD_COMMAND_SLOTS]; /* of the commands in the slots */
    /* By number: the commands in alphabetical order, then the subcommands in the order of their containers. */
    const struct rd_command *rows[RD_COMMANDS_MOST];
    uint16_t first_sub[RD_COMMANDS_MOST + 1]; /* by number of a command: its subcommands begin there, and end where the next's do */
    uint32_t count;    /* commands */
    uint32_t numbered; /* commands and subcommands */
};

/* A command, or a subcommand, with its number; row NULL: there is none. */
struct rd_command_found {
    const struct rd_command *row;
    uint32_t number;
};

/* Of families, ended by NULL, each of which is ended by a row without a name. */
void rd_command_index_init(struct rd_command_index *index, const struct rd_command *const *families);

/* How many subcommands the command of that number has; a subcommand has none. */
static inline uint32_t rd_command_subcommands(const struct rd_command_index *index, uint32_t number) {
    return number < index->count ? (uint32_t)(index->first_sub[number + 1] - index->first_sub[number]) : 0;
}

/* The command of that name in any case. */
struct rd_command_found rd_command_find(const struct rd_command_index *index, struct rd_slice name);

/*
 * Short names that were found a moment ago, letter by letter as they were written: clients send the same few commands
 * again and again. All zero is empty. Owned by one thread.
 */
#define RD_COMMAND_MEMOS 8
struct rd_command_memo {
    struct {
        uint64_t name;
        size_t length;
        struct rd_command_found found;
    } at[RD_COMMAND_MEMOS];
};

struct rd_command_found rd_command_find_anew(const struct rd_command_index *index, struct rd_command_memo *memo,
                                             struct rd_slice name);

/* The same as rd_command_find, where 8 bytes may be read from the name's start, as in every buffer of requests. */
static inline struct rd_command_found rd_command_find_again(const struct rd_command_index *index,
                                                            struct rd_command_memo *memo, struct rd_slice name) {
    uint64_t word;
    memcpy(&word, name.bytes, sizeof word);
    if (name.length < 8) word &= (1ull << (8 * name.length)) - 1;
    unsigned place = (unsigned)word % RD_COMMAND_MEMOS;
    if (__builtin_expect(memo->at[place].name == word && memo->at[place].length == name.length, 1)) {
        return memo->at[place].found;
    }
    return rd_command_find_anew(index, memo, name);
}

/* What a request names: its command, or where that has subcommands, and one is given, this. */
struct rd_command_found rd_command_named(const struct rd_command_index *index, const struct rd_slice *argv, uint32_t argc);
/* The subcommand of that name, given without its container's, of the command of that number. */
struct rd_command_found rd_subcommand_find(const struct rd_command_index *index, uint32_t number, struct rd_slice name);

#endif
