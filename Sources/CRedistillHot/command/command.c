/* This file owns the command table: the dispatch table, and what COMMAND tells of it. */
#include "call/command.h"

#include <string.h>

#define END_OF_TABLE {0}
#define CONNECTION_FLAGS (RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_CONNECTION)
#define READ_ONE (RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_ONE_KEY)
#define WRITE_ONE (RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_ONE_KEY)

static const struct rd_command client_commands[] = {
    {"caching", 3, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_caching, NULL, "client|caching"},
    {"getname", 2, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_getname, NULL, "client|getname"},
    {"getredir", 2, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_getredir, NULL, "client|getredir"},
    {"help", 2, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_CONNECTION, 0, 0, 0, rd_cmd_client_help, NULL, "client|help"},
    {"id", 2, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_id, NULL, "client|id"},
    {"info", 2, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_info, NULL, "client|info"},
    {"kill", -3, CONNECTION_FLAGS | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_client_kill, NULL, "client|kill"},
    {"list", -2, CONNECTION_FLAGS | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_client_list, NULL, "client|list"},
    {"no-evict", 3, CONNECTION_FLAGS | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_client_no_evict, NULL,
     "client|no-evict"},
    {"no-touch", 3, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_no_touch, NULL, "client|no-touch"},
    {"pause", -3, CONNECTION_FLAGS | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_client_pause, NULL,
     "client|pause"},
    {"reply", 3, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_reply, NULL, "client|reply"},
    {"setinfo", 4, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_setinfo, NULL, "client|setinfo"},
    {"setname", 3, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_setname, NULL, "client|setname"},
    {"tracking", -3, CONNECTION_FLAGS | RD_CMD_ALL_KEYS, 0, 0, 0, rd_cmd_client_tracking, NULL, "client|tracking"},
    {"trackinginfo", 2, CONNECTION_FLAGS, 0, 0, 0, rd_cmd_client_trackinginfo, NULL, "client|trackinginfo"},
    {"unblock", -3, CONNECTION_FLAGS | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_client_unblock, NULL,
     "client|unblock"},
    {"unpause", 2, CONNECTION_FLAGS | RD_CMD_ADMIN | RD_CMD_DANGEROUS | RD_CMD_UNPAUSES, 0, 0, 0, rd_cmd_client_unpause, NULL,
     "client|unpause"},
    END_OF_TABLE,
};

static const struct rd_command command_commands[] = {
    {"count", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_command_count, NULL, "command|count"},
    {"docs", -2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_command_docs, NULL, "command|docs"},
    {"getkeys", -3, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_command_getkeys, NULL, "command|getkeys"},
    {"getkeysandflags", -3, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_command_getkeysandflags, NULL,
     "command|getkeysandflags"},
    {"help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_command_help, NULL, "command|help"},
    {"info", -2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_command_info, NULL, "command|info"},
    {"list", -2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_command_list, NULL, "command|list"},
    END_OF_TABLE,
};

#define CONFIG_FLAGS (RD_CMD_ADMIN | RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS)
static const struct rd_command config_commands[] = {
    {"get", -3, CONFIG_FLAGS, 0, 0, 0, rd_cmd_config_get, NULL, "config|get"},
    {"help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_config_help, NULL, "config|help"},
    {"resetstat", 2, CONFIG_FLAGS, 0, 0, 0, rd_cmd_config_resetstat, NULL, "config|resetstat"},
    {"rewrite", 2, CONFIG_FLAGS | RD_CMD_WAITS_FOR_DISK, 0, 0, 0, rd_cmd_config_rewrite, NULL, "config|rewrite"},
    {"set", -4, CONFIG_FLAGS | RD_CMD_SECRET_SETTINGS, 0, 0, 0, rd_cmd_config_set, NULL, "config|set"},
    END_OF_TABLE,
};

#define LATENCY_FLAGS (RD_CMD_ADMIN | RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS)
static const struct rd_command latency_commands[] = {
    {"doctor", 2, LATENCY_FLAGS, 0, 0, 0, rd_cmd_latency_doctor, NULL, "latency|doctor"},
    {"graph", 3, LATENCY_FLAGS, 0, 0, 0, rd_cmd_latency_graph, NULL, "latency|graph"},
    {"help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_latency_help, NULL, "latency|help"},
    {"histogram", -2, LATENCY_FLAGS, 0, 0, 0, rd_cmd_latency_histogram, NULL, "latency|histogram"},
    {"history", 3, LATENCY_FLAGS, 0, 0, 0, rd_cmd_latency_history, NULL, "latency|history"},
    {"latest", 2, LATENCY_FLAGS, 0, 0, 0, rd_cmd_latency_latest, NULL, "latency|latest"},
    {"reset", -2, LATENCY_FLAGS, 0, 0, 0, rd_cmd_latency_reset, NULL, "latency|reset"},
    END_OF_TABLE,
};

static const struct rd_command memory_commands[] = {
    {"doctor", 2, 0, 0, 0, 0, rd_cmd_memory_doctor, NULL, "memory|doctor"},
    {"help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_memory_help, NULL, "memory|help"},
    {"malloc-stats", 2, 0, 0, 0, 0, rd_cmd_memory_malloc_stats, NULL, "memory|malloc-stats"},
    {"purge", 2, 0, 0, 0, 0, rd_cmd_memory_purge, NULL, "memory|purge"},
    {"stats", 2, 0, 0, 0, 0, rd_cmd_memory_stats, NULL, "memory|stats"},
    {"usage", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY, 2, 2, 1, rd_cmd_memory_usage, NULL, "memory|usage"},
    END_OF_TABLE,
};

#define SLOWLOG_FLAGS (RD_CMD_ADMIN | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS)
static const struct rd_command slowlog_commands[] = {
    {"get", -2, SLOWLOG_FLAGS, 0, 0, 0, rd_cmd_slowlog_get, NULL, "slowlog|get"},
    {"help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, rd_cmd_slowlog_help, NULL, "slowlog|help"},
    {"len", 2, SLOWLOG_FLAGS, 0, 0, 0, rd_cmd_slowlog_len, NULL, "slowlog|len"},
    {"reset", 2, SLOWLOG_FLAGS, 0, 0, 0, rd_cmd_slowlog_reset, NULL, "slowlog|reset"},
    END_OF_TABLE,
};

#define OBJECT_FLAGS (RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_KEYSPACE)
static const struct rd_command object_commands[] = {
    {"encoding", 3, OBJECT_FLAGS, 2, 2, 1, rd_cmd_object_encoding, NULL, "object|encoding"},
    {"freq", 3, OBJECT_FLAGS, 2, 2, 1, rd_cmd_object_freq, NULL, "object|freq"},
    {"help", 2, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_KEYSPACE, 0, 0, 0, rd_cmd_object_help, NULL, "object|help"},
    {"idletime", 3, OBJECT_FLAGS, 2, 2, 1, rd_cmd_object_idletime, NULL, "object|idletime"},
    {"refcount", 3, OBJECT_FLAGS, 2, 2, 1, rd_cmd_object_refcount, NULL, "object|refcount"},
    END_OF_TABLE,
};

const struct rd_command rd_commands[] = {
    {"append", 3, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_append, NULL, "append"},
    {"auth", -2, CONNECTION_FLAGS | RD_CMD_FAST | RD_CMD_NO_AUTH | RD_CMD_SECRET, 0, 0, 0, rd_cmd_auth, NULL, "auth"},
    {"bitcount", -2, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_BITMAP, 1, 1, 1, rd_cmd_bitcount, NULL, "bitcount"},
    {"bitfield", -2, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_BITMAP, 1, 1, 1, rd_cmd_bitfield, NULL,
     "bitfield"},
    {"bitfield_ro", -2, READ_ONE | RD_CMD_BITMAP, 1, 1, 1, rd_cmd_bitfield_ro, NULL, "bitfield_ro"},
    {"bitop", -4, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_BITMAP, 2, -1, 1, rd_cmd_bitop, NULL, "bitop"},
    {"bitpos", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_BITMAP, 1, 1, 1, rd_cmd_bitpos, NULL, "bitpos"},
    {"cl.throttle", -5, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_throttle, NULL, "cl.throttle"},
    {"client", -2, RD_CMD_SETTLES, 0, 0, 0, NULL, client_commands, "client"},
    {"command", -1, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_CONNECTION, 0, 0, 0, rd_cmd_command, command_commands,
     "command"},
    {"config", -2, RD_CMD_SETTLES, 0, 0, 0, NULL, config_commands, "config"},
    {"copy", -3, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_KEYSPACE, 1, 2, 1, rd_cmd_copy, NULL, "copy"},
    {"dbsize", 1, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 0, 0, 0, rd_cmd_dbsize, NULL, "dbsize"},
    {"debug", -2, CONFIG_FLAGS | RD_CMD_ALL_KEYS, 0, 0, 0, rd_cmd_debug, NULL, "debug"},
    {"decr", 2, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_decr, NULL, "decr"},
    {"decrby", 3, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_decrby, NULL, "decrby"},
    {"del", -2, RD_CMD_WRITE | RD_CMD_KEYSPACE, 1, -1, 1, rd_cmd_del, NULL, "del"},
    {"delex", -2, WRITE_ONE | RD_CMD_STRING, 1, 1, 1, rd_cmd_delex, NULL, "delex"},
    {"delifeq", 3, WRITE_ONE | RD_CMD_STRING, 1, 1, 1, rd_cmd_delifeq, NULL, "delifeq"},
    {"digest", 2, READ_ONE | RD_CMD_STRING, 1, 1, 1, rd_cmd_digest, NULL, "digest"},
    {"discard", 1, RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_TRANSACTION | RD_CMD_AT_ONCE, 0, 0, 0,
     rd_cmd_discard, NULL, "discard"},
    {"dump", 2, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_dump, NULL, "dump"},
    {"echo", 2, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_CONNECTION, 0, 0, 0, rd_cmd_echo, NULL, "echo"},
    {"exec", 1, RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_TRANSACTION | RD_CMD_SETTLES | RD_CMD_EXEC | RD_CMD_AT_ONCE, 0, 0, 0,
     rd_cmd_exec, NULL, "exec"},
    {"exists", -2, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, rd_cmd_exists, NULL, "exists"},
    {"expire", -3, WRITE_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_expire, NULL, "expire"},
    {"expireat", -3, WRITE_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_expireat, NULL, "expireat"},
    {"expiretime", 2, READ_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_expiretime, NULL, "expiretime"},
    {"flushall", -1, RD_CMD_WRITE | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_flush,
     NULL, "flushall"},
    {"flushdb", -1, RD_CMD_WRITE | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_flush, NULL,
     "flushdb"},
    {"get", 2, READ_ONE | RD_CMD_STRING, 1, 1, 1, rd_cmd_get, NULL, "get"},
    {"getbit", 3, READ_ONE | RD_CMD_BITMAP, 1, 1, 1, rd_cmd_getbit, NULL, "getbit"},
    {"getdel", 2, WRITE_ONE | RD_CMD_STRING, 1, 1, 1, rd_cmd_getdel, NULL, "getdel"},
    {"getex", -2, WRITE_ONE | RD_CMD_STRING, 1, 1, 1, rd_cmd_getex, NULL, "getex"},
    {"getrange", 4, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_STRING, 1, 1, 1, rd_cmd_getrange, NULL, "getrange"},
    {"getset", 3, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_getset, NULL, "getset"},
    {"hello", -1, CONNECTION_FLAGS | RD_CMD_FAST | RD_CMD_NO_AUTH | RD_CMD_SECRET_AFTER_AUTH, 0, 0, 0, rd_cmd_hello, NULL, "hello"},
    {"incr", 2, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_incr, NULL, "incr"},
    {"incrby", 3, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_incrby, NULL, "incrby"},
    {"incrbyfloat", 3, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_incrbyfloat, NULL, "incrbyfloat"},
    {"increx", -2, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_increx, NULL, "increx"},
    {"info", -1, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_info, NULL, "info"},
    {"keys", 2, RD_CMD_READONLY | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS | RD_CMD_DANGEROUS, 0, 0, 0, rd_cmd_keys, NULL,
     "keys"},
    {"latency", -2, 0, 0, 0, 0, NULL, latency_commands, "latency"},
    {"lcs", -3, RD_CMD_READONLY | RD_CMD_STRING, 1, 2, 1, rd_cmd_lcs, NULL, "lcs"},
    {"lolwut", -1, RD_CMD_READONLY | RD_CMD_FAST, 0, 0, 0, rd_cmd_lolwut, NULL, "lolwut"},
    {"memory", -2, 0, 0, 0, 0, NULL, memory_commands, "memory"},
    {"mget", -2, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_STRING, 1, -1, 1, rd_cmd_mget, NULL, "mget"},
    {"monitor", 1, RD_CMD_ADMIN | RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS, 0, 0, 0,
     rd_cmd_monitor, NULL, "monitor"},
    {"mset", -3, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, -1, 2, rd_cmd_mset, NULL, "mset"},
    {"msetex", -4, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING | RD_CMD_MOVABLE_KEYS, 0, 0, 0, rd_cmd_msetex, NULL,
     "msetex"},
    {"msetnx", -3, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, -1, 2, rd_cmd_msetnx, NULL, "msetnx"},
    {"multi", 1, RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_TRANSACTION | RD_CMD_AT_ONCE, 0, 0, 0,
     rd_cmd_multi, NULL, "multi"},
    {"object", -2, 0, 0, 0, 0, NULL, object_commands, "object"},
    {"persist", 2, WRITE_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_persist, NULL, "persist"},
    {"pexpire", -3, WRITE_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_pexpire, NULL, "pexpire"},
    {"pexpireat", -3, WRITE_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_pexpireat, NULL, "pexpireat"},
    {"pexpiretime", 2, READ_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_pexpiretime, NULL, "pexpiretime"},
    {"ping", -1, RD_CMD_FAST | RD_CMD_CONNECTION, 0, 0, 0, rd_cmd_ping, NULL, "ping"},
    {"psetex", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_psetex, NULL,
     "psetex"},
    {"pttl", 2, READ_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_pttl, NULL, "pttl"},
    {"quit", -1, CONNECTION_FLAGS | RD_CMD_FAST | RD_CMD_NO_AUTH | RD_CMD_AT_ONCE, 0, 0, 0, rd_cmd_quit, NULL, "quit"},
    {"randomkey", 1, RD_CMD_READONLY | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS, 0, 0, 0, rd_cmd_randomkey, NULL, "randomkey"},
    {"rename", 3, RD_CMD_WRITE | RD_CMD_KEYSPACE, 1, 2, 1, rd_cmd_rename, NULL, "rename"},
    {"renamenx", 3, RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, 2, 1, rd_cmd_renamenx, NULL, "renamenx"},
    {"reset", 1, CONNECTION_FLAGS | RD_CMD_FAST | RD_CMD_NO_AUTH | RD_CMD_SETTLES | RD_CMD_AT_ONCE, 0, 0, 0, rd_cmd_reset, NULL, "reset"},
    {"restore", -4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_KEYSPACE | RD_CMD_DANGEROUS, 1, 1, 1,
     rd_cmd_restore, NULL, "restore"},
    {"role", 1, RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_ADMIN | RD_CMD_DANGEROUS, 0, 0, 0,
     rd_cmd_role, NULL, "role"},
    {"scan", -2, RD_CMD_READONLY | RD_CMD_KEYSPACE | RD_CMD_ALL_KEYS, 0, 0, 0, rd_cmd_scan, NULL, "scan"},
    {"select", 2, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_CONNECTION, 0, 0, 0, rd_cmd_select, NULL,
     "select"},
    {"set", -3, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_set, NULL, "set"},
    {"setbit", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_BITMAP, 1, 1, 1, rd_cmd_setbit, NULL,
     "setbit"},
    {"setex", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_setex, NULL, "setex"},
    {"setnx", 3, WRITE_ONE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_setnx, NULL, "setnx"},
    {"setrange", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, rd_cmd_setrange, NULL,
     "setrange"},
    {"shutdown", -1, CONFIG_FLAGS | RD_CMD_NO_MULTI, 0, 0, 0, rd_cmd_shutdown, NULL, "shutdown"},
    {"slowlog", -2, 0, 0, 0, 0, NULL, slowlog_commands, "slowlog"},
    {"strlen", 2, READ_ONE | RD_CMD_STRING, 1, 1, 1, rd_cmd_strlen, NULL, "strlen"},
    {"substr", 4, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_STRING, 1, 1, 1, rd_cmd_getrange, NULL, "substr"},
    {"time", 1, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST, 0, 0, 0, rd_cmd_time, NULL, "time"},
    {"touch", -2, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, rd_cmd_touch, NULL, "touch"},
    {"ttl", 2, READ_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_ttl, NULL, "ttl"},
    {"type", 2, READ_ONE | RD_CMD_KEYSPACE, 1, 1, 1, rd_cmd_type, NULL, "type"},
    {"unlink", -2, RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_KEYSPACE, 1, -1, 1, rd_cmd_del, NULL, "unlink"},
    {"unwatch", 1, RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_TRANSACTION, 0, 0, 0,
     rd_cmd_unwatch, NULL, "unwatch"},
    {"wait", 3, RD_CMD_CONNECTION, 0, 0, 0, rd_cmd_wait, NULL, "wait"},
    {"watch", -2, RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_TRANSACTION | RD_CMD_AT_ONCE, 1, -1, 1,
     rd_cmd_watch, NULL, "watch"},
    END_OF_TABLE,
};

uint32_t rd_command_count(void) {
    return sizeof rd_commands / sizeof rd_commands[0] - 1;
}

/* The first 8 bytes with letters in lower case; a byte that is no letter changes too, which the compare sorts out. */
static uint64_t fold(struct rd_slice name) {
    uint64_t word = 0;
    for (size_t i = 0; i < name.length && i < 8; i++) word |= (uint64_t)(unsigned char)name.bytes[i] << (8 * i);
    return word | 0x2020202020202020u;
}

/* The same for a name in a read buffer, whose padding lets a whole word be loaded. */
static inline uint64_t fold_padded(struct rd_slice name) {
    uint64_t word;
    memcpy(&word, name.bytes, sizeof word);
    if (name.length < 8) word &= (1ull << (8 * name.length)) - 1;
    return word | 0x2020202020202020u;
}

static uint32_t slot_of(uint64_t folded, size_t length) {
    return (uint32_t)((folded + length) * 0x9e3779b97f4a7c15u >> 55);
}

_Static_assert(RD_COMMAND_SLOTS == 1 << 9, "slot_of makes 9 bits");

void rd_command_index_init(struct rd_command_index *index) {
    memset(index, 0, sizeof *index);
    for (uint16_t row = 0; rd_commands[row].name; row++) {
        struct rd_slice name = {rd_commands[row].name, strlen(rd_commands[row].name)};
        uint64_t folded = fold(name);
        uint32_t slot = slot_of(folded, name.length);
        while (index->slots[slot].row) slot = (slot + 1) % RD_COMMAND_SLOTS;
        index->slots[slot] = (struct rd_command_slot){folded, (uint16_t)(row + 1), (uint16_t)name.length};
    }
    index->numbered = rd_command_count();
    for (uint16_t row = 0; rd_commands[row].name; row++) {
        index->first_sub[row] = (uint16_t)index->numbered;
        for (const struct rd_command *sub = rd_commands[row].subcommands; sub && sub->name; sub++) index->numbered++;
    }
}

const struct rd_command *rd_command_numbered(const struct rd_command_index *index, uint32_t number) {
    uint32_t row = rd_command_count();
    if (number < row) return &rd_commands[number];
    while (row-- > 0) {
        if (rd_commands[row].subcommands && number >= index->first_sub[row]) {
            return &rd_commands[row].subcommands[number - index->first_sub[row]];
        }
    }
    return NULL;
}

static const struct rd_command *find(const struct rd_command_index *index, struct rd_slice name, uint64_t folded) {
    uint32_t slot = slot_of(folded, name.length);
    for (; index->slots[slot].row; slot = (slot + 1) % RD_COMMAND_SLOTS) {
        const struct rd_command_slot *at = &index->slots[slot];
        if (at->name != folded || at->length != name.length) continue;
        const struct rd_command *command = &rd_commands[at->row - 1];
        if (rd_slice_is(name, command->name)) return command;
    }
    return NULL;
}

const struct rd_command *rd_command_find(const struct rd_command_index *index, struct rd_slice name) {
    return find(index, name, fold(name));
}

const struct rd_command *rd_command_find_padded(const struct rd_command_index *index, struct rd_slice name) {
    return find(index, name, fold_padded(name));
}

const struct rd_command *rd_subcommand_find(const struct rd_command *command, struct rd_slice name) {
    for (const struct rd_command *sub = command->subcommands; sub && sub->name; sub++) {
        if (rd_slice_is(name, sub->name)) return sub;
    }
    return NULL;
}
