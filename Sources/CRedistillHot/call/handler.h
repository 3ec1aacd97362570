/* This file owns what handlers of several families share: common errors, options, lookups with their counters. */
#ifndef RD_HANDLER_H
#define RD_HANDLER_H

#include "call/command.h"
#include "call/control.h"
#include "connection/conn.h"

#define RD_OUT_OF_MEMORY "OOM command not allowed when used memory > 'maxmemory'."
#define rd_reply_oom(reply) rd_reply_fail(reply, RD_OUT_OF_MEMORY)
#define RD_WRONG_TYPE "WRONGTYPE Operation against a key holding the wrong kind of value"
#define rd_reply_wrong_type(reply) rd_reply_fail(reply, RD_WRONG_TYPE)
/* Instead of what was replied since the mark, for who replies before it is sure that memory suffices. */
static inline void rd_reply_oom_from(struct rd_reply *reply, struct rd_reply_mark mark) {
    rd_reply_take_back(reply, mark);
    rd_reply_oom(reply);
}
#define RD_NO_CLUSTER "ERR This instance has cluster support disabled"
/* Before the reason. */
#define RD_EXEC_REFUSED "EXECABORT Transaction discarded because of: "
/* A script runs for longer than it should, and has what is asked for, or all have to wait for it. */
#define RD_BUSY "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
#define rd_reply_busy(reply) rd_reply_fail(reply, RD_BUSY)
#define rd_reply_wrong_arity(reply, command) \
    rd_reply_format_error(reply, "ERR wrong number of arguments for '%s' command", (command)->name)
#define rd_reply_syntax_error(reply) rd_reply_fail(reply, "ERR syntax error")
#define rd_reply_not_an_integer(reply) rd_reply_fail(reply, "ERR value is not an integer or out of range")

#define rd_reply_too_long(reply) \
    rd_reply_fail(reply, "ERR string exceeds maximum allowed size (proto-max-bulk-len)")

/* Tells the control plane that the client has called this; nothing of its arguments. */
void rd_call_tell(const struct rd_call *call, enum rd_event_kind kind);
/* The client, for a callback; `address` has room for RD_ADDRESS_SIZE. */
struct rd_peer rd_call_peer(const struct rd_call *call, char *address);

/* The most bytes that a value may have. */
static inline uint64_t rd_call_value_limit(const struct rd_call *call) {
    return (uint64_t)rd_setting(call->loop->settings, RD_SET_MAX_BULK_LENGTH);
}

/*
 * The keyspace of the client's database: with the lock of any shard held, for then it stays, and read anew at each use,
 * since another command of the same EXEC may have chosen another.
 */
static inline uint32_t rd_call_space(const struct rd_call *call) {
    return rd_databases_space(&call->store->databases, atomic_load_explicit(&call->conn->database, memory_order_relaxed));
}

/* An argument as a key of that. */
static inline struct rd_key rd_call_key_at(const struct rd_call *call, uint32_t argument) {
    return rd_key_of(call->argv[argument], rd_call_space(call));
}

/* The call's own key, for handlers of one. */
static inline struct rd_key rd_call_key(const struct rd_call *call) {
    return rd_call_key_at(call, (uint32_t)call->command->first_key);
}

/* Of a command of two keys, its first arguments: have they the same name? */
static inline bool rd_call_repeats_key(const struct rd_call *call) {
    struct rd_slice a = call->argv[1], b = call->argv[2];
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* Finds the call's key for who only asks about it: counts the hit or miss, but as in Redis that is no use of it. */
static inline struct rd_found rd_call_look(struct rd_call *call) {
    struct rd_found found = rd_shard_find(call->shard, call->hash, rd_call_key(call), call->now);
    struct rd_counters *counters = &call->loop->counters;
    if (found.entry) rd_counter_add(&counters->hits, 1);
    else rd_counter_add(&counters->misses, 1);
    return found;
}

/* Marks a hit for eviction, unless the client has said that its reading is no use of a key (CLIENT NO-TOUCH). */
static inline void rd_call_use(const struct rd_call *call, struct rd_entry *entry) {
    if (!atomic_load_explicit(&call->conn->no_touch, memory_order_relaxed)) rd_entry_touch(entry);
}

/* The same for reading: marks the hit for eviction, too. */
static inline struct rd_found rd_call_read(struct rd_call *call) {
    struct rd_found found = rd_call_look(call);
    if (found.entry) rd_call_use(call, found.entry);
    return found;
}

/*
 * The value for work that only reads it, and may take long: a large one is held, and the shard's lock given back until
 * rd_call_let_go; a small one is read under the lock. Nothing that was found is valid after this.
 */
static inline struct rd_slice rd_call_hold(const struct rd_call *call, const struct rd_entry *entry, struct rd_blob **held) {
    struct rd_blob *blob = rd_entry_value_blob(entry);
    *held = blob ? rd_blob_retain(blob) : NULL;
    if (!blob) return rd_entry_value(entry);
    rd_call_unlock(call, call->shard);
    return (struct rd_slice){blob->bytes, blob->length};
}

static inline void rd_call_let_go(const struct rd_call *call, struct rd_blob *held) {
    if (!held) return;
    rd_blob_release(held);
    rd_call_wait_lock(call, call->shard);
}

/* Finds the call's key for writing. */
static inline struct rd_found rd_call_write(struct rd_call *call) {
    return rd_shard_find(call->shard, call->hash, rd_call_key(call), call->now);
}

/* Is what a command on strings has found of another type? Then that has been replied. */
static inline bool rd_call_refuses(struct rd_call *call, const struct rd_entry *entry) {
    if (!entry || __builtin_expect(!rd_entry_is_shaped(entry), 1)) return false;
    rd_reply_wrong_type(call->reply);
    return true;
}

/* The entry's value as a bulk reply. Of a string. */
static inline void rd_reply_value(struct rd_reply *reply, const struct rd_entry *entry) {
    struct rd_blob *blob = rd_entry_value_blob(entry);
    if (__builtin_expect(blob != NULL, 0)) rd_reply_blob(reply, blob);
    else rd_reply_slice(reply, rd_entry_value(entry));
}

/*
 * Stores the argument argv[argument] as the value of a key, with the lock of its shard held. A large one that lies in a
 * blob of its own is taken over, not copied: argv is then not to be read there again. RD_ERR_NO_MEMORY leaves what was
 * there.
 */
RD_MUST_USE enum rd_status rd_call_store_at(struct rd_call *call, struct rd_shard *shard, uint64_t hash,
                                            struct rd_key key, struct rd_found *found, uint32_t argument,
                                            int64_t expiry);
/* The same for the call's own key. */
RD_MUST_USE enum rd_status rd_call_store(struct rd_call *call, struct rd_found *found, uint32_t argument,
                                         int64_t expiry);

/*
 * Makes the value of the call's key `length` bytes long, creating it when it is absent; added bytes are zero. *bytes
 * may be written until the shard changes. RD_ERR_NO_MEMORY leaves what was there.
 */
RD_MUST_USE enum rd_status rd_call_resize(struct rd_call *call, struct rd_found *found, uint64_t length, char **bytes);

/* Reads an integer argument; writes Redis's "value is not an integer" and returns false when it is none. */
bool rd_call_integer(struct rd_call *call, struct rd_slice argument, int64_t *value);

/* The same of 32 bits, with Redis's two errors for what is none. */
bool rd_call_int32(struct rd_call *call, struct rd_slice argument, int64_t *value);

/* Reads a time in ms from now on; writes Redis's error and returns false when it is none. */
bool rd_call_timeout(struct rd_call *call, struct rd_slice argument, int64_t *ms);

/* Is nothing said from that argument on but how a flush is to be done, which makes no difference here? */
static inline bool rd_call_flush_fits(const struct rd_call *call, uint32_t at) {
    if (call->argc == at) return true;
    return call->argc == at + 1 && (rd_slice_is(call->argv[at], "async") || rd_slice_is(call->argv[at], "sync"));
}

/* The complaint about a subcommand of that name, given with its code, and where there is help; of it or its container. */
void rd_reply_refuse_subcommand(struct rd_reply *reply, const struct rd_command *command, struct rd_slice name,
                                const char *complaint);
/* Redis's error for a subcommand with other arguments than these. */
void rd_call_refuse_subcommand(struct rd_call *call);

/* Is it the name of the one user? Unlike commands, users have a case. */
static inline bool rd_slice_is_default_user(struct rd_slice name) {
    return name.length == 7 && memcmp(name.bytes, "default", 7) == 0;
}

/* Reads the number of a database; writes an error and returns false when there is none of it. */
bool rd_call_database(struct rd_call *call, struct rd_slice argument, int64_t *database);

/* TYPE's word. In command/object.c. */
const char *rd_type_name(enum rd_type_of_value type);
/* OBJECT ENCODING's word. In command/object.c. */
const char *rd_encoding_of(const struct rd_entry *entry);

/* An array of simple strings, as HELP answers. */
void rd_reply_lines(struct rd_reply *reply, const char *const *lines, size_t count);

enum rd_time_unit {
    RD_SECONDS,
    RD_MILLISECONDS,
};

/*
 * Turns an expire argument into Unix time in ms: relative to now unless absolute. Writes Redis's error ("value is not
 * an integer", or "invalid expire time in '...' command") and returns false when it can't.
 */
bool rd_call_expiry(struct rd_call *call, struct rd_slice argument, enum rd_time_unit unit, bool absolute,
                    bool must_be_positive, int64_t *expiry);

#endif
