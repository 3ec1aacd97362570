/* This file owns what handlers of several families share: common errors, options, lookups with their counters. */
#ifndef RD_CMD_H
#define RD_CMD_H

#include "command.h"
#include "server.h"
#include "worker.h"

#define rd_reply_oom(reply) rd_reply_fail(reply, "OOM command not allowed when used memory > 'maxmemory'.")
#define rd_reply_syntax_error(reply) rd_reply_fail(reply, "ERR syntax error")
#define rd_reply_not_an_integer(reply) rd_reply_fail(reply, "ERR value is not an integer or out of range")

/* Finds the call's key for reading: counts the hit or miss, and marks the hit for eviction. */
static inline struct rd_found rd_call_read(struct rd_call *call) {
    struct rd_found found = rd_shard_find(call->shard, call->hash, rd_call_key(call), call->now);
    if (found.entry) {
        rd_counter_add(&call->worker->counters.hits, 1);
        if (!atomic_load_explicit(&call->conn->no_touch, memory_order_relaxed)) rd_entry_touch(found.entry);
    } else {
        rd_counter_add(&call->worker->counters.misses, 1);
    }
    return found;
}

/* Finds the call's key for writing. */
static inline struct rd_found rd_call_write(struct rd_call *call) {
    return rd_shard_find(call->shard, call->hash, rd_call_key(call), call->now);
}

/* The entry's value as a bulk reply. */
static inline void rd_reply_value(struct rd_reply *reply, const struct rd_entry *entry) {
    struct rd_blob *blob = rd_entry_value_blob(entry);
    if (__builtin_expect(blob != NULL, 0)) rd_reply_blob(reply, blob);
    else rd_reply_slice(reply, rd_entry_value(entry));
}

/* The blob that an argument was received into, now the caller's; NULL for all but large arguments. */
struct rd_blob *rd_call_take_blob(struct rd_call *call, struct rd_slice argument);

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
