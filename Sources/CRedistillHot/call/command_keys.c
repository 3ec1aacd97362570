/* This file owns where the keys of a command stand, and what it does to them. */
#include <string.h>

#include "call/command.h"

struct rd_key_range rd_command_keys(const struct rd_command *command, const struct rd_slice *argv, uint32_t argc) {
    if (command->flags & RD_CMD_MOVABLE_KEYS) { /* MSETEX: a count, then so many pairs */
        int64_t pairs;
        if (!rd_parse_i64(argv[1].bytes, argv[1].length, &pairs) || pairs < 1 || pairs > (argc - 2) / 2) {
            return (struct rd_key_range){2, 0, 2};
        }
        return (struct rd_key_range){2, (uint32_t)pairs, 2};
    }
    if (command->first_key == 0) return (struct rd_key_range){0, 0, 1};
    uint32_t first = (uint32_t)command->first_key, step = (uint32_t)command->step;
    uint32_t last = command->last_key < 0 ? argc + (uint32_t)command->last_key : (uint32_t)command->last_key;
    return (struct rd_key_range){first, (last - first) / step + 1, step};
}

/* Redis's key flags, where they are not those of most reads or writes. */
struct key_flags {
    const char *name;
    const char *first;
    const char *rest; /* of the keys after the first; NULL: the same */
};

#define READ "RO access"
#define LOOK "RO"
#define WRITE "RW access update"
#define OVERWRITE "OW update"
#define CHANGE "RW update"

static const struct key_flags exceptions[] = {
    {"append", "RW insert", NULL},
    {"bitfield", WRITE " variable_flags", NULL},
    {"bitop", OVERWRITE, READ},
    {"copy", READ, OVERWRITE},
    {"del", "RM delete", NULL},
    {"delex", "RM delete", NULL},
    {"delifeq", "RM delete", NULL},
    {"exists", LOOK, NULL},
    {"expire", CHANGE, NULL},
    {"expireat", CHANGE, NULL},
    {"getdel", "RW access delete", NULL},
    {"memory|usage", LOOK, NULL},
    {"mset", OVERWRITE, NULL},
    {"msetex", OVERWRITE, NULL},
    {"msetnx", "OW insert", NULL},
    {"object|encoding", LOOK, NULL},
    {"object|freq", LOOK, NULL},
    {"object|idletime", LOOK, NULL},
    {"object|refcount", LOOK, NULL},
    {"persist", CHANGE, NULL},
    {"pexpire", CHANGE, NULL},
    {"pexpireat", CHANGE, NULL},
    {"psetex", OVERWRITE, NULL},
    {"rename", "RW access delete", OVERWRITE},
    {"renamenx", "RW access delete", "OW insert"},
    {"restore", OVERWRITE, NULL},
    {"set", WRITE " variable_flags", NULL},
    {"setex", OVERWRITE, NULL},
    {"setnx", "OW insert", NULL},
    {"setrange", CHANGE, NULL},
    {"strlen", LOOK, NULL},
    {"touch", LOOK, NULL},
    {"type", LOOK, NULL},
    {"unlink", "RM delete", NULL},
    {"watch", LOOK, NULL},
};

const char *rd_command_key_flags(const struct rd_command *command, bool first) {
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        const struct key_flags *flags = &exceptions[i];
        if (strcmp(flags->name, command->full_name) == 0) return first || !flags->rest ? flags->first : flags->rest;
    }
    return command->flags & RD_CMD_WRITE ? WRITE : READ;
}
