/*
 * This file owns a connection: what is known of it, waiting for its socket, and sending to it. Everything here runs on
 * the thread that serves it; other threads see only what is marked.
 */
#ifndef RD_CONN_H
#define RD_CONN_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/socket.h>

#include "base/address_table.h"
#include "base/counter.h"
#include "base/kept_address.h"
#include "connection/client_info.h"
#include "connection/clients.h"
#include "connection/input.h"
#include "connection/loop.h"
#include "connection/output.h"
#include "connection/transaction.h"
#include "connection/transport.h"
#include "redistill_hot.h"
#include "resp/reply.h"

struct rd_command;
struct rd_tracker;

/* CLIENT REPLY, bits of rd_conn.reply_mode. */
enum rd_reply_mode {
    RD_REPLIES_OFF = 1,       /* none until ON */
    RD_REPLIES_SKIP_NEXT = 2, /* SKIP was just seen, perhaps within the EXEC under way: the next command has none */
    RD_REPLIES_SKIP_THIS = 4,
};

/*
 * Bytes of replies that a connection sends in one turn of the loop: some 0.1 ms, for which others of its worker wait.
 * What it has beyond them waits for the next turn, its own requests included.
 */
#define RD_TURN_BYTES ((size_t)256 << 10)

/* What the connection costs in memory while it is idle: the struct and libevent's map entry. */
#define RD_CONN_BYTES (sizeof(struct rd_conn) + 48)

/* Kept small: an idle connection is this, its libevent entry and nothing else. */
struct rd_conn {
    struct event event;             /* waits for the socket to be readable, or writable while output waits */
    struct rd_loop *loop;           /* that serves it; immutable */
    const struct rd_transport *transport;
    void *tls;                      /* SSL, owned; NULL on plain connections */
    struct rd_input *input;         /* requests that came and are not executed; NULL mostly */
    struct rd_output *output;       /* replies that the peer has not taken; NULL mostly */
    struct rd_transaction *transaction; /* NULL mostly: neither MULTI nor WATCH is in force */
    struct rd_tracker *tracker;     /* NULL mostly: no client-side caching; changed under the connections lock */
    struct rd_client_info *info;    /* NULL until a name is set; the pointer is guarded by the connections lock */
    struct rd_kept_address peer;    /* from the accept, or whom a proxy speaks for: a peer that has gone has no other. Guarded like info */
    struct rd_conn *next, *previous; /* in the loop's list; guarded by the connections lock */
    uint64_t id;                    /* immutable */
    int fd;
    int lingering;                  /* bytes that the peer's system lacks still; closing waits for these alone */
    int64_t created_ms;             /* monotonic; immutable */
    _Atomic int64_t active_ms;      /* of the last read, or send of what waited; other threads read it */
    _Atomic uint32_t commands;      /* executed, modulo 2^32; other threads read it */
    _Atomic uint32_t queued_bytes;  /* of the transaction's commands; other threads read it */
    _Atomic(const struct rd_command *) last_command; /* other threads read it */
    rd_counter bytes_in, bytes_out; /* other threads read them */
    struct rd_held *_Atomic held;   /* what it is counted with, owned; see clients.h. Others read it under the connections lock */
    uint32_t prefix_bytes;          /* that its tracker's prefixes take, UINT32_MAX at most */
    uint16_t auth_hold;             /* number of its hold, see auth_guard.h; 0 = none */
    uint8_t group_index;            /* of its member in the group being served, while it is in it */
    uint8_t drain_reads;            /* reads since the drain began, RD_DRAIN_READS at most */
    /* CLIENT LIST shows them, so other threads read them. */
    _Atomic int32_t queued_commands; /* since MULTI; -1 without */
    _Atomic uint32_t watches;       /* keys of WATCH */
    _Atomic uint8_t protocol;       /* 2 or 3 */
    _Atomic uint8_t database;       /* of SELECT */
    _Atomic bool monitor;           /* has a feed of commands */
    _Atomic bool tracking, broadcasts; /* CLIENT TRACKING, with BCAST */
    _Atomic bool no_evict, no_touch; /* CLIENT NO-EVICT, NO-TOUCH */
    _Atomic bool paused;            /* nothing is read: auth_hold or answer_due says why, or a whole request waits for CLIENT PAUSE */
    _Atomic bool waits_for_write;   /* the event waits for room to write, and nothing is read */
    _Atomic bool kill;              /* another thread wants it closed */
    bool unix_socket;               /* immutable */
    bool aimed_at;                  /* somebody has redirected to it; guarded by the connections lock */
    bool left;                      /* nobody finds it any more; guarded by the connections lock, set by its worker */
    /* Its worker's alone, so that they may share bytes. */
    bool authenticated : 1;         /* or came when there was no password; see rd_conn_is_stranger */
    bool may_all : 1;               /* so, as default, and there is no cluster: each command is run unasked. See connection/login.h */
    bool queued : 1;                /* in the loop's ready list */
    bool closing : 1;               /* no more is read; closed once its replies are sent */
    bool ended : 1;                 /* the peer sends no more, and all that it sent was read */
    bool dead : 1;                  /* broken: closed at the end of the group without sending */
    bool tls_wants_write : 1;
    bool tls_broken : 1;
    bool tls_has_more : 1;          /* the last read left something that the socket will not wake us for */
    bool tls_handshaking : 1;       /* counted among the server's handshakes */
    bool tls_greeted : 1;           /* the first byte was looked at */
    bool tls_is_plain : 1;          /* and it was none of TLS */
    bool awaits_proxy : 1;          /* a PROXY header has to come before anything else */
    bool proxy_came : 1;            /* one did where TLS should have */
    bool answer_due : 1;            /* at the end of its hold it is told that its password was wrong; without one: rd_conn_awaits_save */
    bool awaits_call : 1;           /* suspended: its own call goes on for long (execute/long_call.h) */
    uint8_t reply_mode : 3;         /* of enum rd_reply_mode; 0: all replies are sent */
    bool asking : 1;                /* ASKING has come, for the next command or transaction */
    bool asked : 1;                 /* and the present one is that: keys of other nodes are served to it (connection/cluster.h) */
};

/* The next size that jemalloc has is 384. */
_Static_assert(sizeof(struct rd_conn) <= 320, "an idle connection must take 400 bytes at most, libevent's part included");

/* RD_CONN_BYTES, and what lies behind the struct for as long. */
static inline uint64_t rd_conn_bytes(const struct rd_conn *conn) {
    return RD_CONN_BYTES + rd_kept_address_bytes(conn->peer);
}

/* Suspended until the snapshot that it has begun is written, and then told how that went? A bit more would be a larger struct. */
static inline bool rd_conn_awaits_save(const struct rd_conn *conn) {
    return conn->answer_due && !conn->auth_hold;
}

/* Does CLIENT REPLY want nothing to be sent of what is written now? */
static inline bool rd_conn_is_silent(const struct rd_conn *conn) {
    return (conn->reply_mode & (RD_REPLIES_OFF | RD_REPLIES_SKIP_THIS)) != 0;
}

/* A command is over, whose reply CLIENT REPLY may have been about. */
static inline void rd_conn_next_reply(struct rd_conn *conn) {
    conn->reply_mode &= (uint8_t)~RD_REPLIES_SKIP_THIS;
    if (conn->reply_mode & RD_REPLIES_SKIP_NEXT) conn->reply_mode ^= RD_REPLIES_SKIP_NEXT | RD_REPLIES_SKIP_THIS;
}

/* Has it requests that came, and are executed before anything is read? */
static inline bool rd_conn_is_held(const struct rd_conn *conn) {
    return conn->input && rd_input_is_held(conn->input);
}

/* It can't go on: closed at the end of the group, with nothing more sent. */
static inline void rd_conn_break(struct rd_conn *conn) {
    conn->closing = conn->dead = true;
}

/* Waits for its socket to have bytes, as it does from its beginning. False when memory is out. */
RD_MUST_USE bool rd_conn_wait_for_read(struct rd_conn *conn);

/* Another thread asked, or a limit says: closed at the end of the group, its replies sent or (dead) not. */
void rd_conn_finish(struct rd_conn *conn, bool dead);

/*
 * Sends a stretch of a reply, the batch's or (only between batches) one that answers no request, but no more than `most`
 * bytes of it; what is beyond, and what the peer does not take, waits with the connection. How many were sent.
 */
size_t rd_conn_send(struct rd_conn *conn, const struct rd_reply *reply, struct rd_reply_walk walk, size_t most);

/* How long its replies may become before any is sent; 0 = any length. References count, not what they refer to. */
uint64_t rd_conn_reply_limit(const struct rd_conn *conn);

/* Nothing is read until the socket takes bytes again; then what waits is sent, and reading goes on. */
void rd_conn_wait_for_write(struct rd_conn *conn);

/* The peer has sent or taken something: it is not idle. */
void rd_conn_note_activity(struct rd_conn *conn);

/* It has to give the password first. As in Redis nobody has to while there is none. */
bool rd_conn_is_stranger(const struct rd_conn *conn);

/*
 * Nothing is read until rd_conn_resume: a pause of clients, or the guard of passwords, holds its next request back. Who
 * hangs up meanwhile is closed, as by Redis, which in a pause does not wait for whom nobody waits.
 */
void rd_conn_suspend(struct rd_conn *conn);
RD_MUST_USE bool rd_conn_resume(struct rd_conn *conn);
/* Has a suspended one to wait still? */
bool rd_conn_is_held_back(const struct rd_conn *conn);

/* How AUTH and HELLO answer a wrong password. */
#define RD_WRONG_PASSWORD "WRONGPASS invalid username-password pair or user is disabled."

/* Its peer does not take its replies: tells so, and breaks the connection. */
void rd_conn_close_for_output(struct rd_conn *conn);

/*
 * The peer's address, by way of a proxy that of whom it speaks for; of a Unix socket the path that was connected to.
 * AF_UNSPEC when it is not known.
 */
void rd_conn_address(const struct rd_conn *conn, struct sockaddr_storage *address);
/* The peer's address, "ip:port", "[ip]:port" or, as in Redis, "/path:0"; text has room for RD_ADDRESS_SIZE. */
void rd_conn_peer(const struct rd_conn *conn, char *text, size_t size);
void rd_conn_local(const struct rd_conn *conn, char *text, size_t size);

/*
 * Something has befallen it: counts that, and tells the control plane with its peer's address. `counter` and `detail`
 * may be NULL.
 */
void rd_conn_tell(const struct rd_conn *conn, enum rd_event_kind kind, rd_counter *counter, const char *detail);

#endif
