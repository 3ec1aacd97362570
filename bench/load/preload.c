/* This file owns the preload. */
#include "preload.h"

#include "clock.h"
#include "fail.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

/* About what fits a socket's buffer, so that sending never waits for long. */
#define BENCH_PRELOAD_BYTES ((size_t)64 * 1024)

static void check_replies(const struct bench_operation *fill, const char *replies, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const char *reply = replies + (size_t)i * fill->reply_size;
        if (memcmp(reply, fill->start, fill->reply_size) == 0) continue;
        char shown[4 * 48 + 1];
        size_t left = (size_t)(count - i) * fill->reply_size;
        bench_socket_printable(reply, left < 48 ? left : 48, shown);
        bench_fail("preload: a SET was answered with %s", shown);
    }
}

double bench_preload(const struct bench_options *options, const struct bench_requests *requests) {
    const struct bench_operation *fill = &requests->fill;
    size_t request_size = fill->size;
    uint32_t most = request_size < BENCH_PRELOAD_BYTES ? (uint32_t)(BENCH_PRELOAD_BYTES / request_size) : 1;
    char *out = bench_allocate(most, request_size);
    char *replies = bench_allocate(most, fill->reply_size);
    struct bench_socket socket = bench_session_open(options);

    int64_t start = bench_clock_now();
    for (uint32_t key = 0; key < options->keys;) {
        uint32_t count = options->keys - key < most ? options->keys - key : most;
        for (uint32_t i = 0; i < count; i++) {
            char *request = out + i * request_size;
            memcpy(request, fill->bytes, request_size);
            bench_key_write(request + fill->key_at[0], fill->key_size, options->first_key + key++);
        }
        bench_socket_send_all(socket, out, count * request_size);
        bench_socket_receive_all(socket, replies, (size_t)count * fill->reply_size);
        check_replies(fill, replies, count);
    }
    int64_t end = bench_clock_now();

    bench_socket_close(socket);
    free(out);
    free(replies);
    return (double)(end - start) / (double)BENCH_NS_PER_S;
}
