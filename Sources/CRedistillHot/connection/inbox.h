/*
 * This file owns what other threads leave for a loop: sockets, which become connections there, and requests to look
 * after connections, to drain, to stop.
 */
#ifndef RD_INBOX_H
#define RD_INBOX_H

#include "base/kept_address.h"
#include "base/lock.h"
#include "redistill_hot.h"

struct rd_conn;
struct rd_loop;

/* A socket on its way from the listener to a loop; a connection to whoever asks already. */
struct rd_handover {
    int fd;
    bool tls, unix_socket, awaits_proxy;
    bool kill;          /* CLIENT KILL meant it */
    uint64_t id;
    struct rd_kept_address peer; /* owned; none of a Unix socket */
    int64_t created_ms; /* as rd_conn's */
};

/* What a loop may be asked for. */
enum rd_wish {
    RD_LOOK_AFTER = 1, /* at every connection: a pause has ended, or some are to go */
    RD_DRAIN = 2,      /* to close each connection as soon as nothing of it is under way */
    RD_STOP = 4,       /* to end at once */
    RD_TAKE_MAP = 8,   /* to serve by the current map of the cluster */
};

/* All but the lock is guarded by it. */
struct rd_inbox {
    struct rd_lock lock;
    struct rd_handover *handovers; /* those before `taken` are connections now; owned */
    uint32_t taken, count, capacity;
    uint8_t wishes;                /* of enum rd_wish */
};

/* Any thread: hands a socket and its address over (they end when memory is out), or asks for something. */
void rd_inbox_hand_over(struct rd_loop *loop, struct rd_handover handover);
void rd_inbox_ask(struct rd_loop *loop, enum rd_wish wish);

/* On the loop's thread, for all that follows. */

/* The handover that is next; false when there is none. */
bool rd_inbox_peek(struct rd_loop *loop, struct rd_handover *handover);
/*
 * It leaves the inbox and enters the list of connections in one step, so that nobody who looks misses it. conn NULL: it
 * is no more. True when it is to be closed at once.
 */
bool rd_inbox_settle(struct rd_loop *loop, struct rd_conn *conn);
/* What was asked for since the last time; RD_STOP stays. */
uint8_t rd_inbox_wishes(struct rd_loop *loop);

/* Closes the sockets that nobody has taken. No thread uses it any more. */
void rd_inbox_destroy(struct rd_inbox *inbox);

#endif
