/* This file owns the feeds of watching clients. */
#include "observe/monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <time.h>

#include "connection/conn.h"
#include "observe/observer.h"
#include "observe/redact.h"

struct rd_monitor_feed {
    struct rd_monitor_feed *next;
    struct rd_conn *conn;     /* used on its thread only */
    struct rd_observer *observer; /* its thread's */
    struct rd_reply lines;    /* not yet taken by its thread; long ones are shared with other watchers */
    uint64_t waiting;         /* bytes of them */
    bool too_slow;
};

static uint64_t memory_of(const struct rd_reply *lines) {
    return lines->capacity + lines->blob_capacity * sizeof lines->blobs[0];
}

/* With the lock held: what the feed's lines take now, and took before. */
static void count_lines(const struct rd_monitor_feed *feed, uint64_t before) {
    _Atomic uint64_t *feeds = &feed->observer->loop->shared->clients.feeds;
    atomic_fetch_add_explicit(feeds, memory_of(&feed->lines) - before, memory_order_relaxed);
}

enum rd_status rd_monitor_begin(struct rd_conn *conn) {
    if (conn->monitor) return RD_OK;
    struct rd_monitors *monitors = &conn->loop->observer->all->monitors;
    struct rd_monitor_feed *feed = calloc(1, sizeof *feed);
    if (!feed) return RD_ERR_NO_MEMORY;
    feed->conn = conn;
    feed->observer = conn->loop->observer;
    rd_lock_acquire(&monitors->lock);
    feed->next = monitors->feeds;
    monitors->feeds = feed;
    atomic_fetch_add(&monitors->count, 1);
    rd_lock_release(&monitors->lock);
    conn->monitor = true;
    return RD_OK;
}

void rd_monitor_end(struct rd_conn *conn) {
    if (!conn->monitor) return;
    struct rd_monitors *monitors = &conn->loop->observer->all->monitors;
    rd_lock_acquire(&monitors->lock);
    struct rd_monitor_feed **at = &monitors->feeds;
    while ((*at)->conn != conn) at = &(*at)->next;
    struct rd_monitor_feed *feed = *at;
    *at = feed->next;
    atomic_fetch_sub(&monitors->count, 1);
    atomic_fetch_sub_explicit(&conn->loop->shared->clients.feeds, memory_of(&feed->lines), memory_order_relaxed);
    rd_lock_release(&monitors->lock);
    rd_reply_free(&feed->lines);
    free(feed);
    conn->monitor = false;
}

/* Bytes quoted at once: a line that becomes too long ends soon. */
#define QUOTED_AT_ONCE 4096u

/* As Redis quotes: printable bytes as they are, the rest escaped. */
static void append_escaped(struct rd_reply *line, const char *bytes, size_t length) {
    static const char hex[] = "0123456789abcdef";
    char *at = rd_reply_room(line, length * 4);
    if (!at) return;
    char *end = at;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        const char *escape = c ? memchr("\\\"\n\r\t\a\b", c, 7) : NULL;
        if (escape) {
            *end++ = '\\';
            *end++ = "\\\"nrtab"[escape - (const char *)memchr("\\\"\n\r\t\a\b", '\\', 7)];
        } else if (c >= ' ' && c < 127) {
            *end++ = (char)c;
        } else {
            *end++ = '\\';
            *end++ = 'x';
            *end++ = hex[c >> 4];
            *end++ = hex[c & 15];
        }
    }
    line->length += (size_t)(end - at);
}

static void append_quoted(struct rd_reply *line, struct rd_slice text) {
    rd_reply_literal(line, " \"");
    for (size_t at = 0; at < text.length && !line->failed; at += QUOTED_AT_ONCE) {
        size_t left = text.length - at;
        append_escaped(line, text.bytes + at, left < QUOTED_AT_ONCE ? left : QUOTED_AT_ONCE);
    }
    rd_reply_literal(line, "\"");
}

/* As Redis tells a watcher, where one of a Unix socket is not spelled as in CLIENT LIST. */
static void describe_peer(const struct rd_conn *conn, char *text, size_t size) {
    struct sockaddr_storage address;
    rd_conn_address(conn, &address);
    if (address.ss_family == AF_UNIX) snprintf(text, size, "unix:%s", ((struct sockaddr_un *)&address)->sun_path);
    else rd_address_format(&address, text, size);
}

static void append_line(struct rd_reply *line, const struct rd_call *call) {
    const struct rd_conn *conn = call->conn;
    char peer[RD_ADDRESS_SIZE] = "lua", head[192];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!call->by_script) describe_peer(conn, peer, sizeof peer);
    int length = snprintf(head, sizeof head, "+%lld.%06ld [%u %s]", (long long)now.tv_sec, now.tv_nsec / 1000,
                          conn->database, peer);
    if (length < 0) return;
    rd_reply_raw(line, head, (size_t)length);
    for (uint32_t i = 0; i < call->argc && !line->failed; i++) {
        bool is_secret = rd_argument_is_secret(call->command, call->argv, i);
        append_quoted(line, is_secret ? (struct rd_slice){"(redacted)", 10} : call->argv[i]);
    }
    rd_reply_literal(line, "\r\n");
}

static size_t most_of_line(const struct rd_reply_owner *owner) {
    (void)owner;
    return RD_MONITOR_FEED_MAX;
}

/* A long line as a blob, for all watchers to refer to; NULL when it is short, or memory is out. */
static struct rd_blob *share(struct rd_store *store, const struct rd_reply *line) {
    if (line->failed || line->length < RD_REPLY_BY_REFERENCE) return NULL;
    struct rd_blob *blob = rd_blob_new(&store->blobs, line->length, 0);
    if (!blob) return NULL;
    memcpy(blob->bytes, line->bytes, line->length);
    blob->length = line->length;
    return blob;
}

static void feed_line(struct rd_monitor_feed *feed, const struct rd_reply *line, struct rd_blob *shared) {
    if (line->failed || feed->waiting + line->length > RD_MONITOR_FEED_MAX) feed->too_slow = true;
    if (feed->too_slow) return;
    feed->waiting += line->length;
    if (shared) rd_reply_reference(&feed->lines, shared, 0, shared->length);
    else rd_reply_raw(&feed->lines, line->bytes, line->length);
}

void rd_monitor_tell(struct rd_observer *observer, const struct rd_call *call) {
    if (call->command->flags & (RD_CMD_ADMIN | RD_CMD_SKIP_MONITOR)) return;
    struct rd_monitors *monitors = &observer->all->monitors;
    struct rd_reply_owner bound = {most_of_line, NULL};
    struct rd_reply line = {.owner = &bound};
    append_line(&line, call);
    struct rd_blob *shared = share(observer->loop->store, &line);
    rd_lock_acquire(&monitors->lock);
    for (struct rd_monitor_feed *feed = monitors->feeds; feed; feed = feed->next) {
        uint64_t before = memory_of(&feed->lines);
        feed_line(feed, &line, shared);
        count_lines(feed, before);
        if (!atomic_exchange(&feed->observer->has_feed, true)) rd_loop_wake(feed->observer->loop);
    }
    rd_lock_release(&monitors->lock);
    if (shared) rd_blob_release(shared);
    rd_reply_free(&line);
}

/* Takes what waits for one of the thread's watchers; NULL when nothing waits. */
static struct rd_conn *take(struct rd_observer *observer, struct rd_reply *lines, bool *too_slow) {
    struct rd_monitors *monitors = &observer->all->monitors;
    struct rd_conn *conn = NULL;
    rd_lock_acquire(&monitors->lock);
    for (struct rd_monitor_feed *feed = monitors->feeds; feed && !conn; feed = feed->next) {
        if (feed->observer != observer || (feed->waiting == 0 && !feed->too_slow)) continue;
        conn = feed->conn;
        *lines = feed->lines;
        *too_slow = feed->too_slow || feed->lines.failed;
        uint64_t before = memory_of(&feed->lines);
        feed->lines = (struct rd_reply){0};
        count_lines(feed, before);
        feed->waiting = 0;
        feed->too_slow = false;
    }
    rd_lock_release(&monitors->lock);
    return conn;
}

void rd_monitor_deliver(struct rd_observer *observer) {
    if (!atomic_exchange(&observer->has_feed, false)) return;
    struct rd_reply lines = {0};
    bool too_slow = false;
    for (struct rd_conn *conn; (conn = take(observer, &lines, &too_slow)) != NULL;) {
        rd_conn_send(conn, &lines, (struct rd_reply_walk){.to = lines.length, .end_blob = lines.blob_count}, RD_TURN_BYTES);
        rd_reply_free(&lines);
        if (conn->output && conn->output->waiting > RD_MONITOR_OUTPUT_MAX) too_slow = true;
        if (too_slow && !conn->dead) rd_conn_close_for_output(conn);
        if (conn->dead) rd_conn_finish(conn, true);
    }
}
