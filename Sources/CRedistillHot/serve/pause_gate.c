/* This file owns the rules of CLIENT PAUSE. */
#include "serve/pause_gate.h"

#include <string.h>

/* Says an EVAL in its first line that it only reads? Of EVALSHA that is not known here. */
static bool is_only_to_read(const struct rd_command *command, const struct rd_slice *argv) {
    if (!(command->flags & RD_CMD_SCRIPT) || argv[1].length < 2 || memcmp(argv[1].bytes, "#!", 2) != 0) return false;
    const char *end = memchr(argv[1].bytes, '\n', argv[1].length);
    return end && memmem(argv[1].bytes, (size_t)(end - argv[1].bytes), "no-writes", 9) != NULL;
}

bool rd_pause_holds(enum rd_pause_mode mode, const struct rd_command_index *index, const struct rd_slice *argv,
                    uint32_t argc, struct rd_pause_asker asker) {
    if (mode == RD_PAUSE_NONE) return false;
    const struct rd_command *command = rd_command_named(index, argv, argc).row;
    bool is_refused = !command || !command->handler || !rd_command_arity_fits(command, argc) ||
                      (!asker.authenticated && !(command->flags & RD_CMD_NO_AUTH));
    if (is_refused) return false;
    if (mode == RD_PAUSE_WRITES) {
        return (rd_command_may_write(command) && !is_only_to_read(command, argv)) ||
               (asker.queued_writes && command->flags & RD_CMD_EXEC);
    }
    /* Redis holds these back too, and can then only wait. Here a pause can always be taken back, also by AUTH first. */
    return !(command->flags & (RD_CMD_UNPAUSES | RD_CMD_NO_AUTH));
}
