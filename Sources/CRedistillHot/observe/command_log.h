/*
 * This file owns the command logs, as Valkey has them: the last commands that took long (the slow log), those whose
 * request was large, and those whose reply was; for all workers. Entries are few, so one lock for each log will do. It
 * is a leaf: for a command within an EXEC an entry is made while the shards of the EXEC are locked.
 */
#ifndef RD_COMMAND_LOG_H
#define RD_COMMAND_LOG_H

#include "base/lock.h"
#include "call/command.h"

struct rd_observer;

enum rd_command_log_kind {
    RD_LOG_SLOW,          /* us that it took */
    RD_LOG_LARGE_REQUEST, /* bytes of its request */
    RD_LOG_LARGE_REPLY,   /* bytes of its reply */
    RD_LOG_KINDS
};

struct rd_log_entry {
    struct rd_log_entry *newer, *older;
    uint64_t id;
    int64_t unix_s;
    int64_t value; /* what the log is about, in its unit */
    uint32_t argc;
    const char *peer, *name; /* in the same block, terminated */
    struct rd_slice argv[];  /* bytes in the same block */
};

struct rd_command_log {
    struct rd_lock lock; /* guards everything below */
    struct rd_log_entry *newest, *oldest;
    uint32_t count;
    uint64_t next_id;
};

/* The command that an entry is about. Borrowed. */
struct rd_logged {
    const struct rd_conn *conn;
    const struct rd_command *command;
    const struct rd_slice *argv;
    uint32_t argc;
    const struct rd_received *received; /* which arguments have been taken over; may be NULL */
};

static inline struct rd_logged rd_logged_call(const struct rd_call *call) {
    return (struct rd_logged){call->conn, call->command, call->argv, call->argc, call->received};
}

/*
 * On the connection's worker: an entry of this value, if it is as large as the log's threshold; the oldest beyond the
 * log's length go. Without memory nothing is added.
 */
void rd_command_log_tell(const struct rd_observer *observer, enum rd_command_log_kind kind,
                         const struct rd_logged *logged, int64_t value);
/* Any thread. */
void rd_command_log_clear(struct rd_command_log *log);

#endif
