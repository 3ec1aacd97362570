/*
 * This file owns what a command is: its row in the command table, and the call that a handler is given.
 */
#ifndef RD_COMMAND_H
#define RD_COMMAND_H

#include "redistill_hot.h"
#include "resp/reply.h"
#include "store/store.h"

struct rd_call;
struct rd_conn;
struct rd_received;
struct rd_loop;

typedef void rd_handler_fn(struct rd_call *call);

/* What a command does, as COMMAND INFO tells it, and how it is to be run. */
enum rd_command_flag {
    RD_CMD_WRITE = 1 << 0,
    RD_CMD_READONLY = 1 << 1,
    RD_CMD_DENYOOM = 1 << 2,
    RD_CMD_ADMIN = 1 << 3,
    RD_CMD_FAST = 1 << 4,
    RD_CMD_NO_AUTH = 1 << 5,  /* allowed before AUTH */
    RD_CMD_LOADING = 1 << 6,
    RD_CMD_STALE = 1 << 7,
    RD_CMD_NOSCRIPT = 1 << 8,
    RD_CMD_SKIP_MONITOR = 1 << 9,
    RD_CMD_DANGEROUS = 1 << 10, /* ACL category only */
    RD_CMD_KEYSPACE = 1 << 11,  /* ACL category only: about keys, not values */
    RD_CMD_STRING = 1 << 12,    /* ACL category only */
    RD_CMD_CONNECTION = 1 << 13,/* ACL category only */
    RD_CMD_BITMAP = 1 << 14,    /* ACL category only */
    RD_CMD_TRANSACTION = 1 << 15, /* ACL category only */
    /* How it is run: exactly one key, whose shard the dispatcher locks around the handler. */
    RD_CMD_ONE_KEY = 1 << 16,
    /* Key positions depend on the arguments (MSETEX and its like): COMMAND GETKEYS asks keys_of. */
    RD_CMD_MOVABLE_KEYS = 1 << 17,
    /* It may look at any key, one shard after the other: EXEC holds them all for it. */
    RD_CMD_ALL_KEYS = 1 << 18,
    RD_CMD_NO_MULTI = 1 << 19, /* refused between MULTI and EXEC */
    /* May change how the next request is read, or whether it has to wait: it is run before that one is looked at. */
    RD_CMD_SETTLES = 1 << 20,
    /* EXEC: runs what was queued, and tells of it, counts and silences it by itself. */
    RD_CMD_EXEC = 1 << 21,
    RD_CMD_AT_ONCE = 1 << 22,        /* not queued between MULTI and EXEC */
    RD_CMD_UNPAUSES = 1 << 23,       /* not held by CLIENT PAUSE */
    RD_CMD_WAITS_FOR_DISK = 1 << 24, /* and touches no key: EXEC runs it when its locks are free again */
    /* Which arguments the log, the slow log and MONITOR must not show: all, those of an AUTH option, secret settings. */
    RD_CMD_SECRET = 1 << 25,
    RD_CMD_SECRET_AFTER_AUTH = 1 << 26,
    RD_CMD_SECRET_SETTINGS = 1 << 27,
};

struct rd_command {
    const char *name;       /* lower case; subcommands without their parent's name */
    int arity;              /* arguments with the name; negative: at least so many */
    uint32_t flags;         /* enum rd_command_flag */
    int first_key, last_key, step; /* as in Redis: positions in argv, last may count from the end; 0 = no keys */
    rd_handler_fn *handler; /* NULL: only its subcommands do anything */
    const struct rd_command *subcommands; /* ended by a row without name; NULL mostly */
    const char *full_name;  /* "client|kill" for subcommands, else the name; used in error texts */
};

/*
 * One command being executed. Everything is borrowed for the handler's run. What a handler may change, its own or one
 * that the same EXEC runs before it, is not here: it is read where it lives, at the connection (.ci/style looks).
 */
struct rd_call {
    struct rd_loop *loop;   /* of the connection's thread: clocks, counters, settings, observer, control */
    struct rd_conn *conn;
    struct rd_store *store;
    const struct rd_command *command;
    const struct rd_slice *argv;
    uint32_t argc;
    uint32_t number;        /* of the command, see rd_command_number */
    uint64_t hash;          /* of the first key, where the command has one */
    struct rd_shard *shard; /* of the first key; locked with RD_CMD_ONE_KEY */
    int64_t now;            /* Unix time in ms, read once per loop turn */
    struct rd_reply *reply;
    struct rd_received *received; /* its large arguments; NULL: all lie in a buffer */
    bool in_exec;           /* part of an EXEC, which holds the locks of all shards that its commands touch */
};

/* The table in alphabetical order, ended by a row without name. Immutable. */
extern const struct rd_command rd_commands[];
uint32_t rd_command_count(void);

/* An open-addressing index over the table, so that finding a command is one hash and one compare. */
#define RD_COMMAND_SLOTS 512
struct rd_command_slot {
    uint64_t name; /* the first 8 letters in lower case */
    uint16_t row;  /* row + 1, 0 = empty */
    uint16_t length;
};
struct rd_command_index {
    struct rd_command_slot slots[RD_COMMAND_SLOTS];
    uint16_t first_sub[RD_COMMAND_SLOTS]; /* by row: the number of its first subcommand */
    uint32_t numbered;                    /* commands and subcommands; the rows come first */
};

void rd_command_index_init(struct rd_command_index *index);
/* The command of that name in any case, NULL when there is none. */
const struct rd_command *rd_command_find(const struct rd_command_index *index, struct rd_slice name);
/* The same where 8 bytes may be read from the name's start, as in every buffer that requests are read into. */
const struct rd_command *rd_command_find_padded(const struct rd_command_index *index, struct rd_slice name);
const struct rd_command *rd_subcommand_find(const struct rd_command *command, struct rd_slice name);

/* A number for a row and for a subcommand of it (or the row itself again), below index->numbered. */
static inline uint32_t rd_command_number(const struct rd_command_index *index, const struct rd_command *row,
                                         const struct rd_command *command) {
    uint32_t number = (uint32_t)(row - rd_commands);
    return command == row ? number : index->first_sub[number] + (uint32_t)(command - row->subcommands);
}
const struct rd_command *rd_command_numbered(const struct rd_command_index *index, uint32_t number);

static inline bool rd_command_arity_fits(const struct rd_command *command, uint32_t argc) {
    return command->arity > 0 ? argc == (uint32_t)command->arity : argc >= (uint32_t)-command->arity;
}

/* Where a command's keys stand among its arguments: first, first + step, ... */
struct rd_key_range {
    uint32_t first, count, step; /* count 0: it has none */
};

/* Of a call whose arity fits. */
struct rd_key_range rd_command_keys(const struct rd_command *command, const struct rd_slice *argv, uint32_t argc);

/* What it does to its first key, or to the others, in Redis's words with spaces between: "RW access update". */
const char *rd_command_key_flags(const struct rd_command *command, bool first);

/* Is the argument this lower-case word, in any case? */
static inline bool rd_slice_is(struct rd_slice slice, const char *word) {
    size_t i = 0;
    for (; i < slice.length && word[i]; i++) {
        char c = slice.bytes[i];
        if (c >= 'A' && c <= 'Z') c += 32;
        if (c != word[i]) return false;
    }
    return i == slice.length && word[i] == 0;
}

/*
 * The one place where a command takes a shard's lock, for the dispatcher, rd_multi and the walks over all keys:
 * inside an EXEC the lock is held already.
 */
static inline void rd_call_lock(const struct rd_call *call, struct rd_shard *shard) {
    if (!call->in_exec) rd_shard_lock(shard);
}

static inline void rd_call_unlock(const struct rd_call *call, struct rd_shard *shard) {
    if (!call->in_exec) rd_shard_unlock(shard);
}

/* The call's key argument, for handlers of one key. */
static inline struct rd_slice rd_call_key(const struct rd_call *call) {
    return call->argv[call->command->first_key];
}

/* Handlers, by family; each file is named after its family. */
rd_handler_fn rd_cmd_get, rd_cmd_set, rd_cmd_append, rd_cmd_strlen, rd_cmd_getset, rd_cmd_getdel, rd_cmd_getex,
    rd_cmd_setnx, rd_cmd_setex, rd_cmd_psetex, rd_cmd_delifeq, rd_cmd_delex, rd_cmd_digest;  /* cmd_string */
rd_handler_fn rd_cmd_mget, rd_cmd_mset, rd_cmd_msetnx, rd_cmd_msetex;                        /* cmd_strings */
rd_handler_fn rd_cmd_getrange, rd_cmd_setrange;                                              /* cmd_range */
rd_handler_fn rd_cmd_lcs;                                                                    /* cmd_lcs */
rd_handler_fn rd_cmd_incr, rd_cmd_decr, rd_cmd_incrby, rd_cmd_decrby, rd_cmd_incrbyfloat;    /* cmd_counter */
rd_handler_fn rd_cmd_increx;                                                                 /* cmd_increx */
rd_handler_fn rd_cmd_del, rd_cmd_exists, rd_cmd_touch, rd_cmd_type, rd_cmd_dbsize, rd_cmd_flush,
    rd_cmd_randomkey, rd_cmd_wait;                                                           /* cmd_key */
rd_handler_fn rd_cmd_rename, rd_cmd_renamenx, rd_cmd_copy;                                   /* cmd_copy */
rd_handler_fn rd_cmd_object_encoding, rd_cmd_object_freq, rd_cmd_object_idletime, rd_cmd_object_refcount,
    rd_cmd_object_help;                                                                      /* cmd_object */
rd_handler_fn rd_cmd_dump, rd_cmd_restore;                                                   /* cmd_dump */
rd_handler_fn rd_cmd_setbit, rd_cmd_getbit, rd_cmd_bitcount, rd_cmd_bitpos, rd_cmd_bitop;    /* cmd_bit */
rd_handler_fn rd_cmd_bitfield, rd_cmd_bitfield_ro;                                           /* cmd_bitfield */
rd_handler_fn rd_cmd_multi, rd_cmd_exec, rd_cmd_discard, rd_cmd_watch, rd_cmd_unwatch;       /* cmd_transaction */
rd_handler_fn rd_cmd_throttle;                                                               /* cmd_throttle */
rd_handler_fn rd_cmd_expire, rd_cmd_pexpire, rd_cmd_expireat, rd_cmd_pexpireat, rd_cmd_ttl, rd_cmd_pttl,
    rd_cmd_expiretime, rd_cmd_pexpiretime, rd_cmd_persist;                                   /* cmd_expire */
rd_handler_fn rd_cmd_keys, rd_cmd_scan;                                                      /* cmd_scan */
rd_handler_fn rd_cmd_ping, rd_cmd_echo, rd_cmd_auth, rd_cmd_hello, rd_cmd_select, rd_cmd_quit; /* cmd_conn */
rd_handler_fn rd_cmd_client_id, rd_cmd_client_getname, rd_cmd_client_setname, rd_cmd_client_setinfo,
    rd_cmd_client_info, rd_cmd_client_list, rd_cmd_client_help;                              /* cmd_client */
rd_handler_fn rd_cmd_client_kill, rd_cmd_client_pause, rd_cmd_client_unpause, rd_cmd_client_reply,
    rd_cmd_client_no_evict, rd_cmd_client_no_touch, rd_cmd_client_unblock;                   /* cmd_client_control */
rd_handler_fn rd_cmd_client_tracking, rd_cmd_client_caching, rd_cmd_client_getredir,
    rd_cmd_client_trackinginfo;                                                              /* cmd_tracking */
rd_handler_fn rd_cmd_monitor, rd_cmd_reset, rd_cmd_role;                                     /* cmd_monitor */
rd_handler_fn rd_cmd_info, rd_cmd_time, rd_cmd_shutdown, rd_cmd_config_get, rd_cmd_config_set, rd_cmd_config_resetstat,
    rd_cmd_config_rewrite, rd_cmd_config_help;                                               /* cmd_server */
rd_handler_fn rd_cmd_debug;                                                                  /* cmd_debug */
rd_handler_fn rd_cmd_lolwut;                                                                 /* cmd_lolwut */
rd_handler_fn rd_cmd_memory_usage, rd_cmd_memory_stats, rd_cmd_memory_doctor, rd_cmd_memory_purge,
    rd_cmd_memory_malloc_stats, rd_cmd_memory_help;                                          /* cmd_memory */
rd_handler_fn rd_cmd_slowlog_get, rd_cmd_slowlog_len, rd_cmd_slowlog_reset, rd_cmd_slowlog_help; /* cmd_slowlog */
rd_handler_fn rd_cmd_latency_histogram, rd_cmd_latency_latest, rd_cmd_latency_history, rd_cmd_latency_reset,
    rd_cmd_latency_graph, rd_cmd_latency_doctor, rd_cmd_latency_help;                        /* cmd_latency */
rd_handler_fn rd_cmd_command, rd_cmd_command_count, rd_cmd_command_docs, rd_cmd_command_info, rd_cmd_command_getkeys,
    rd_cmd_command_getkeysandflags,    rd_cmd_command_list, rd_cmd_command_help;                                                /* cmd_command */

#endif
