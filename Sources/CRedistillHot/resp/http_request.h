/*
 * This file owns reading the head of an HTTP/1 request: bytes in, what is asked for out. It writes terminators into
 * the bytes and decodes the path in place; nothing is allocated.
 * Sources: RFC 9112 (message syntax), RFC 3986 (percent-encoding)
 */
#ifndef RD_HTTP_REQUEST_H
#define RD_HTTP_REQUEST_H

#include "redistill_hot.h"

/* What rd_http_request_read returns; any other number is the status of the refusal. */
#define RD_HTTP_MORE 0
#define RD_HTTP_WHOLE 1

/*
 * `length` bytes of `room` are there, the last of which stays free for a terminator. WHOLE: *request points into them.
 * A body may follow, which nobody here wants.
 */
RD_MUST_USE int rd_http_request_read(char *bytes, size_t length, size_t room, struct rd_http_request *request);

#endif
