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
    /* Key positions depend on the arguments (MSETEX and its like): rd_command_keys. */
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
    RD_CMD_CONTAINER = 1 << 28, /* it has subcommands */
    RD_CMD_ALLOW_BUSY = 1 << 29, /* runs also while a script has run for too long */
    RD_CMD_SCRIPT = 1 << 30,     /* runs a script, or reads one: EXEC runs on a fiber for it */
    /* What most commands of a kind have in common. */
    RD_CMD_FAST_READ = RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_ONE_KEY,
    RD_CMD_FAST_WRITE = RD_CMD_WRITE | RD_CMD_FAST | RD_CMD_ONE_KEY,
    RD_CMD_OF_CONNECTION = RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_CONNECTION,
    RD_CMD_OF_TRANSACTION = RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_TRANSACTION,
    RD_CMD_OF_ADMIN = RD_CMD_ADMIN | RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_DANGEROUS,
};

/* What the flags do not say of who may call it, other than default. */
enum rd_command_grant {
    RD_GRANT_EVERY_ROLE = 1,   /* though it is dangerous, or of administration; if it writes, who may write */
    RD_GRANT_ASKS_OF_KEYS = 2, /* RD_CMD_ALL_KEYS, and its handler leaves out the keys that the user may not touch */
};

/* What is told of a command, and not needed to run it: by COMMAND DOCS and COMMAND INFO. What may be NULL mostly is. */
struct rd_command_docs {
    const char *summary;
    const char *since;      /* the version that brought it, of Redis or of: */
    const char *origin;     /* who has it where Redis 8 has not: "Valkey", a module, "redistill" */
    const char *group;      /* string, bitmap, generic, transactions, connection, server, scripting, module ... */
    const char *complexity;
    const char *syntax;     /* its arguments, as in admin/syntax.h; "" where it takes none, NULL: nothing is said of them */
    const char *history;    /* a line for each change: the version, a space, a sentence */
    const char *deprecated; /* since which version, a space, and what is to be used instead */
    /* Words with spaces between: tips for clients, and flags and @categories that nothing here depends on. */
    const char *tips, *also;
    /* What it does to its keys, in Redis's words with spaces between. NULL: "RW access update" of a write, "RO access". */
    const char *access;
    const char *access_after_first; /* to the keys after the first; NULL: the same */
    const char *access_elsewhere;   /* to keys whose places cannot be told, a line for each kind of them */
    /* What a call does to its keys, where that depends on its other arguments; NULL mostly. */
    const char *(*access_of)(const struct rd_slice *argv, uint32_t argc);
    /* For users of [[users]] (call/access.h). Which arguments are numbers of databases: so many from that one on, and what
       follows this word; or all are meant. */
    uint8_t databases_at, databases;
    bool all_databases;
    const char *database_after;
    uint8_t grants;         /* enum rd_command_grant */
    /* With RD_CMD_MOVABLE_KEYS: the argument that counts the keys, which begin behind it, and how far they are apart;
       what the row says of keys is one that stands before them. */
    uint8_t keys_counted_at, keys_step;
};

/* RD_DOCS(summary, since, group, complexity), and after them what else there is to tell: .access = "RM delete". */
#define RD_DOCS(summary_, since_, group_, complexity_, ...) \
    (&(const struct rd_command_docs){                       \
        .summary = summary_, .since = since_, .group = group_, .complexity = complexity_, __VA_ARGS__})

/*
 * The row of a command in its family's table, at the end of the file that has its handler. All that is known of a
 * command follows from it (docs/adding-a-command.md). A subcommand has a row of its own, in whichever file.
 */
struct rd_command {
    const char *name; /* lower case; of a subcommand with the container before it: "client|kill" */
    int arity;        /* arguments with the name; negative: at least so many */
    uint32_t flags;   /* enum rd_command_flag */
    int8_t first_key, last_key, step; /* as in Redis: positions in argv, last may count from the end; 0 = no keys */
    rd_handler_fn *handler;           /* NULL: only its subcommands do anything */
    const struct rd_command_docs *docs;
};
_Static_assert(sizeof(struct rd_command) == 40, "a row is read for each command that is run");

#define RD_END_OF_COMMANDS {0}

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
    uint32_t number;        /* of the command in the index */
    uint64_t hash;          /* of the first key, where the command has one */
    struct rd_shard *shard; /* of the first key; locked with RD_CMD_ONE_KEY */
    int64_t now;            /* Unix time in ms, read once per loop turn */
    struct rd_reply *reply;
    struct rd_received *received; /* its large arguments; NULL: all lie in a buffer */
    bool in_exec;           /* part of an EXEC or a script, which holds the locks of all shards that its commands touch */
    bool by_script;         /* the latter */
};

static inline bool rd_command_arity_fits(const struct rd_command *command, uint32_t argc) {
    return command->arity > 0 ? argc == (uint32_t)command->arity : argc >= (uint32_t)-command->arity;
}

/* Scripts may, unless they are only to read. */
static inline bool rd_command_may_write(const struct rd_command *command) {
    return command->flags & RD_CMD_WRITE || (command->flags & (RD_CMD_SCRIPT | RD_CMD_READONLY)) == RD_CMD_SCRIPT;
}

/* Where a command's keys stand among its arguments: first, first + step, ... */
struct rd_key_range {
    uint32_t first, count, step; /* count 0: it has none */
    uint32_t before;             /* the first of them stands here, and the others from `first` on; 0: all stand there */
};

/* The argument that is the key of that number. */
static inline uint32_t rd_key_place(const struct rd_key_range *keys, uint32_t number) {
    if (__builtin_expect(keys->before != 0, 0)) return number == 0 ? keys->before : keys->first + (number - 1) * keys->step;
    return keys->first + number * keys->step;
}

/* Of a call whose arity fits. */
struct rd_key_range rd_command_keys(const struct rd_command *command, const struct rd_slice *argv, uint32_t argc);

/* Adds their shards to a set. */
void rd_key_range_add_shards(struct rd_key_range keys, const struct rd_slice *argv, const struct rd_store *store,
                             struct rd_shard_set *set);

/* What it does to its first key, or to the others, in Redis's words with spaces between: "RW access update". */
const char *rd_command_access(const struct rd_command *command, bool first);

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
 * inside an EXEC the lock is held already. False when a script keeps it for too long: rd_reply_busy.
 */
RD_MUST_USE static inline bool rd_call_lock(const struct rd_call *call, struct rd_shard *shard) {
    return call->in_exec || rd_shard_lock_unless_busy(shard);
}

/* The same for what is too seldom, or too far done, to be given up. */
static inline void rd_call_wait_lock(const struct rd_call *call, struct rd_shard *shard) {
    if (!call->in_exec) rd_shard_lock(shard);
}

static inline void rd_call_unlock(const struct rd_call *call, struct rd_shard *shard) {
    if (!call->in_exec) rd_shard_unlock(shard);
}

#endif
