/*
 * This file owns TLS records on a connection: OpenSSL reads and writes the socket itself. The context, and with it
 * versions, ciphers and certificates, is made in Swift.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdio.h>
#include <sys/socket.h>

#include "connection/certificate.h"
#include "connection/conn.h"
#include "connection/transport.h"
#include "resp/proxy_header.h"

/* The first byte of every TLS connection. */
#define HANDSHAKE_RECORD 0x16

/* What OpenSSL asks for and frees in a call is the connection's: nobody else runs on this thread meanwhile. */
static uint64_t heap_before(const struct rd_conn *conn) {
    return rd_heap_thread_held(&conn->loop->heap);
}

static void note_heap(struct rd_conn *conn, uint64_t before) {
    rd_clients_note_tls(conn, (int64_t)(rd_heap_thread_held(&conn->loop->heap) - before));
}

enum rd_status rd_transport_tls_accept(struct rd_conn *conn, void *ssl_ctx) {
    uint64_t before = heap_before(conn);
    SSL *ssl = SSL_new(ssl_ctx);
    if (!ssl || SSL_set_fd(ssl, conn->fd) != 1) {
        SSL_free(ssl);
        ERR_clear_error();
        return RD_ERR_NO_MEMORY;
    }
    SSL_set_accept_state(ssl);
    /* A partial write may be retried from a copy of the bytes, which is where unsent replies go. Idle ones keep no buffers. */
    SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    conn->tls = ssl;
    conn->transport = &rd_transport_tls;
    note_heap(conn, before);
    return RD_OK;
}

/* Translates a failed call, and notes when reading waits for the socket to take something. */
static ssize_t result_of(struct rd_conn *conn, int returned) {
    switch (SSL_get_error(conn->tls, returned)) {
    case SSL_ERROR_WANT_READ: return RD_IO_AGAIN;
    case SSL_ERROR_WANT_WRITE: conn->tls_wants_write = true; return RD_IO_AGAIN;
    case SSL_ERROR_ZERO_RETURN: return RD_IO_CLOSED;
    case SSL_ERROR_SYSCALL:
        conn->tls_broken = true;
        return RD_IO_FAILED;
    default: conn->tls_broken = true; return RD_IO_FAILED;
    }
}

void rd_transport_tls_reason(char *text, size_t size) {
    unsigned long error = ERR_peek_error();
    const char *reason = error ? ERR_reason_error_string(error) : NULL;
    snprintf(text, size, "%s", reason ? reason : "the peer went away");
}

/*
 * Is what came first TLS at all? Until something came nothing may be read: what comes in between would be taken by
 * OpenSSL, and the record behind it, which is none of a handshake, for the first. Returns 1 where OpenSSL may read.
 */
static ssize_t greet(struct rd_conn *conn) {
    char first[16];
    ssize_t count = recv(conn->fd, first, sizeof first, MSG_PEEK);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return RD_IO_AGAIN;
    if (count < 1) return 1; /* OpenSSL says what it is */
    conn->tls_greeted = true;
    if (first[0] == HANDSHAKE_RECORD) return 1;
    if (rd_proxy_header_begins(first, (size_t)count) == RD_PROXY_HEADER) {
        conn->proxy_came = conn->tls_broken = true;
        return RD_IO_FAILED;
    }
    /* Plainly, since that is what the peer speaks. */
    static const char refusal[] = "-ERR This port speaks TLS\r\n";
    if (send(conn->fd, refusal, sizeof refusal - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) errno = 0;
    conn->tls_is_plain = conn->tls_broken = true;
    return RD_IO_FAILED;
}

static ssize_t read_records(struct rd_conn *conn, char *bytes, size_t room) {
    size_t filled = 0;
    ssize_t greeted = conn->tls_greeted ? 1 : greet(conn);
    if (greeted < 1) return greeted;
    conn->tls_wants_write = false;
    ERR_clear_error();
    /* A record holds at most 16 KB: take all that are here, so that one batch sees them together. */
    conn->tls_has_more = false;
    while (filled < room) {
        size_t part = 0;
        int returned = SSL_read_ex(conn->tls, bytes + filled, room - filled, &part);
        if (conn->tls_handshaking && SSL_is_init_finished(conn->tls)) {
            conn->tls_handshaking = false;
            atomic_fetch_sub(&conn->loop->shared->handshakes, 1);
            rd_certificate_log_in(conn);
        }
        if (returned == 1) {
            filled += part;
            continue;
        }
        if (filled) {
            /* What stopped us comes again with the next read: a goodbye, or an error. */
            int error = SSL_get_error(conn->tls, returned);
            if (error == SSL_ERROR_WANT_WRITE) conn->tls_wants_write = true;
            conn->tls_has_more = error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ;
            break;
        }
        return result_of(conn, returned);
    }
    /* Not SSL_has_pending, for which part of a record is something, too: its rest comes by the socket. */
    if (filled == room) conn->tls_has_more = SSL_has_pending(conn->tls);
    return (ssize_t)filled;
}

static ssize_t tls_read(struct rd_conn *conn, char *bytes, size_t room) {
    uint64_t before = heap_before(conn);
    ssize_t count = read_records(conn, bytes, room);
    note_heap(conn, before);
    return count;
}

static ssize_t write_records(struct rd_conn *conn, const struct iovec *vectors, int count) {
    size_t sent = 0;
    ERR_clear_error();
    for (int i = 0; i < count; i++) {
        if (vectors[i].iov_len == 0) continue;
        size_t part = 0;
        int returned = SSL_write_ex(conn->tls, vectors[i].iov_base, vectors[i].iov_len, &part);
        if (returned != 1) {
            if (sent) break;
            ssize_t result = result_of(conn, returned);
            return result == RD_IO_CLOSED ? RD_IO_FAILED : result;
        }
        sent += part;
        if (part < vectors[i].iov_len) break;
    }
    return (ssize_t)sent;
}

static ssize_t tls_write(struct rd_conn *conn, const struct iovec *vectors, int count) {
    uint64_t before = heap_before(conn);
    ssize_t sent = write_records(conn, vectors, count);
    note_heap(conn, before);
    return sent;
}

static bool tls_has_pending(const struct rd_conn *conn) {
    return conn->tls_has_more;
}

static void tls_close(struct rd_conn *conn) {
    /* The last one of a certificate that was replaced takes its context along, which was never the connection's. */
    SSL_CTX *context = SSL_get_SSL_CTX(conn->tls);
    bool is_kept = SSL_CTX_up_ref(context) == 1;
    uint64_t before = heap_before(conn);
    if (!conn->tls_broken && SSL_is_init_finished(conn->tls)) SSL_shutdown(conn->tls);
    SSL_free(conn->tls);
    ERR_clear_error();
    conn->tls = NULL;
    note_heap(conn, before);
    if (is_kept) SSL_CTX_free(context);
}

const struct rd_transport rd_transport_tls = {"tls", tls_read, tls_write, tls_has_pending, tls_close};
