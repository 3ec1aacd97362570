/*
 * This file owns the memory of all clients together: what each was counted with, the sums, the limits, and who has to
 * go when it is too much. A worker counts its own connections (rd_client_share) and makes the sums known in steps.
 *
 * Two kinds are told apart. What a connection costs by being there, its struct and its TLS state, is bounded by
 * max_connections; max_client_memory bounds what clients make the daemon hold beyond that: unfinished requests, unsent
 * replies, queued commands. Of those who have not said the password both kinds count, and they go first.
 */
#ifndef RD_CLIENTS_H
#define RD_CLIENTS_H

#include "base/counter.h"
#include "base/kept_address.h"
#include "redistill_hot.h"

struct rd_conn;
struct rd_loop;
struct rd_settings;
struct rd_shared;

/* Sizes are told apart by powers of two. Who holds less than the first is never worth closing. */
#define RD_CLIENT_CLASSES 48
#define RD_CLIENT_LEAST_CLASS 10 /* from 1 KiB */

/*
 * What one connection was counted with. It exists while that is anything, so that an idle connection goes without: made
 * by the connection's worker, which alone writes it unless marked, and given back by it once nothing is held any more.
 */
struct rd_held {
    uint64_t input, output, queue; /* bytes of the heap */
    uint64_t blobs;                /* bytes of the store: arguments that came and have not become values */
    _Atomic uint64_t tls;          /* bytes of the heap; other threads read it */
    _Atomic uint64_t own;          /* all but tls together; other threads read this and what follows */
    _Atomic uint64_t bytes;        /* what counts for max_client_memory */
    _Atomic uint64_t size;         /* that and the values that its unsent replies refer to: by this the largest go first */
    _Atomic uint8_t class;         /* 0: not among those who may be told to go */
    _Atomic bool stranger;         /* counted as one who has not said the password */
    /* What CLIENT LIST shows, UINT32_MAX at most. */
    _Atomic uint32_t kept_bytes, kept_room;         /* of the input */
    _Atomic uint32_t waiting_bytes, waiting_pieces; /* of the output */
    int64_t stranger_since_ms;     /* monotonic: when it had to give the password, while it has not */
    uint64_t condemned, condemned_own; /* when it was told to go; own: of a stranger. Guarded by the connections lock */
};

/* The sums of one worker, which alone writes them. */
struct rd_client_share {
    rd_counter input, output, queue, blobs;
    rd_counter base;               /* structs of connections, these beside them, and libevent's entries */
    rd_counter tls;                /* what OpenSSL holds, sessions in its cache included */
    rd_counter classes[2][RD_CLIENT_CLASSES]; /* sizes of those who may be told to go; [1]: of strangers */
    rd_counter evicted, strangers_closed;
    /* Not yet added to the sums of all; the worker's alone. */
    int64_t heap, held, strangers;
    bool due;                      /* a limit is passed, and who goes has not been decided */
};

/* The sums of all. Any thread. */
struct rd_clients {
    _Atomic int64_t held;          /* what max_client_memory bounds */
    _Atomic int64_t strangers;     /* of that, what the unauthenticated have sent */
    _Atomic int64_t condemned, condemned_strangers; /* of those told to go and not gone yet */
    _Atomic uint64_t feeds;        /* bytes of lines and messages that no thread has taken yet; observe/ counts them */
    _Atomic bool deciding;         /* one at a time */
};

/* A connection opens, and closes: its worker counts its struct in between, RD_ERR_NO_MEMORY or not. */
RD_MUST_USE enum rd_status rd_clients_enter(struct rd_conn *conn);
void rd_clients_leave(struct rd_conn *conn);
/* Its address is another one than before. */
void rd_clients_count_address(struct rd_conn *conn, struct rd_kept_address old);

/*
 * On the connection's worker, whenever what it holds has changed, or whether it may be told to go. Where there is no
 * memory even to count it, the connection is broken.
 */
void rd_clients_note(struct rd_conn *conn);
/* The same for what OpenSSL holds for it, by so many bytes more, or less. */
void rd_clients_note_tls(struct rd_conn *conn, int64_t change);

/* All that it makes the server hold, itself included. With the connections lock of its loop held, or on its worker. */
uint64_t rd_client_bytes(const struct rd_conn *conn);

/* On the connection's worker, now and then: the account of one that holds nothing any more is given back. */
void rd_clients_rest(struct rd_conn *conn);

/* Makes known what the worker has counted since; in each tick. */
void rd_clients_publish(struct rd_loop *loop);

/*
 * Tells the largest clients to go until what stays is within the limits. On a worker, between batches, no lock held;
 * for share->due.
 */
void rd_clients_relieve(struct rd_loop *loop);

/* True while those that are told to go still hold too much: who would hold more waits for the next turn. */
bool rd_clients_must_wait(const struct rd_conn *conn);

/* Bytes that all clients may hold together, 0 for any. */
uint64_t rd_clients_limit(const struct rd_settings *settings);

void rd_clients_add_to(const struct rd_client_share *share, struct rd_statistics *statistics);

#endif
