/*
 * This file owns the test's end of a connection: a socket that sends and receives at once, so that neither side can
 * hold the other up, with a deadline instead of a sleep.
 */
#ifndef PROBE_CLIENT_H
#define PROBE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Connects to 127.0.0.1; -1 when refused. receive_buffer in bytes, 0 = the system's. */
int probe_connect(uint16_t port, int receive_buffer);
void probe_close(int fd);
/* Closes so that the peer sees a reset. */
void probe_reset(int fd);
/* Says that nothing more will be sent. */
void probe_end_sending(int fd);

/* All of it, reading nothing; false when the peer closed, or took nothing for timeout_ms. */
bool probe_send(int fd, const char *bytes, size_t length, int timeout_ms);
/* What is there now without waiting for more than the first byte: how many, 0 at the end, -1 after timeout_ms. */
ssize_t probe_receive(int fd, char *bytes, size_t room, int timeout_ms);

/* The same, but nothing behind the next line end. */
ssize_t probe_receive_line(int fd, char *bytes, size_t room, int timeout_ms);

/*
 * Sends everything while receiving, in sends of at most `piece` bytes (0: any), until `wanted` bytes came, the peer
 * closed, or nothing moved for timeout_ms. Returns how many came; *closed says whether the peer ended the stream.
 */
size_t probe_exchange(int fd, const char *bytes, size_t length, size_t piece, char *received, size_t wanted,
                      int timeout_ms, bool *closed);

/* Bytes sent that the peer's system has not acknowledged, or holds unread. */
size_t probe_unsent(int fd);

#endif
