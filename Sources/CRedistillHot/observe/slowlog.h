/*
 * This file owns the slow log: the last commands that took long, for all workers. Entries are few and small, so one
 * lock will do. It is a leaf: for a command within an EXEC an entry is made while the shards of the EXEC are locked.
 */
#ifndef RD_SLOWLOG_H
#define RD_SLOWLOG_H

#include "call/command.h"
#include "base/lock.h"

struct rd_slow_entry {
    struct rd_slow_entry *newer, *older;
    uint64_t id;
    int64_t unix_s, us;
    uint32_t argc;
    const char *peer, *name; /* in the same block, terminated */
    struct rd_slice argv[];  /* bytes in the same block */
};

struct rd_slowlog {
    struct rd_lock lock; /* guards everything below */
    struct rd_slow_entry *newest, *oldest;
    uint32_t count;
    uint64_t next_id;
};

/* Adds a command; the oldest entries beyond `most` go. Without memory nothing is added. */
void rd_slowlog_add(struct rd_slowlog *log, uint32_t most, const struct rd_command *command,
                    const struct rd_slice *argv, uint32_t argc, const struct rd_received *received, int64_t us,
                    int64_t unix_s, const char *peer, const char *name);
void rd_slowlog_clear(struct rd_slowlog *log);

#endif
