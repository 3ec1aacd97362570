/*
 * This file owns how large requests and replies are, and what is done about large ones: the command logs of them.
 *
 * Nobody adds up the bytes of every command. A request can't be larger than what the worker's buffer holds, unless it
 * came in pieces (struct rd_received); a reply is not larger than RD_LARGE_REPLY_SEEN unless values are sent by
 * reference, or its command is one of those that are timed apart. So the usual command is looked at only while a
 * threshold is lower than these, by rd_large_looks_at_all.
 */
#ifndef RD_LARGE_H
#define RD_LARGE_H

#include "base/settings.h"
#include "observe/command_log.h"

/* More than a command that is not timed apart copies into a reply: RD_STATS_MOST_ARGS values, none to be referred to. */
#define RD_LARGE_REPLY_SEEN (128u << 10)

/* Of a batch from a buffer of so many bytes. */
static inline bool rd_large_looks_at_all(const struct rd_settings *settings, size_t read) {
    int64_t request = rd_setting(settings, RD_SET_LARGE_REQUEST), reply = rd_setting(settings, RD_SET_LARGE_REPLY);
    return (int64_t)read >= (request < reply ? request : reply) || reply < RD_LARGE_REPLY_SEEN;
}

/* Bytes of a request, as an array of bulks; of an inline one it is a little more than was sent. */
uint64_t rd_request_bytes(const struct rd_slice *argv, uint32_t argc);
/* May it be as large? At no more than the cost of adding up. */
static inline bool rd_request_may_have(const struct rd_slice *argv, uint32_t argc, int64_t bytes) {
    uint64_t most = RD_I64_DIGITS + 3;
    for (uint32_t i = 0; i < argc; i++) most += argv[i].length + RD_I64_DIGITS + 5;
    return (int64_t)most >= bytes;
}

/* Bytes of the reply behind the mark, values that are sent by reference included. */
static inline uint64_t rd_reply_bytes(const struct rd_reply *reply, struct rd_reply_mark mark) {
    uint64_t bytes = reply->length > mark.length ? reply->length - mark.length : 0;
    for (uint32_t i = mark.blobs; i < reply->blob_count; i++) bytes += reply->blobs[i].length;
    return bytes;
}

/*
 * On the connection's worker, after a command whose reply begins at the mark; only within an EXEC with a shard's lock.
 * The caller need not look at thresholds.
 */
void rd_large_command(const struct rd_observer *observer, const struct rd_call *call, struct rd_reply_mark mark);

#endif
