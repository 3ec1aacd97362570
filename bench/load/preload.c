/* This file owns the preload. */
#include "preload.h"

#include "clock.h"
#include "fail.h"
#include "socket.h"

#include <stdlib.h>
#include <string.h>

/* About what fits a socket's buffer, so that sending never waits for long. */
#define BENCH_PRELOAD_BYTES ((size_t)64 * 1024)

static void check_replies(const char *replies, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const char *reply = replies + (size_t)i * BENCH_OK_REPLY_SIZE;
        if (memcmp(reply, BENCH_OK_REPLY, BENCH_OK_REPLY_SIZE) == 0) continue;
        char shown[4 * 48 + 1];
        size_t left = (size_t)(count - i) * BENCH_OK_REPLY_SIZE;
        bench_socket_printable(reply, left < 48 ? left : 48, shown);
        bench_fail("preload: a SET was answered with %s", shown);
    }
}

double bench_preload(const struct bench_options *options, const struct bench_requests *requests) {
    size_t request_size = requests->set.size;
    uint32_t most = request_size < BENCH_PRELOAD_BYTES ? (uint32_t)(BENCH_PRELOAD_BYTES / request_size) : 1;
    char *out = bench_allocate(most, request_size);
    char *replies = bench_allocate(most, BENCH_OK_REPLY_SIZE);
    struct bench_socket socket = bench_socket_connect(options->port, options->tls);

    int64_t start = bench_clock_now();
    for (uint32_t key = 0; key < options->keys;) {
        uint32_t count = options->keys - key < most ? options->keys - key : most;
        for (uint32_t i = 0; i < count; i++) {
            bench_request_write(requests, &requests->set, options->first_key + key++, out + i * request_size);
        }
        bench_socket_send_all(socket, out, count * request_size);
        bench_socket_receive_all(socket, replies, (size_t)count * BENCH_OK_REPLY_SIZE);
        check_replies(replies, count);
    }
    int64_t end = bench_clock_now();

    bench_socket_close(socket);
    free(out);
    free(replies);
    return (double)(end - start) / (double)BENCH_NS_PER_S;
}
