/* This file owns the beginning of a connection. */
#include "session.h"

#include "fail.h"

#include <stdio.h>
#include <string.h>

static const char accepted[] = "+OK\r\n";

static void give_password(struct bench_socket socket, const char *password) {
    char request[64 + BENCH_PASSWORD_MAX], reply[128], shown[4 * sizeof reply + 1];
    int size = snprintf(request, sizeof request, "*2\r\n$4\r\nAUTH\r\n$%zu\r\n%s\r\n", strlen(password), password);
    bench_socket_send_all(socket, request, (size_t)size);
    size_t got = bench_socket_receive_line(socket, reply, sizeof reply);
    if (got == sizeof accepted - 1 && memcmp(reply, accepted, got) == 0) return;
    bench_socket_printable(reply, got, shown);
    bench_fail("--password: AUTH was answered with %s", shown);
}

struct bench_socket bench_session_open(const struct bench_options *options) {
    struct bench_socket socket = bench_socket_connect(options->port, options->tls);
    if (options->password) give_password(socket, options->password);
    return socket;
}
