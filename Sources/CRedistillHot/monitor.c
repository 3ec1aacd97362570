/* This file owns the feeds of watching clients. */
#include "monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "conn.h"
#include "redact.h"
#include "server.h"
#include "worker.h"

struct rd_monitor_feed {
    struct rd_monitor_feed *next;
    struct rd_conn *conn;     /* used on its worker only */
    struct rd_worker *worker;
    struct rd_reply lines;    /* not yet taken by the worker */
    bool too_slow;
};

/* With the lock held: what the feed's lines take now, and took before. */
static void count_lines(struct rd_monitors *monitors, const struct rd_monitor_feed *feed, uint64_t before) {
    atomic_fetch_add_explicit(&monitors->bytes, feed->lines.capacity - before, memory_order_relaxed);
}

enum rd_status rd_monitor_begin(struct rd_conn *conn) {
    if (conn->monitor) return RD_OK;
    struct rd_monitors *monitors = &conn->worker->server->monitors;
    struct rd_monitor_feed *feed = calloc(1, sizeof *feed);
    if (!feed) return RD_ERR_NO_MEMORY;
    feed->conn = conn;
    feed->worker = conn->worker;
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
    struct rd_monitors *monitors = &conn->worker->server->monitors;
    rd_lock_acquire(&monitors->lock);
    struct rd_monitor_feed **at = &monitors->feeds;
    while ((*at)->conn != conn) at = &(*at)->next;
    struct rd_monitor_feed *feed = *at;
    *at = feed->next;
    atomic_fetch_sub(&monitors->count, 1);
    atomic_fetch_sub_explicit(&monitors->bytes, feed->lines.capacity, memory_order_relaxed);
    rd_lock_release(&monitors->lock);
    rd_reply_free(&feed->lines);
    free(feed);
    conn->monitor = false;
}

/* As Redis quotes: printable bytes as they are, the rest escaped. */
static void append_quoted(struct rd_reply *line, struct rd_slice text) {
    static const char hex[] = "0123456789abcdef";
    char *at = rd_reply_room(line, text.length * 4 + 3);
    if (!at) return;
    char *end = at;
    *end++ = ' ';
    *end++ = '"';
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
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
    *end++ = '"';
    line->length += (size_t)(end - at);
}

static void append_line(struct rd_reply *line, const struct rd_conn *conn, const struct rd_command *command,
                        const struct rd_slice *argv, uint32_t argc) {
    char peer[128], head[192];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    rd_conn_peer(conn, peer, sizeof peer);
    int length = snprintf(head, sizeof head, "+%lld.%06ld [0 %s]", (long long)now.tv_sec, now.tv_nsec / 1000, peer);
    if (length < 0) return;
    rd_reply_raw(line, head, (size_t)length);
    for (uint32_t i = 0; i < argc; i++) {
        append_quoted(line, rd_argument_is_secret(command, argv, i) ? (struct rd_slice){"(redacted)", 10} : argv[i]);
    }
    rd_reply_literal(line, "\r\n");
}

void rd_monitor_tell(struct rd_worker *worker, const struct rd_conn *conn, const struct rd_command *command,
                     const struct rd_slice *argv, uint32_t argc) {
    if (command->flags & (RD_CMD_ADMIN | RD_CMD_SKIP_MONITOR)) return;
    struct rd_monitors *monitors = &worker->server->monitors;
    struct rd_reply line = {0};
    append_line(&line, conn, command, argv, argc);
    rd_lock_acquire(&monitors->lock);
    for (struct rd_monitor_feed *feed = monitors->feeds; feed; feed = feed->next) {
        if (line.failed || feed->lines.length + line.length > RD_MONITOR_FEED_MAX) feed->too_slow = true;
        uint64_t before = feed->lines.capacity;
        if (!feed->too_slow) rd_reply_raw(&feed->lines, line.bytes, line.length);
        count_lines(monitors, feed, before);
        if (!atomic_exchange(&feed->worker->has_feed, true)) rd_worker_wake(feed->worker);
    }
    rd_lock_release(&monitors->lock);
    rd_reply_free(&line);
}

/* Takes what waits for one of the worker's watchers; NULL when nothing waits. */
static struct rd_conn *take(struct rd_worker *worker, struct rd_reply *lines, bool *too_slow) {
    struct rd_monitors *monitors = &worker->server->monitors;
    struct rd_conn *conn = NULL;
    rd_lock_acquire(&monitors->lock);
    for (struct rd_monitor_feed *feed = monitors->feeds; feed && !conn; feed = feed->next) {
        if (feed->worker != worker || (feed->lines.length == 0 && !feed->too_slow)) continue;
        conn = feed->conn;
        *lines = feed->lines;
        *too_slow = feed->too_slow || feed->lines.failed;
        uint64_t before = feed->lines.capacity;
        feed->lines = (struct rd_reply){0};
        count_lines(monitors, feed, before);
        feed->too_slow = false;
    }
    rd_lock_release(&monitors->lock);
    return conn;
}

void rd_monitor_deliver(struct rd_worker *worker) {
    if (!atomic_exchange(&worker->has_feed, false)) return;
    struct rd_reply lines = {0};
    bool too_slow = false;
    for (struct rd_conn *conn; (conn = take(worker, &lines, &too_slow)) != NULL;) {
        if (!rd_conn_send_apart(conn, &lines)) too_slow = true;
        rd_reply_free(&lines);
        if (conn->output && conn->output->waiting > RD_MONITOR_OUTPUT_MAX) too_slow = true;
        if (too_slow && !conn->dead) rd_conn_close_for_output(conn);
        if (conn->dead) rd_conn_finish(conn, true);
    }
}
