/*
 * This file owns ACL LOG: the last times that somebody was refused, for all workers. The same within a minute is one entry
 * with a number, as in Redis.
 */
#ifndef RD_ACCESS_LOG_H
#define RD_ACCESS_LOG_H

#include "base/lock.h"
#include "redistill_hot.h"

struct rd_conn;

/* Redis's acllog-max-len. */
#define RD_ACCESS_LOG_MOST 128
/* Bytes that are kept of an object and of a name. */
#define RD_ACCESS_LOG_TEXT 128

enum rd_access_reason {
    RD_REASON_COMMAND,
    RD_REASON_KEY,
    RD_REASON_DATABASE,
    RD_REASON_AUTH,
};

/* Where the refused call came from. */
enum rd_access_context {
    RD_CONTEXT_TOPLEVEL,
    RD_CONTEXT_MULTI,
    RD_CONTEXT_SCRIPT,
};

struct rd_access_entry {
    enum rd_access_reason reason;
    enum rd_access_context context;
    struct rd_slice object; /* in `texts`, as what follows */
    struct rd_slice user;
    char texts[2 * RD_ACCESS_LOG_TEXT];
    char *client;           /* the line of CLIENT LIST, of the last time; owned; NULL: memory was out */
    uint64_t id, count;
    int64_t first_ms, last_ms; /* Unix time */
};

struct rd_access_log {
    struct rd_lock lock; /* guards everything below; a leaf */
    uint32_t count;
    uint64_t next_id;
    struct rd_access_entry *entries; /* owned; the newest first; NULL before there is any */
};

/* On the connection's thread. */
void rd_access_log_tell(struct rd_access_log *log, struct rd_conn *conn, enum rd_access_reason reason,
                        enum rd_access_context context, struct rd_slice object, struct rd_slice user);
/* Any thread. */
void rd_access_log_clear(struct rd_access_log *log);

#endif
