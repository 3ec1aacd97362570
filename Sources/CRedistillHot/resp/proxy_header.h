/*
 * This file owns reading a PROXY protocol header, version 1 or 2: the line or block by which a proxy says for whom it
 * connects. Bytes in, an address out; nothing is kept or allocated.
 * Source: https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
 */
#ifndef RD_PROXY_HEADER_H
#define RD_PROXY_HEADER_H

#include <sys/socket.h>

#include "redistill_hot.h"

/* The longest that is taken: version 2 with all that proxies are known to add. One of version 1 has 107 bytes at most. */
#define RD_PROXY_MOST 2048

enum rd_proxy_result {
    RD_PROXY_MORE,   /* fine so far, and all of it is of the header */
    RD_PROXY_HEADER, /* whole */
    RD_PROXY_NONE,   /* this is no such header, or a malformed one */
};

struct rd_proxy_header {
    size_t length;   /* its bytes */
    bool has_peer;   /* false: the proxy speaks for itself (LOCAL, UNKNOWN, a Unix socket) */
    struct sockaddr_storage peer;
};

enum rd_proxy_result rd_proxy_header_read(const char *bytes, size_t length, struct rd_proxy_header *header);

/* Do these bytes, the first of a connection, begin such a header? MORE: what there is of them does. */
enum rd_proxy_result rd_proxy_header_begins(const char *bytes, size_t length);

#endif
