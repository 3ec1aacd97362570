/*
 * This file owns the request side of RESP: bytes in, argument spans out, nothing copied, no allocation but the
 * argument array. RESP2 and RESP3 requests are the same: a multibulk, or an inline line.
 * Sources: https://redis.io/docs/latest/develop/reference/protocol-spec/ and Redis 7's processMultibulkBuffer.
 */
#ifndef RD_RESP_H
#define RD_RESP_H

#include "redistill_hot.h"

enum rd_scan {
    RD_SCAN_COMMAND, /* one whole request: args holds it, `consumed` bytes belong to it */
    RD_SCAN_MORE,    /* not all bytes are here yet; call again with the same state and more of them */
    RD_SCAN_EMPTY,   /* *0, *-1 or an empty line: `consumed` bytes to skip, no reply */
    RD_SCAN_BAD,     /* protocol error: `error` says which; answer it and close */
    RD_SCAN_NO_MEMORY,
};

/* Argument spans, owned by whoever scans; grows as arguments arrive, never by what a client announces. */
struct rd_args {
    struct rd_slice *at;
    uint32_t count;
    uint32_t capacity;
};

struct rd_scan_limits {
    uint64_t max_bulk;      /* bytes of one argument */
    uint64_t max_args;      /* arguments of one request */
    bool authenticated;     /* chooses the error text only */
};

/* Where the scan of one request stands. All zero starts a new request. */
struct rd_scan_state {
    size_t position;        /* bytes of this request scanned so far; all of them when it is a command */
    int64_t announced;      /* arguments announced by the multibulk header; 0 = header not read yet */
    uint32_t arrived;       /* arguments complete so far */
    bool in_bulk;           /* the bulk's length is read, its bytes are not all here */
    uint64_t bulk_length;   /* valid when in_bulk; the bulk's bytes start at `position` */
    char error[64];         /* valid after RD_SCAN_BAD: "Protocol error: ..." */
};

/*
 * Scans one request from bytes[0..length). The spans appended to args point into bytes; a resumed scan needs the
 * bytes already scanned at the same address (or rd_args_rebase). Never reads past length. Escapes in the quoted
 * arguments of an inline line are decoded in place, the only thing that is written.
 */
RD_MUST_USE enum rd_scan rd_resp_scan(struct rd_scan_state *state, char *bytes, size_t length,
                                      const struct rd_scan_limits *limits, struct rd_args *args);

RD_MUST_USE enum rd_status rd_args_push(struct rd_args *args, const char *bytes, size_t length);
/*
 * The bytes moved from the address `from`, where memory may be gone, to `to`: moves the spans that lie within
 * [from, from + length].
 */
void rd_args_rebase(struct rd_args *args, uintptr_t from, size_t length, const char *to);
void rd_args_free(struct rd_args *args);

#endif
