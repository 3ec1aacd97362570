/* This file owns idle connections. */
#include "idle.h"

#include "fail.h"
#include "protocol.h"
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void bench_idle(const struct bench_options *options) {
    struct bench_operation ping;
    bench_protocol_of(options)->ping(&ping, options);
    struct bench_socket *sockets = bench_allocate(options->idle, sizeof *sockets);
    bench_socket_allow_all();

    for (uint32_t i = 0; i < options->idle; i++) {
        char reply[sizeof ping.start];
        sockets[i] = bench_session_open(options);
        bench_socket_send_all(sockets[i], ping.bytes, ping.size);
        bench_socket_receive_all(sockets[i], reply, ping.reply_size);
        if (memcmp(reply, ping.start, ping.reply_size) != 0) {
            bench_fail("connection %u: PING was not answered with PONG", i);
        }
    }
    printf("{\"idle_connections\": %u}\n", options->idle);
    fflush(stdout);

    char held;
    while (read(STDIN_FILENO, &held, 1) > 0) continue;
    for (uint32_t i = 0; i < options->idle; i++) bench_socket_close(sockets[i]);
    free(sockets);
    bench_operation_free(&ping);
}
