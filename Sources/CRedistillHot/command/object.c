/* This file owns the OBJECT command, and the words for types and encodings. */
#include "call/handler.h"

const char *rd_type_name(enum rd_type_of_value type) {
    static const char *const names[] = {"string", "hash", "set", "list", "zset"};
    return names[type];
}

static const char *encoding_of_shape(uint8_t kind) {
    bool is_indexed = kind & RD_SHAPE_INDEXED;
    switch ((enum rd_type_of_value)(kind & RD_SHAPE_TYPE)) {
    case RD_VALUE_HASH:
        if (is_indexed) return "hashtable";
        return kind & RD_SHAPE_TIMED ? "listpackex" : "listpack";
    case RD_VALUE_SET:
        if (is_indexed) return "hashtable";
        return kind & RD_SHAPE_INTEGERS ? "intset" : "listpack";
    case RD_VALUE_LIST: return is_indexed ? "quicklist" : "listpack";
    case RD_VALUE_ZSET: return is_indexed ? "skiplist" : "listpack";
    case RD_VALUE_STRING: break;
    }
    return "unknown";
}

/* As Redis: what was written in place is raw, else a number that prints back to itself, else by length. */
const char *rd_encoding_of(const struct rd_entry *entry) {
    if (rd_entry_is_shaped(entry)) return encoding_of_shape(rd_entry_kind(entry));
    struct rd_slice value = rd_entry_value(entry);
    int64_t number;
    if (entry->flags & RD_RAW) return "raw";
    if (rd_parse_i64(value.bytes, value.length, &number)) return "int";
    return value.length <= 44 ? "embstr" : "raw";
}

/* OBJECT only looks: it counts neither as a hit nor for eviction. */
static const struct rd_entry *look(struct rd_call *call) {
    const struct rd_entry *entry = rd_call_write(call).entry;
    if (!entry) rd_reply_null(call->reply);
    return entry;
}

/* https://redis.io/docs/latest/commands/object-encoding/ */
static void cmd_object_encoding(struct rd_call *call) {
    const struct rd_entry *entry = look(call);
    if (entry) rd_reply_text(call->reply, rd_encoding_of(entry));
}

/* Would Redis share small numbers between keys? Not under a limit with a policy by use. */
static bool shares_numbers(const struct rd_store *store) {
    return !rd_store_policy(store)->by_use || atomic_load_explicit(&store->limit, memory_order_relaxed) == 0;
}

/* https://redis.io/docs/latest/commands/object-refcount/ : Redis shares the numbers below 10,000 and says so. */
static void cmd_object_refcount(struct rd_call *call) {
    const struct rd_entry *entry = look(call);
    if (!entry) return;
    struct rd_slice value = rd_entry_value(entry);
    int64_t number;
    bool is_shared = !(entry->flags & (RD_RAW | RD_SHAPED)) && rd_parse_i64(value.bytes, value.length, &number) && number >= 0 &&
                     number < 10000 && shares_numbers(call->store);
    rd_reply_integer(call->reply, is_shared ? INT32_MAX : 1);
}

#define POLICY_ADVICE                                                                                     \
    "Please note that when switching between policies at runtime LRU and LFU data will take some time to " \
    "adjust."

/*
 * https://redis.io/docs/latest/commands/object-idletime/ : no time is kept with an entry. What the policies by age stamp
 * it with is how much was evicted, and says nothing of seconds.
 */
static void cmd_object_idletime(struct rd_call *call) {
    if (!look(call)) return;
    if (rd_store_policy(call->store)->counts_use) {
        rd_reply_fail(call->reply, "ERR An LFU maxmemory policy is selected, idle time not tracked. " POLICY_ADVICE);
    } else {
        rd_reply_literal(call->reply, ":0\r\n");
    }
}

/* https://redis.io/docs/latest/commands/object-freq/ */
static void cmd_object_freq(struct rd_call *call) {
    const struct rd_entry *entry = look(call);
    if (!entry) return;
    if (!rd_store_policy(call->store)->counts_use) {
        rd_reply_fail(call->reply,
                      "ERR An LFU maxmemory policy is not selected, access frequency not tracked. " POLICY_ADVICE);
    } else {
        rd_reply_integer(call->reply, entry->age + (entry->flags >> RD_HIT_SHIFT)); /* see lfu.c */
    }
}

/* https://redis.io/docs/latest/commands/object-help/ */
static void cmd_object_help(struct rd_call *call) {
    static const char *const lines[] = {
        "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ENCODING <key>",
        "    Return the kind of internal representation used in order to store the value",
        "    associated with a <key>.",
        "FREQ <key>",
        "    Return the access frequency index of the <key>. The returned integer is",
        "    proportional to the logarithm of the recent access frequency of the key.",
        "IDLETIME <key>",
        "    Return the idle time of the <key>, that is the approximated number of",
        "    seconds elapsed since the last access to the key.",
        "REFCOUNT <key>",
        "    Return the number of references of the value associated with the specified",
        "    <key>.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

#define OBJECT_FLAGS (RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_KEYSPACE)
const struct rd_command rd_object_commands[] = {
    {"object", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for object introspection commands.", "2.2.3", "generic", "Depends on subcommand.")},
    {"object|encoding", 3, OBJECT_FLAGS, 2, 2, 1, cmd_object_encoding,
     RD_DOCS("Returns the internal encoding of a Redis object.", "2.2.3", "generic", "O(1)", .access = "RO",
             .syntax = "key", .tips = "nondeterministic_output")},
    {"object|freq", 3, OBJECT_FLAGS, 2, 2, 1, cmd_object_freq,
     RD_DOCS("Returns the logarithmic access frequency counter of a Redis object.", "4.0.0", "generic", "O(1)",
             .access = "RO", .syntax = "key", .tips = "nondeterministic_output")},
    {"object|help", 2, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_KEYSPACE, 0, 0, 0, cmd_object_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "6.2.0", "generic", "O(1)", .syntax = "")},
    {"object|idletime", 3, OBJECT_FLAGS, 2, 2, 1, cmd_object_idletime,
     RD_DOCS("Returns the time since the last access to a Redis object.", "2.2.3", "generic", "O(1)",
             .access = "RO", .syntax = "key", .tips = "nondeterministic_output")},
    {"object|refcount", 3, OBJECT_FLAGS, 2, 2, 1, cmd_object_refcount,
     RD_DOCS("Returns the reference count of a value of a key.", "2.2.3", "generic", "O(1)", .access = "RO",
             .syntax = "key", .tips = "nondeterministic_output")},
    RD_END_OF_COMMANDS,
};
