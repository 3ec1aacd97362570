/*
 * This file owns the difference between TCP (or a Unix socket) and TLS: one table of functions for each, with the
 * contracts of read(2) and writev(2) on a non-blocking socket. Called on the connection's worker only.
 */
#ifndef RD_TRANSPORT_H
#define RD_TRANSPORT_H

#include <sys/types.h>
#include <sys/uio.h>

#include "redistill_hot.h"

struct rd_conn;

/* What read and write return instead of a count of bytes, which is always positive. */
enum rd_io {
    RD_IO_CLOSED = 0,  /* read: the peer will send no more */
    RD_IO_AGAIN = -1,  /* nothing now; wait for the socket */
    RD_IO_FAILED = -2, /* the connection is broken */
};

struct rd_transport {
    const char *name;
    /* Up to `room` bytes into `bytes`: how many, or an rd_io. */
    ssize_t (*read)(struct rd_conn *conn, char *bytes, size_t room);
    /* Sends from the vectors' front: how many bytes, or an rd_io (never CLOSED). */
    ssize_t (*write)(struct rd_conn *conn, const struct iovec *vectors, int count);
    /* True when bytes are buffered inside, for which the socket will not wake us. */
    bool (*has_pending)(const struct rd_conn *conn);
    /* Says goodbye, where the protocol has one, and frees the transport's own state; the socket stays. */
    void (*close)(struct rd_conn *conn);
};

extern const struct rd_transport rd_transport_tcp;
extern const struct rd_transport rd_transport_tls;

/* Puts TLS on an accepted connection, as the server's side. ssl_ctx is borrowed for the call. */
RD_MUST_USE enum rd_status rd_transport_tls_accept(struct rd_conn *conn, void *ssl_ctx);
/* Why the call on this thread that just failed did, in OpenSSL's words. */
void rd_transport_tls_reason(char *text, size_t size);

#endif
