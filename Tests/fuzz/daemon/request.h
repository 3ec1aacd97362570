/* This file owns a request under construction: its arguments one behind the other. */
#ifndef FUZZ_REQUEST_H
#define FUZZ_REQUEST_H

#include "bytes.h"
#include "redistill_hot.h"

#define REQUEST_ARGUMENTS 4096

struct request {
    struct bytes bytes;
    size_t end[REQUEST_ARGUMENTS]; /* of each argument in bytes */
    uint32_t count;
};

static inline void request_clear(struct request *request) {
    request->bytes.length = 0;
    request->count = 0;
}

static inline struct rd_slice request_argument(const struct request *request, uint32_t i) {
    size_t start = i ? request->end[i - 1] : 0;
    return (struct rd_slice){request->bytes.at + start, request->end[i] - start};
}

/* What was added to the bytes since the last argument is one. */
static inline void request_close(struct request *request) {
    bytes_room(&request->bytes, 1);
    if (request->count < REQUEST_ARGUMENTS) request->end[request->count++] = request->bytes.length;
    else request->bytes.length = request->end[request->count - 1];
}

static inline void request_add(struct request *request, const void *bytes, size_t length) {
    bytes_add(&request->bytes, bytes, length);
    request_close(request);
}

static inline void request_text(struct request *request, const char *text) {
    request_add(request, text, strlen(text));
}

static inline void request_number(struct request *request, long long number) {
    bytes_number(&request->bytes, number);
    request_close(request);
}

#endif
