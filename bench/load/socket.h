/* This file owns sockets to the server: loopback only, as everything in bench is. */
#ifndef BENCH_SOCKET_H
#define BENCH_SOCKET_H

#include <stddef.h>
#include <stdint.h>

/* Connected, blocking, without Nagle's delay; owned by the caller. No server there ends the process. */
int bench_socket_connect(uint16_t port);
void bench_socket_set_nonblocking(int fd);

/* All bytes, or the process ends. For blocking sockets. */
void bench_socket_send_all(int fd, const char *bytes, size_t size);
void bench_socket_receive_all(int fd, char *bytes, size_t size);

/* Raises the soft limit of descriptors to the hard one. */
void bench_socket_allow_all(void);

/* Bytes from a server as one printable line: for messages about a wrong reply. `out` has room for 4 * size + 1. */
void bench_socket_printable(const char *bytes, size_t size, char *out);

#endif
