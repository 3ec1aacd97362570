/* This file owns sockets to the server. */
#include "socket.h"

#include "fail.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

/* A blocking read gives up after so long: a server that lost a request would hold the run for ever. */
#define BENCH_SILENCE_S 10

int bench_socket_connect(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) bench_fail("socket: %s", strerror(errno));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        bench_fail("connect to 127.0.0.1:%u: %s", port, strerror(errno));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = BENCH_SILENCE_S}, sizeof(struct timeval));
    return fd;
}

void bench_socket_set_nonblocking(int fd) {
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) bench_fail("fcntl: %s", strerror(errno));
}

void bench_socket_send_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0) bench_fail("send: %s", strerror(errno));
        bytes += sent;
        size -= (size_t)sent;
    }
}

void bench_socket_receive_all(int fd, char *bytes, size_t size) {
    while (size > 0) {
        ssize_t got = recv(fd, bytes, size, 0);
        if (got < 0) bench_fail("recv: %s", strerror(errno));
        if (got == 0) bench_fail("the server closed the connection");
        bytes += got;
        size -= (size_t)got;
    }
}

void bench_socket_allow_all(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) bench_fail("getrlimit: %s", strerror(errno));
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) bench_fail("setrlimit: %s", strerror(errno));
}

void bench_socket_printable(const char *bytes, size_t size, char *out) {
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        out += byte >= 32 && byte < 127 ? sprintf(out, "%c", byte) : sprintf(out, "\\x%02x", byte);
    }
    *out = 0;
}
