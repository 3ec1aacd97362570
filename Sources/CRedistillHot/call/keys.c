/* This file owns where the keys of a command stand, and what it does to them. */
#include "call/command.h"

struct rd_key_range rd_command_keys(const struct rd_command *command, const struct rd_slice *argv, uint32_t argc) {
    if (command->flags & RD_CMD_MOVABLE_KEYS) { /* a count, then so many */
        uint32_t at = command->docs->keys_counted_at, apart = command->docs->keys_step;
        int64_t count;
        bool fits = rd_parse_i64(argv[at].bytes, argv[at].length, &count) && count >= 1 && count <= (argc - at - 1) / apart;
        uint32_t before = fits ? (uint32_t)command->first_key : 0;
        return (struct rd_key_range){at + 1, fits ? (uint32_t)count + (before > 0) : 0, apart, before};
    }
    if (command->first_key == 0) return (struct rd_key_range){0, 0, 1, 0};
    uint32_t first = (uint32_t)command->first_key, step = (uint32_t)command->step;
    uint32_t last = command->last_key < 0 ? argc + (uint32_t)command->last_key : (uint32_t)command->last_key;
    return (struct rd_key_range){first, (last - first) / step + 1, step, 0};
}

void rd_key_range_add_shards(struct rd_key_range keys, const struct rd_slice *argv, const struct rd_store *store,
                             struct rd_shard_set *set) {
    for (uint32_t i = 0; i < keys.count; i++) {
        rd_shard_set_add(store, set, rd_store_hash(store, argv[rd_key_place(&keys, i)]));
    }
}

const char *rd_command_access(const struct rd_command *command, bool first) {
    const struct rd_command_docs *docs = command->docs;
    if (!first && docs->access_after_first) return docs->access_after_first;
    if (docs->access) return docs->access;
    return command->flags & RD_CMD_WRITE ? "RW access update" : "RO access";
}
