/* This file owns one connection of the HTTP port. */
#include "server/http_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "server/http.h"
#include "resp/http_request.h"

/* From the accept to the last byte of the answer taken: nobody may take longer, however it trickles. */
#define DEADLINE_S 10
/* Of a body, or whatever follows an answered request, before its sender is cut off. */
#define MOST_DISCARDED (1u << 20)

struct rd_http_answer {
    struct evbuffer *headers, *body;
    int status;
    bool failed; /* memory ran out */
};

void rd_http_answer_header(struct rd_http_answer *answer, const char *name, const char *value) {
    if (evbuffer_add_printf(answer->headers, "%s: %s\r\n", name, value) < 0) answer->failed = true;
}

void rd_http_answer_set(struct rd_http_answer *answer, int status, const char *content_type, const char *body,
                        size_t body_length) {
    answer->status = status;
    rd_http_answer_header(answer, "Content-Type", content_type);
    rd_http_answer_header(answer, "Cache-Control", "no-store");
    if (evbuffer_add(answer->body, body, body_length) != 0) answer->failed = true;
}

static const char *reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
    }
}

void rd_http_conn_close(struct rd_http_conn *conn) {
    rd_http_unlink(conn);
    if (event_initialized(&conn->event)) event_del(&conn->event);
    event_del(&conn->deadline);
    if (conn->output) evbuffer_free(conn->output);
    close(conn->fd);
    free(conn);
}

/* The answer stands in the connection's output. False when memory is out. */
static bool compose(struct rd_http_conn *conn, struct rd_http_answer *answer, bool with_body) {
    struct tm now;
    char date[64];
    time_t seconds = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &now));
    size_t length = evbuffer_get_length(answer->body);
    if (answer->failed || !(conn->output = evbuffer_new())) return false;
    bool fine = evbuffer_add_printf(conn->output, "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Length: %zu\r\nConnection: close\r\n",
                                    answer->status, reason(answer->status), date, length) >= 0 &&
                evbuffer_add_buffer(conn->output, answer->headers) == 0 && evbuffer_add(conn->output, "\r\n", 2) == 0;
    return fine && (!with_body || evbuffer_add_buffer(conn->output, answer->body) == 0);
}

/* request NULL: only the status is answered. */
static bool answer(struct rd_http_conn *conn, const struct rd_http_request *request, int status) {
    struct rd_http_answer answer = {evbuffer_new(), evbuffer_new(), status, false};
    bool fine = answer.headers && answer.body;
    if (fine && request) rd_http_ask(conn->http, request, &answer);
    fine = fine && compose(conn, &answer, !request || strcmp(request->method, "HEAD") != 0);
    if (answer.headers) evbuffer_free(answer.headers);
    if (answer.body) evbuffer_free(answer.body);
    return fine;
}

static void on_event(evutil_socket_t fd, short what, void *argument);

static bool wait_for(struct rd_http_conn *conn, short what) {
    if (event_initialized(&conn->event)) event_del(&conn->event);
    return event_assign(&conn->event, rd_http_base(conn->http), conn->fd, (short)(what | EV_PERSIST), on_event, conn) == 0 &&
           event_add(&conn->event, NULL) == 0;
}

/* False when the connection is to be closed. */
static bool send_answer(struct rd_http_conn *conn) {
    while (evbuffer_get_length(conn->output) > 0) {
        struct evbuffer_iovec part;
        if (evbuffer_peek(conn->output, -1, NULL, &part, 1) < 1) return false;
        ssize_t sent = send(conn->fd, part.iov_base, part.iov_len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS)) return wait_for(conn, EV_WRITE);
        if (sent <= 0) return false;
        evbuffer_drain(conn->output, (size_t)sent);
    }
    /* A close with bytes unread would be a reset, which may overtake the answer: the peer closes first, or is late. */
    return shutdown(conn->fd, SHUT_WR) == 0 && wait_for(conn, EV_READ);
}

static bool read_request(struct rd_http_conn *conn) {
    ssize_t count = recv(conn->fd, conn->head + conn->length, sizeof conn->head - 1 - conn->length, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (count <= 0) return false;
    conn->length += (size_t)count;
    struct rd_http_request request;
    int result = rd_http_request_read(conn->head, conn->length, sizeof conn->head, &request);
    if (result == RD_HTTP_MORE) return true;
    conn->answered = true;
    return answer(conn, result == RD_HTTP_WHOLE ? &request : NULL, result) && send_answer(conn);
}

static bool discard(struct rd_http_conn *conn) {
    ssize_t count = recv(conn->fd, conn->head, sizeof conn->head, 0);
    if (count > 0) conn->length += (size_t)count;
    return (count > 0 && conn->length < MOST_DISCARDED) || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

static void on_event(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    struct rd_http_conn *conn = argument;
    bool goes_on = what & EV_WRITE ? send_answer(conn) : conn->answered ? discard(conn) : read_request(conn);
    if (!goes_on) rd_http_conn_close(conn);
}

static void on_deadline(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    (void)what;
    struct rd_http_conn *conn = argument;
    rd_http_note_timeout(conn->http);
    rd_http_conn_close(conn);
}

void rd_http_conn_open(struct rd_http *http, int fd) {
    struct rd_http_conn *conn = calloc(1, sizeof *conn);
    if (!conn) {
        close(fd);
        return;
    }
    conn->http = http;
    conn->fd = fd;
    struct timeval deadline = {.tv_sec = DEADLINE_S};
    rd_http_link(conn);
    evtimer_assign(&conn->deadline, rd_http_base(http), on_deadline, conn);
    if (evtimer_add(&conn->deadline, &deadline) != 0 || !wait_for(conn, EV_READ)) rd_http_conn_close(conn);
}
