/* This file owns reading and writing plain sockets. */
#include <errno.h>
#include <sys/socket.h>

#include "connection/conn.h"
#include "connection/transport.h"

static ssize_t tcp_read(struct rd_conn *conn, char *bytes, size_t room) {
    for (;;) {
        ssize_t count = recv(conn->fd, bytes, room, 0);
        if (count >= 0) return count;
        if (errno == EINTR) continue;
        return errno == EAGAIN || errno == EWOULDBLOCK ? RD_IO_AGAIN : RD_IO_FAILED;
    }
}

static ssize_t tcp_write(struct rd_conn *conn, const struct iovec *vectors, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)vectors, .msg_iovlen = (size_t)count};
    for (;;) {
        /* send is the cheaper call, and one vector is what nearly every batch has. */
        ssize_t sent = count == 1 ? send(conn->fd, vectors->iov_base, vectors->iov_len, MSG_NOSIGNAL)
                                  : sendmsg(conn->fd, &message, MSG_NOSIGNAL);
        if (sent >= 0) return sent;
        if (errno == EINTR) continue;
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? RD_IO_AGAIN : RD_IO_FAILED;
    }
}

static bool tcp_has_pending(const struct rd_conn *conn) {
    (void)conn;
    return false;
}

static void tcp_close(struct rd_conn *conn) {
    (void)conn;
}

const struct rd_transport rd_transport_tcp = {"tcp", tcp_read, tcp_write, tcp_has_pending, tcp_close};
