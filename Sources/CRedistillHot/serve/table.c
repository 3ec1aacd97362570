/* This file owns the list of families: a line for each file of commands, which its rows end. */
#include "serve/table.h"

#define FAMILIES(of) \
    of(absent) \
    of(acl) \
    of(acl_log) \
    of(bit) \
    of(bitfield) \
    of(client) \
    of(client_control) \
    of(cluster) \
    of(command) \
    of(command_log) \
    of(conn) \
    of(copy) \
    of(counter) \
    of(debug) \
    of(dump) \
    of(eval) \
    of(exec) \
    of(expire) \
    of(foreign) \
    of(hash) \
    of(hash_expiring) \
    of(hash_random) \
    of(hash_time) \
    of(hot_keys) \
    of(increx) \
    of(item_scan) \
    of(key) \
    of(latency) \
    of(lcs) \
    of(list) \
    of(list_move) \
    of(lolwut) \
    of(memory) \
    of(monitor) \
    of(object) \
    of(range) \
    of(save) \
    of(scan) \
    of(script) \
    of(server) \
    of(set) \
    of(set_algebra) \
    of(set_random) \
    of(string) \
    of(strings) \
    of(throttle) \
    of(tracking) \
    of(zset) \
    of(zset_algebra) \
    of(zset_pop) \
    of(zset_range)

#define DECLARE(family) extern const struct rd_command rd_##family##_commands[];
FAMILIES(DECLARE)

#define LIST(family) rd_##family##_commands,
const struct rd_command *const rd_command_families[] = {FAMILIES(LIST) NULL};
