/* This file owns idle connections. */
#include "idle.h"

#include "fail.h"
#include "socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void bench_idle(const struct bench_options *options) {
    static const char ping[] = "*1\r\n$4\r\nPING\r\n", pong[] = "+PONG\r\n";
    struct bench_socket *sockets = bench_allocate(options->idle, sizeof *sockets);
    bench_socket_allow_all();

    for (uint32_t i = 0; i < options->idle; i++) {
        char reply[sizeof pong - 1];
        sockets[i] = bench_socket_connect(options->port, options->tls);
        bench_socket_send_all(sockets[i], ping, sizeof ping - 1);
        bench_socket_receive_all(sockets[i], reply, sizeof reply);
        if (memcmp(reply, pong, sizeof reply) != 0) bench_fail("connection %u: PING was not answered with PONG", i);
    }
    printf("{\"idle_connections\": %u}\n", options->idle);
    fflush(stdout);

    char held;
    while (read(STDIN_FILENO, &held, 1) > 0) continue;
    for (uint32_t i = 0; i < options->idle; i++) bench_socket_close(sockets[i]);
    free(sockets);
}
