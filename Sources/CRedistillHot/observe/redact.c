/* This file owns the knowledge of secret arguments. */
#include "observe/redact.h"

static bool names_a_secret(struct rd_slice name) {
    static const char *const parts[] = {"pass", "token", "masterauth", "masteruser"};
    for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++) {
        size_t length = strlen(parts[part]);
        for (size_t at = 0; at + length <= name.length; at++) {
            if (rd_slice_is((struct rd_slice){name.bytes + at, length}, parts[part])) return true;
        }
    }
    return false;
}

bool rd_argument_is_secret(const struct rd_command *command, const struct rd_slice *argv, uint32_t i) {
    if (i == 0) return false;
    if (command->flags & RD_CMD_SECRET) return true;
    if (command->flags & RD_CMD_SECRET_AFTER_AUTH) {
        return (i >= 2 && rd_slice_is(argv[i - 1], "auth")) || (i >= 3 && rd_slice_is(argv[i - 2], "auth"));
    }
    return command->flags & RD_CMD_SECRET_SETTINGS && i >= 3 && i % 2 == 1 && names_a_secret(argv[i - 1]);
}
