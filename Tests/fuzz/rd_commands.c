/*
 * Fuzzes the handlers of all commands that have keys, and those that walk over all of them: the first byte says the
 * protocol, the policy and the limit; then come commands, a line for each argument and an empty one behind each. Every
 * one is answered once and soundly, nothing that does not deny is refused for memory, and the store is sound afterwards.
 */
#include "call.h"
#include "call/index.h"
#include "serve/table.h"
#include "evict/policies.h"
#include "store/store.h"

#define COMMANDS_MOST 12

static const struct rd_command *find(struct rd_slice name) {
    struct rd_command_index index;
    rd_command_index_init(&index, rd_command_families);
    return rd_command_find(&index, name).row;
}

/* Those that need no server around them. */
static bool is_tried(const struct fuzz_arguments *arguments) {
    static const char *const others[] = {"scan", "keys", "dbsize", "randomkey", "command", "echo", "wait", "object", "memory"};
    const struct rd_command *command = find(arguments->at[0]);
    if (!command || rd_slice_is(arguments->at[0], "watch")) return false;
    bool is_memory = rd_slice_is(arguments->at[0], "memory");
    if (is_memory) return arguments->count > 1 && rd_slice_is(arguments->at[1], "usage");
    if (command->first_key || command->flags & RD_CMD_MOVABLE_KEYS) return true;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (rd_slice_is(arguments->at[0], others[i])) return true;
    }
    return false;
}

static bool denies_oom(const struct fuzz_arguments *arguments) {
    return find(arguments->at[0])->flags & RD_CMD_DENYOOM;
}

/* One that arrives whole, or a name that is longer than an entry may have to wait for memory. */
static bool has_long_argument(const struct fuzz_arguments *arguments) {
    for (uint32_t i = 0; i < arguments->count; i++) {
        if (arguments->at[i].length > RD_ENTRY_MAX) return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const policies[] = {"noeviction", "volatile-lru", "allkeys-lru", "allkeys-s3fifo", "allkeys-lfu",
                                           "volatile-ttl", "allkeys-random", "noeviction"};
    if (size == 0) return 0;
    fuzz_begin();
    struct rd_store *store = fuzz_store();
    fuzz_set_protocol(data[0] & 1 ? 3 : 2);
    atomic_store(&store->policy, rd_policy_named(policies[data[0] >> 1 & 7]));
    const uint8_t *at = data + 1, *end = data + size;
    for (int i = 0; i < COMMANDS_MOST && at < end; i++) {
        struct fuzz_arguments arguments = {.count = 0};
        fuzz_arguments_read(&arguments, &at, end);
        /* The limit comes when something is there. */
        if (i == 2 && data[0] & 0x10) rd_store_set_limit(store, data[0] & 0x20 ? 1 : rd_store_used(store));
        if (arguments.count && is_tried(&arguments)) {
            struct fuzz_answer answer = fuzz_run(&arguments);
            bool is_refused = answer.length > 4 && memcmp(answer.bytes, "-OOM", 4) == 0;
            fuzz_require(!is_refused || denies_oom(&arguments) || has_long_argument(&arguments));
        }
        fuzz_arguments_free(&arguments);
    }
    fuzz_require(rd_store_check(store));
    rd_store_set_limit(store, 0);
    fuzz_end();
    return 0;
}
