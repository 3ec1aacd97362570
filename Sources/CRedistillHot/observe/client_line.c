/* This file owns the fields of a connection's line. */
#include "observe/client_line.h"

#include <stdarg.h>
#include <stdio.h>

#include "call/handler.h"
#include "connection/login.h"
#include "observe/tracking.h"

#define relaxed(field) atomic_load_explicit(&(field), memory_order_relaxed)

/* What the caller's own request is as RESP, and what its arguments are; there is nothing of the sort in between. */
struct request_bytes {
    uint64_t whole, arguments;
};

static uint64_t digits(uint64_t number) {
    char text[RD_I64_DIGITS];
    return (uint64_t)(rd_format_u64(text, number) - text);
}

static struct request_bytes request_bytes(const struct rd_call *call) {
    struct request_bytes bytes = {.whole = 3 + digits(call->argc)};
    for (uint32_t i = 0; i < call->argc; i++) {
        bytes.arguments += call->argv[i].length;
        bytes.whole += 5 + digits(call->argv[i].length) + call->argv[i].length;
    }
    return bytes;
}

/* Redis's letters; N when there is nothing to tell. */
static void describe_flags(const struct rd_conn *conn, bool broken, char *text) {
    char *end = text;
    if (relaxed(conn->monitor)) *end++ = 'O';
    if (relaxed(conn->queued_commands) >= 0) *end++ = 'x';
    if (relaxed(conn->paused)) *end++ = 'b';
    if (relaxed(conn->tracking)) *end++ = 't';
    if (broken) *end++ = 'R';
    if (relaxed(conn->broadcasts)) *end++ = 'B';
    if (conn->unix_socket) *end++ = 'U';
    if (relaxed(conn->no_evict)) *end++ = 'e';
    if (relaxed(conn->no_touch)) *end++ = 'T';
    if (end == text) *end++ = 'N';
    *end = 0;
}

/* What the socket is waited for: while replies wait nothing is read, in a pause nothing at all. */
static const char *events(const struct rd_conn *conn) {
    if (relaxed(conn->waits_for_write)) return "w";
    return relaxed(conn->paused) ? "" : "r";
}

static void append(struct rd_reply *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(struct rd_reply *text, const char *format, ...) {
    char piece[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (length > 0) rd_reply_raw(text, piece, (size_t)length < sizeof piece ? (size_t)length : sizeof piece - 1);
}

static void append_name(struct rd_reply *text, const char *field, const char *name) {
    rd_reply_raw(text, field, strlen(field));
    if (name) rd_reply_raw(text, name, strlen(name));
}

/* There are no buffers of replies with a connection: what its peer has not taken yet is a list of pieces. */
static void append_memory(struct rd_reply *text, const struct rd_conn *conn, const struct rd_call *call) {
    struct request_bytes own = {0};
    if (call && conn == call->conn) own = request_bytes(call);
    const struct rd_held nothing = {0}, *held = atomic_load_explicit(&conn->held, memory_order_acquire);
    if (!held) held = &nothing;
    uint64_t kept = relaxed(held->kept_bytes), room = relaxed(held->kept_room), queued = relaxed(conn->queued_bytes);
    uint64_t pieces = relaxed(held->waiting_pieces);
    uint64_t waiting = relaxed(held->waiting_bytes) + pieces * sizeof(struct rd_output_piece);
    append(text,
           " qbuf=%llu qbuf-free=%llu argv-mem=%llu multi-mem=%llu rbs=0 rbp=0 obl=0 oll=%llu omem=%llu tot-mem=%llu",
           (unsigned long long)(kept + own.whole), (unsigned long long)room, (unsigned long long)own.arguments,
           (unsigned long long)queued, (unsigned long long)pieces, (unsigned long long)waiting,
           (unsigned long long)(rd_client_bytes(conn) + own.arguments));
}

/* Another worker's clock may be a turn ahead of this one's. */
static long long seconds_since(int64_t then_ms, int64_t now_ms) {
    return now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;
}

void rd_client_line(struct rd_reply *text, const struct rd_conn *conn, const struct rd_call *call, int64_t now_ms) {
    char peer[RD_ADDRESS_SIZE], local[RD_ADDRESS_SIZE], flags[12];
    bool broken;
    int64_t redirection = rd_tracking_redirection(conn, &broken);
    describe_flags(conn, broken, flags);
    rd_conn_peer(conn, peer, sizeof peer);
    rd_conn_local(conn, local, sizeof local);
    const struct rd_client_info *info = conn->info;
    const struct rd_command *last = relaxed(conn->last_command);
    append(text, "id=%llu addr=%s laddr=%s fd=%d", (unsigned long long)conn->id, peer, local, conn->fd);
    append_name(text, " name=", info ? info->name : NULL);
    append(text, " age=%lld idle=%lld flags=%s db=%u sub=0 psub=0 ssub=0 multi=%d watch=%u",
           seconds_since(conn->created_ms, now_ms), seconds_since(relaxed(conn->active_ms), now_ms), flags,
           relaxed(conn->database), relaxed(conn->queued_commands), relaxed(conn->watches));
    append_memory(text, conn, call);
    append(text, " events=%s cmd=%s user=%s redir=%lld resp=%d", events(conn), last ? last->name : "NULL",
           rd_conn_user_name(conn), (long long)redirection, relaxed(conn->protocol));
    append_name(text, " lib-name=", info ? info->library : NULL);
    append_name(text, " lib-ver=", info ? info->library_version : NULL);
    append(text, " io-thread=%u tot-net-in=%llu tot-net-out=%llu tot-cmds=%u\n", conn->loop->number,
           (unsigned long long)rd_counter_get(&conn->bytes_in), (unsigned long long)rd_counter_get(&conn->bytes_out),
           relaxed(conn->commands));
}
