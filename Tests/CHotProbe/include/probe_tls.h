/* This file owns both what a test's server needs to speak TLS and the test's end of such a connection. */
#ifndef PROBE_TLS_H
#define PROBE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* An SSL_CTX with a certificate of its own, for rd_server_set_tls, which takes it over. */
void *probe_tls_context(void);

struct probe_tls;

/* Shakes hands over a connected socket, which stays the caller's; NULL when the server ended that, or was silent. */
struct probe_tls *probe_tls_open(int fd, int timeout_ms, bool *silent);
/*
 * The same with no other version than this: 0x0303 is TLS 1.2, 0x0304 is TLS 1.3; 0 = the newest. `first` is sent
 * before the handshake, as it is, and `pause_ns` nanoseconds are spent spinning in between.
 */
struct probe_tls *probe_tls_open_as(int fd, int version, const char *first, size_t length, int64_t pause_ns,
                                    int timeout_ms, bool *silent);
void probe_tls_close(struct probe_tls *tls);

/* Sends all of it; false when the server closed. */
bool probe_tls_send(struct probe_tls *tls, const char *bytes, size_t length);
/* The records that would carry it, to be sent by other means; how many bytes they are, `room` at most. NULL: close_notify. */
size_t probe_tls_seal(struct probe_tls *tls, const char *bytes, size_t length, char *records, size_t room);
/* Up to `wanted` bytes, fewer when the server closed, or (*silent) nothing came for the timeout. */
size_t probe_tls_receive(struct probe_tls *tls, char *bytes, size_t wanted, bool *silent);

#endif
