/*
 * This file owns the first bytes of a connection where they are no request: TLS or a PROXY header on a port that
 * expects neither, and the end of who was to send them.
 */
#ifndef RD_GREETING_H
#define RD_GREETING_H

#include <stdbool.h>
#include <stddef.h>

struct rd_conn;

/* Of bytes that do not begin as a request mostly does. True: they are not to be scanned; refused, or kept for more. */
bool rd_greeting_takes(struct rd_conn *conn, const char *bytes, size_t length);

/* The socket has ended: was it before the connection's TLS stood? Counts and tells so. */
void rd_greeting_end(struct rd_conn *conn);

#endif
