/* This file owns sockets to the server. */
#include "socket.h"

#include "fail.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* A blocking read gives up after so long: a server that lost a request would hold the run for ever. */
#define BENCH_SILENCE_S 10

/* The certificate is not looked at: what is measured is the server. */
static SSL *shake_hands(int fd) {
    static SSL_CTX *context;
    if (!context) context = SSL_CTX_new(TLS_client_method());
    SSL *tls = context ? SSL_new(context) : NULL;
    if (!tls || SSL_set_fd(tls, fd) != 1 || SSL_connect(tls) != 1) {
        const char *reason = ERR_reason_error_string(ERR_peek_error());
        bench_fail("TLS handshake: %s", reason ? reason : "the server closed the connection");
    }
    SSL_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return tls;
}

static struct sockaddr_in address_of(uint16_t port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

struct bench_socket bench_socket_begin(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return (struct bench_socket){.fd = -1};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct sockaddr_in address = address_of(port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        int reason = errno;
        close(fd);
        errno = reason;
        return (struct bench_socket){.fd = -1};
    }
    return (struct bench_socket){.fd = fd};
}

struct bench_socket bench_socket_connect(uint16_t port, bool tls) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) bench_fail("socket: %s", strerror(errno));
    struct sockaddr_in address = address_of(port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        bench_fail("connect to 127.0.0.1:%u: %s", port, strerror(errno));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = BENCH_SILENCE_S}, sizeof(struct timeval));
    return (struct bench_socket){fd, tls ? shake_hands(fd) : NULL};
}

void bench_socket_close(struct bench_socket socket) {
    if (socket.tls) SSL_free(socket.tls);
    if (socket.fd >= 0) close(socket.fd);
}

/* What recv would return and set after a failed call. */
static ssize_t result_of(SSL *tls, int returned) {
    switch (SSL_get_error(tls, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_SYSCALL: return -1;
    default: errno = EPROTO; return -1;
    }
}

ssize_t bench_socket_send(struct bench_socket socket, const char *bytes, size_t size) {
    if (!socket.tls) return send(socket.fd, bytes, size, MSG_NOSIGNAL);
    size_t sent;
    int returned = SSL_write_ex(socket.tls, bytes, size, &sent);
    return returned == 1 ? (ssize_t)sent : result_of(socket.tls, returned);
}

ssize_t bench_socket_receive(struct bench_socket socket, char *bytes, size_t size) {
    if (!socket.tls) return recv(socket.fd, bytes, size, 0);
    size_t got;
    int returned = SSL_read_ex(socket.tls, bytes, size, &got);
    return returned == 1 ? (ssize_t)got : result_of(socket.tls, returned);
}

void bench_socket_set_nonblocking(struct bench_socket socket) {
    if (fcntl(socket.fd, F_SETFL, O_NONBLOCK) < 0) bench_fail("fcntl: %s", strerror(errno));
}

void bench_socket_send_all(struct bench_socket socket, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t sent = bench_socket_send(socket, bytes, size);
        if (sent < 0) bench_fail("send: %s", strerror(errno));
        bytes += sent;
        size -= (size_t)sent;
    }
}

void bench_socket_receive_all(struct bench_socket socket, char *bytes, size_t size) {
    while (size > 0) {
        ssize_t got = bench_socket_receive(socket, bytes, size);
        if (got < 0) bench_fail("recv: %s", strerror(errno));
        if (got == 0) bench_fail("the server closed the connection");
        bytes += got;
        size -= (size_t)got;
    }
}

size_t bench_socket_receive_line(struct bench_socket socket, char *bytes, size_t size) {
    size_t have = 0;
    while (have < size && (have == 0 || bytes[have - 1] != '\n')) {
        ssize_t got = bench_socket_receive(socket, bytes + have, size - have);
        if (got < 0) bench_fail("recv: %s", strerror(errno));
        if (got == 0) bench_fail("the server closed the connection");
        have += (size_t)got;
    }
    return have;
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
