/* This file owns the entries of ACL LOG. */
#include "observe/access_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "connection/conn.h"
#include "observe/client_line.h"

/* Two of the same that are no further apart are one. */
#define TOGETHER_MS 60000

static struct rd_slice cut(struct rd_slice text) {
    if (text.length > RD_ACCESS_LOG_TEXT) text.length = RD_ACCESS_LOG_TEXT;
    return text;
}

static bool equal(struct rd_slice a, struct rd_slice b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* Terminated, the caller's to free; NULL when memory is out. */
static char *describe(struct rd_conn *conn) {
    struct rd_reply text = {0};
    rd_lock_acquire(&conn->loop->connections_lock);
    rd_client_line(&text, conn, NULL, conn->loop->monotonic_ms);
    rd_lock_release(&conn->loop->connections_lock);
    size_t length = text.length && text.bytes[text.length - 1] == '\n' ? text.length - 1 : text.length;
    char *line = text.failed ? NULL : strndup(text.bytes, length);
    rd_reply_free(&text);
    return line;
}

static struct rd_slice keep(char *place, struct rd_slice text) {
    if (text.length) memcpy(place, text.bytes, text.length);
    return (struct rd_slice){place, text.length};
}

/* Its texts have moved with it. */
static void settle(struct rd_access_entry *entry) {
    entry->object.bytes = entry->texts;
    entry->user.bytes = entry->texts + RD_ACCESS_LOG_TEXT;
}

/* The entry at that place is the first from now on, those before it come behind. With the lock held. */
static struct rd_access_entry *bring_forward(struct rd_access_log *log, uint32_t at) {
    struct rd_access_entry moved = log->entries[at];
    memmove(log->entries + 1, log->entries, at * sizeof moved);
    log->entries[0] = moved;
    for (uint32_t i = 0; i <= at; i++) settle(&log->entries[i]);
    return &log->entries[0];
}

/* A new entry at the front, for which the oldest makes room. With the lock held. */
static struct rd_access_entry *add(struct rd_access_log *log, enum rd_access_reason reason, enum rd_access_context context,
                                   struct rd_slice object, struct rd_slice user, int64_t now) {
    if (!log->entries) log->entries = calloc(RD_ACCESS_LOG_MOST, sizeof *log->entries);
    if (!log->entries) return NULL;
    if (log->count == RD_ACCESS_LOG_MOST) free(log->entries[--log->count].client);
    log->entries[log->count] = (struct rd_access_entry){.reason = reason, .context = context, .first_ms = now,
                                                        .id = log->next_id++};
    struct rd_access_entry *entry = bring_forward(log, log->count++);
    entry->object = keep(entry->texts, object);
    entry->user = keep(entry->texts + RD_ACCESS_LOG_TEXT, user);
    return entry;
}

void rd_access_log_tell(struct rd_access_log *log, struct rd_conn *conn, enum rd_access_reason reason,
                        enum rd_access_context context, struct rd_slice object, struct rd_slice user) {
    int64_t now = rd_unix_ms();
    char *line = describe(conn);
    object = cut(object);
    user = cut(user);
    struct rd_access_entry *entry = NULL;
    rd_lock_acquire(&log->lock);
    for (uint32_t i = 0; i < log->count && !entry; i++) {
        const struct rd_access_entry *other = &log->entries[i];
        bool is_same = other->reason == reason && other->context == context && now - other->last_ms <= TOGETHER_MS &&
                       equal(other->object, object) && equal(other->user, user);
        if (is_same) entry = bring_forward(log, i);
    }
    if (!entry) entry = add(log, reason, context, object, user, now);
    if (entry) {
        free(entry->client);
        entry->client = line;
        entry->count++;
        entry->last_ms = now;
        line = NULL;
    }
    rd_lock_release(&log->lock);
    free(line);
}

void rd_access_log_clear(struct rd_access_log *log) {
    rd_lock_acquire(&log->lock);
    for (uint32_t i = 0; i < log->count; i++) free(log->entries[i].client);
    free(log->entries);
    log->entries = NULL;
    log->count = 0;
    rd_lock_release(&log->lock);
}
