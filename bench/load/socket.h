/* This file owns sockets to the server: loopback only, as everything in bench is. */
#ifndef BENCH_SOCKET_H
#define BENCH_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bench_socket {
    int fd;
    struct ssl_st *tls; /* NULL: plain */
};

/* Connected, blocking, without Nagle's delay, any handshake done. No server there ends the process. */
struct bench_socket bench_socket_connect(uint16_t port, bool tls);
void bench_socket_set_nonblocking(struct bench_socket socket);

/* Plain, and without waiting: sends say EAGAIN until the connection stands. fd -1, errno set: there can be none. */
struct bench_socket bench_socket_begin(uint16_t port);

/* Nothing where fd is -1. */
void bench_socket_close(struct bench_socket socket);

/* As send and recv, errno EAGAIN included. Over TLS a short read does not mean that nothing is left. */
ssize_t bench_socket_send(struct bench_socket socket, const char *bytes, size_t size);
ssize_t bench_socket_receive(struct bench_socket socket, char *bytes, size_t size);

/* All bytes, or the process ends. For blocking sockets. */
void bench_socket_send_all(struct bench_socket socket, const char *bytes, size_t size);
void bench_socket_receive_all(struct bench_socket socket, char *bytes, size_t size);

/* Until a line's end has come or `size` bytes have; returns how many. Or the process ends. For blocking sockets. */
size_t bench_socket_receive_line(struct bench_socket socket, char *bytes, size_t size);

/* Raises the soft limit of descriptors to the hard one. */
void bench_socket_allow_all(void);

/* Bytes from a server as one printable line: for messages about a wrong reply. `out` has room for 4 * size + 1. */
void bench_socket_printable(const char *bytes, size_t size, char *out);

#endif
