/* This file owns the HTTP thread: accepting, and the list of connections. */
#include "server/http.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address_table.h"
#include "base/bind.h"
#include "base/thread.h"
#include "base/wake.h"
#include "server/http_conn.h"
#include "server/server.h"

#define BACKLOG 64
/* Sockets accepted in one turn. */
#define ACCEPTS_PER_TURN 64
/* How long accepting pauses when descriptors run out. */
#define PAUSE_MS 100

struct rd_http {
    struct rd_server *server;
    struct event_base *base;
    struct event *accept_event, *resume_event, *stop_event;
    int fd, stop_fd;
    uint16_t port;
    pthread_t thread;
    bool started;
    struct rd_http_conn *oldest, *newest;
    int64_t count;
    struct rd_counters counters;
};

struct event_base *rd_http_base(struct rd_http *http) {
    return http->base;
}

struct rd_counters *rd_http_counters(struct rd_http *http) {
    return &http->counters;
}

void rd_http_link(struct rd_http_conn *conn) {
    struct rd_http *http = conn->http;
    conn->previous = http->newest;
    if (conn->previous) conn->previous->next = conn;
    else http->oldest = conn;
    http->newest = conn;
    http->count++;
    rd_counter_add(&http->counters.http_bytes, sizeof *conn);
}

void rd_http_unlink(struct rd_http_conn *conn) {
    struct rd_http *http = conn->http;
    if (conn->next) conn->next->previous = conn->previous;
    else http->newest = conn->previous;
    if (conn->previous) conn->previous->next = conn->next;
    else http->oldest = conn->next;
    http->count--;
    rd_counter_add(&http->counters.http_bytes, -(uint64_t)sizeof *conn);
}

void rd_http_ask(struct rd_http *http, const struct rd_http_request *request, struct rd_http_answer *answer) {
    const struct rd_callbacks *callbacks = &http->server->callbacks;
    if (callbacks->http) callbacks->http(callbacks->context, request, answer);
    else rd_http_answer_set(answer, 404, "text/plain", "", 0);
}

void rd_http_note_timeout(struct rd_http *http) {
    rd_counter_add(&http->counters.http_timeouts, 1);
}

static void tell_rejection(struct rd_http *http, const struct sockaddr_storage *peer) {
    char address[RD_ADDRESS_SIZE];
    rd_address_format(peer, address, sizeof address);
    rd_counter_add(&http->counters.http_rejected, 1);
    rd_events_tell(&http->server->shared.events, RD_EVENT_CONNECTION_REJECTED, address, "health_max_connections reached");
}

static void pause_accepting(struct rd_http *http, int cause) {
    struct timeval delay = {.tv_usec = PAUSE_MS * 1000};
    /* Who could not be woken again does not sleep, but goes on trying. */
    if (event_add(http->resume_event, &delay) == 0) event_del(http->accept_event);
    rd_counter_add(&http->counters.rejected_descriptors, 1);
    rd_events_tell(&http->server->shared.events, RD_EVENT_ACCEPT_PAUSED, NULL, strerror(cause));
}

static void on_resume(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    (void)what;
    struct rd_http *http = argument;
    struct timeval delay = {.tv_usec = PAUSE_MS * 1000};
    if (event_add(http->accept_event, NULL) != 0) event_add(http->resume_event, &delay);
}

static void on_acceptable(evutil_socket_t listening, short what, void *argument) {
    (void)what;
    struct rd_http *http = argument;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t length = sizeof peer;
        int fd = accept4(listening, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause_accepting(http, errno);
            return;
        }
        /* A probe takes a moment: who has been here for longest among so many does not mean to ask. */
        while (http->count >= rd_setting(&http->server->shared.settings, RD_SET_HTTP_CONNECTIONS)) {
            tell_rejection(http, &peer);
            rd_http_conn_close(http->oldest);
        }
        rd_http_conn_open(http, fd);
    }
}

static void on_stop(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    (void)what;
    event_base_loopbreak(argument);
}

static void *run(void *argument) {
    struct rd_http *http = argument;
    void *crash_stack = rd_crash_enter(http->server->setup.crash);
    event_base_dispatch(http->base);
    rd_crash_leave(crash_stack);
    return NULL;
}

static enum rd_status out_of_memory(struct rd_http *http, struct rd_error *error) {
    rd_http_free(http);
    error->status = RD_ERR_NO_MEMORY;
    strcpy(error->message, "cannot create the HTTP endpoint: out of memory");
    return RD_ERR_NO_MEMORY;
}

static bool make_events(struct rd_http *http) {
    struct event_config *config = event_config_new();
    if (!config) return false;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    http->base = event_base_new_with_config(config);
    event_config_free(config);
    http->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!http->base || http->stop_fd < 0) return false;
    http->stop_event = event_new(http->base, http->stop_fd, EV_READ, on_stop, http->base);
    http->resume_event = event_new(http->base, -1, 0, on_resume, http);
    http->accept_event = event_new(http->base, http->fd, EV_READ | EV_PERSIST, on_acceptable, http);
    return http->stop_event && http->resume_event && http->accept_event && event_add(http->stop_event, NULL) == 0 &&
           event_add(http->accept_event, NULL) == 0;
}

enum rd_status rd_http_open(struct rd_server *server, struct rd_http **out, struct rd_error *error) {
    size_t size = (sizeof(struct rd_http) + _Alignof(struct rd_http) - 1) & ~(_Alignof(struct rd_http) - 1);
    struct rd_http *http = aligned_alloc(_Alignof(struct rd_http), size);
    if (!http) return out_of_memory(NULL, error);
    memset(http, 0, size);
    http->server = server;
    http->stop_fd = -1;
    struct rd_endpoint endpoint = {.address = server->http_address, .port = server->http_port};
    http->fd = rd_bind(&endpoint, BACKLOG, &http->port, error);
    if (http->fd < 0) {
        rd_http_free(http);
        return error->status;
    }
    if (!make_events(http)) return out_of_memory(http, error);
    *out = http;
    return RD_OK;
}

enum rd_status rd_http_start(struct rd_http *http) {
    if (rd_thread_start(&http->thread, "http", run, http) != RD_OK) return RD_ERR_THREAD;
    http->started = true;
    return RD_OK;
}

void rd_http_free(struct rd_http *http) {
    if (!http) return;
    if (http->started) {
        rd_wake(http->stop_fd);
        pthread_join(http->thread, NULL);
    }
    while (http->oldest) rd_http_conn_close(http->oldest);
    if (http->accept_event) event_free(http->accept_event);
    if (http->resume_event) event_free(http->resume_event);
    if (http->stop_event) event_free(http->stop_event);
    if (http->base) event_base_free(http->base);
    if (http->fd >= 0) close(http->fd);
    if (http->stop_fd >= 0) close(http->stop_fd);
    free(http);
}

uint16_t rd_http_bound_port(const struct rd_http *http) {
    return http->port;
}
