/* This file owns the rules of CLIENT PAUSE. */
#include "serve/pause.h"

enum rd_pause_mode rd_pause_mode_at(const struct rd_pause *pause, int64_t now_ms) {
    int64_t until = atomic_load_explicit(&pause->until_ms, memory_order_relaxed);
    if (until <= now_ms) return RD_PAUSE_NONE;
    return atomic_load_explicit(&pause->mode, memory_order_relaxed);
}

void rd_pause_begin(struct rd_pause *pause, int64_t now_ms, int64_t until_ms, enum rd_pause_mode mode) {
    if (rd_pause_mode_at(pause, now_ms) < mode) atomic_store(&pause->mode, mode);
    if (atomic_load(&pause->until_ms) < until_ms) atomic_store(&pause->until_ms, until_ms);
}

void rd_pause_end(struct rd_pause *pause) {
    atomic_store(&pause->until_ms, 0);
    atomic_store(&pause->mode, RD_PAUSE_NONE);
}

bool rd_pause_holds(enum rd_pause_mode mode, const struct rd_command_index *index, const struct rd_slice *argv,
                    uint32_t argc, struct rd_pause_asker asker) {
    if (mode == RD_PAUSE_NONE) return false;
    struct rd_command_found found = rd_command_find(index, argv[0]);
    bool has_subcommand = found.row && found.row->flags & RD_CMD_CONTAINER && argc > 1;
    if (has_subcommand) found = rd_subcommand_find(index, found.number, argv[1]);
    const struct rd_command *command = found.row;
    bool is_refused = !command || !command->handler || !rd_command_arity_fits(command, argc) ||
                      (!asker.authenticated && !(command->flags & RD_CMD_NO_AUTH));
    if (is_refused) return false;
    if (mode == RD_PAUSE_WRITES) {
        return (command->flags & RD_CMD_WRITE) != 0 || (asker.queued_writes && command->flags & RD_CMD_EXEC);
    }
    /* Redis holds these back too, and can then only wait. Here a pause can always be taken back, also by AUTH first. */
    return !(command->flags & (RD_CMD_UNPAUSES | RD_CMD_NO_AUTH));
}
