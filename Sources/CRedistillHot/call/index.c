/* This file owns how the index is made, and searched. */
#include "call/index.h"

#include <stdlib.h>
#include <string.h>

/* The first 8 bytes with letters in lower case; a byte that is no letter changes too, which the compare sorts out. */
static uint64_t fold(struct rd_slice name) {
    uint64_t word = 0;
    for (size_t i = 0; i < name.length && i < 8; i++) word |= (uint64_t)(unsigned char)name.bytes[i] << (8 * i);
    return word | 0x2020202020202020u;
}

static uint32_t slot_of(uint64_t folded, size_t length) {
    return (uint32_t)((folded + length) * 0x9e3779b97f4a7c15u >> 54);
}

_Static_assert(RD_COMMAND_SLOTS == 1 << 10, "slot_of makes 10 bits");
_Static_assert(RD_COMMANDS_MOST <= RD_COMMAND_SLOTS / 2, "half of the slots stay empty, so that a search ends soon");

static bool is_subcommand(const struct rd_command *row) {
    return strchr(row->name, '|') != NULL;
}

/* Commands before subcommands; a container's name ends at the bar, which is behind every letter. */
static int compare(const void *a, const void *b) {
    const struct rd_command *const *one = a, *const *other = b;
    if (is_subcommand(*one) != is_subcommand(*other)) return is_subcommand(*one) ? 1 : -1;
    const char *left = (*one)->name, *right = (*other)->name;
    while (*left && *left == *right) left++, right++;
    return (*left == '|' ? 0 : *left) - (*right == '|' ? 0 : *right);
}

static void gather(struct rd_command_index *index, const struct rd_command *const *families) {
    for (; *families; families++) {
        for (const struct rd_command *row = *families; row->name; row++) {
            if (index->numbered == RD_COMMANDS_MOST) abort(); /* as no build does that has passed its tests */
            index->rows[index->numbered++] = row;
            index->count += !is_subcommand(row);
        }
    }
    qsort(index->rows, index->numbered, sizeof index->rows[0], compare);
}

static void add_slot(struct rd_command_index *index, uint16_t number) {
    const struct rd_command *row = index->rows[number];
    struct rd_slice name = {row->name, strlen(row->name)};
    uint64_t folded = fold(name);
    uint32_t slot = slot_of(folded, name.length);
    while (index->slots[slot].row) slot = (slot + 1) % RD_COMMAND_SLOTS;
    index->slots[slot] = (struct rd_command_slot){folded, row};
    index->numbers[slot] = number;
}

static bool contains(const struct rd_command *container, const struct rd_command *row) {
    size_t length = strlen(container->name);
    return strncmp(row->name, container->name, length) == 0 && row->name[length] == '|';
}

void rd_command_index_init(struct rd_command_index *index, const struct rd_command *const *families) {
    memset(index, 0, sizeof *index);
    gather(index, families);
    uint32_t sub = index->count;
    for (uint16_t number = 0; number < index->count; number++) {
        add_slot(index, number);
        index->first_sub[number] = (uint16_t)sub;
        while (sub < index->numbered && contains(index->rows[number], index->rows[sub])) sub++;
    }
    index->first_sub[index->count] = (uint16_t)sub;
}

struct rd_command_found rd_command_find(const struct rd_command_index *index, struct rd_slice name) {
    uint64_t folded = fold(name);
    uint32_t slot = slot_of(folded, name.length);
    for (; index->slots[slot].row; slot = (slot + 1) % RD_COMMAND_SLOTS) {
        const struct rd_command_slot *at = &index->slots[slot];
        if (at->name != folded || !rd_slice_is(name, at->row->name)) continue;
        return (struct rd_command_found){at->row, index->numbers[slot]};
    }
    return (struct rd_command_found){NULL, 0};
}

struct rd_command_found rd_command_find_anew(const struct rd_command_index *index, struct rd_command_memo *memo,
                                             struct rd_slice name) {
    struct rd_command_found found = rd_command_find(index, name);
    if (name.length > 8 || !found.row) return found; /* the word tells longer ones not apart */
    uint64_t word = 0;
    memcpy(&word, name.bytes, name.length);
    unsigned place = (unsigned)word % RD_COMMAND_MEMOS;
    memo->at[place].name = word;
    memo->at[place].length = name.length;
    memo->at[place].found = found;
    return found;
}

struct rd_command_found rd_subcommand_find(const struct rd_command_index *index, uint32_t number,
                                           struct rd_slice name) {
    size_t before = strlen(index->rows[number]->name) + 1; /* the bar */
    for (uint32_t sub = index->first_sub[number]; sub < index->first_sub[number + 1]; sub++) {
        const struct rd_command *row = index->rows[sub];
        if (rd_slice_is(name, row->name + before)) return (struct rd_command_found){row, sub};
    }
    return (struct rd_command_found){NULL, 0};
}

struct rd_command_found rd_command_named(const struct rd_command_index *index, const struct rd_slice *argv, uint32_t argc) {
    struct rd_command_found found = rd_command_find(index, argv[0]);
    if (!found.row || !(found.row->flags & RD_CMD_CONTAINER) || argc < 2) return found;
    return rd_subcommand_find(index, found.number, argv[1]);
}
