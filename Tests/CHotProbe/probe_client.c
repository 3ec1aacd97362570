/* This file owns the test's end of a connection. */
#include "probe_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int probe_connect(uint16_t port, int receive_buffer) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) return -1;
    if (receive_buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

void probe_close(int fd) {
    close(fd);
}

void probe_reset(int fd) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
}

void probe_end_sending(int fd) {
    shutdown(fd, SHUT_WR);
}

bool probe_send(int fd, const char *bytes, size_t length, int timeout_ms) {
    while (length) {
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        if (poll(&wait, 1, timeout_ms) != 1 || (wait.revents & (POLLERR | POLLHUP))) return false;
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        }
    }
    return true;
}

ssize_t probe_receive(int fd, char *bytes, size_t room, int timeout_ms) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    if (poll(&wait, 1, timeout_ms) != 1) return -1;
    ssize_t count = recv(fd, bytes, room, MSG_DONTWAIT);
    return count < 0 ? 0 : count; /* a reset is an end, too */
}

ssize_t probe_receive_line(int fd, char *bytes, size_t room, int timeout_ms) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    if (poll(&wait, 1, timeout_ms) != 1) return -1;
    ssize_t count = recv(fd, bytes, room, MSG_DONTWAIT | MSG_PEEK);
    const char *end = count > 0 ? memchr(bytes, '\n', (size_t)count) : NULL;
    if (end) count = end + 1 - bytes;
    return count > 0 ? recv(fd, bytes, (size_t)count, MSG_DONTWAIT) : 0;
}

size_t probe_exchange(int fd, const char *bytes, size_t length, size_t piece, char *received, size_t wanted,
                      int timeout_ms, bool *closed) {
    size_t sent = 0, came = 0;
    *closed = false;
    while (sent < length || came < wanted) {
        struct pollfd wait = {.fd = fd, .events = (short)(POLLIN | (sent < length ? POLLOUT : 0))};
        if (poll(&wait, 1, timeout_ms) != 1) break;
        if (wait.revents & (POLLIN | POLLHUP | POLLERR)) {
            char surplus[4096];
            char *room = came < wanted ? received + came : surplus;
            ssize_t count = recv(fd, room, came < wanted ? wanted - came : sizeof surplus, MSG_DONTWAIT);
            if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
                *closed = true;
                break;
            }
            if (count > 0) {
                came += (size_t)count;
                if (came > wanted) return came; /* more than asked for is the caller's failure to find */
            }
        }
        if (sent < length && (wait.revents & POLLOUT)) {
            size_t part = length - sent;
            if (piece && part > piece) part = piece;
            ssize_t count = send(fd, bytes + sent, part, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count > 0) sent += (size_t)count;
            else if (count < 0 && errno != EAGAIN && errno != EINTR) length = sent; /* what came before still counts */
        }
    }
    return came;
}

size_t probe_unsent(int fd) {
    int bytes = 0;
    return ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0;
}
