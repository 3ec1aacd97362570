/* This file owns the HTTP thread. */
#include "http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bind.h"
#include "server.h"

/* Health checks and scrapes are small; what is larger is no friend. */
#define MOST_HEADER_BYTES 8192
#define MOST_BODY_BYTES 1024
#define TIMEOUT_S 10

struct rd_http {
    struct rd_server *server;
    struct event_base *base;
    struct evhttp *http;
    struct event *stop_event;
    int stop_fd;
    uint16_t port;
    pthread_t thread;
    bool started;
};

struct rd_http_answer {
    struct evhttp_request *request;
    int status;
};

void rd_http_answer_header(struct rd_http_answer *answer, const char *name, const char *value) {
    evhttp_add_header(evhttp_request_get_output_headers(answer->request), name, value);
}

void rd_http_answer_set(struct rd_http_answer *answer, int status, const char *content_type, const char *body,
                        size_t body_length) {
    answer->status = status;
    rd_http_answer_header(answer, "Content-Type", content_type);
    rd_http_answer_header(answer, "Cache-Control", "no-store");
    if (evhttp_request_get_command(answer->request) == EVHTTP_REQ_HEAD) {
        char length[24];
        snprintf(length, sizeof length, "%zu", body_length);
        rd_http_answer_header(answer, "Content-Length", length);
        return;
    }
    evbuffer_add(evhttp_request_get_output_buffer(answer->request), body, body_length);
}

static const char *method_name(enum evhttp_cmd_type command) {
    switch (command) {
    case EVHTTP_REQ_GET: return "GET";
    case EVHTTP_REQ_HEAD: return "HEAD";
    case EVHTTP_REQ_POST: return "POST";
    case EVHTTP_REQ_PUT: return "PUT";
    case EVHTTP_REQ_DELETE: return "DELETE";
    case EVHTTP_REQ_OPTIONS: return "OPTIONS";
    case EVHTTP_REQ_PATCH: return "PATCH";
    case EVHTTP_REQ_TRACE: return "TRACE";
    case EVHTTP_REQ_CONNECT: return "CONNECT";
    }
    return "?";
}

static void on_request(struct evhttp_request *request, void *argument) {
    struct rd_http *http = argument;
    const struct rd_callbacks *callbacks = &http->server->callbacks;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *raw_path = uri ? evhttp_uri_get_path(uri) : NULL;
    char *path = raw_path ? evhttp_uridecode(raw_path, 0, NULL) : NULL;
    struct rd_http_answer answer = {request, 404};
    if (path && callbacks->http) {
        struct rd_http_request asked = {
            .method = method_name(evhttp_request_get_command(request)),
            .path = path,
            .authorization = evhttp_find_header(evhttp_request_get_input_headers(request), "Authorization"),
        };
        callbacks->http(callbacks->context, &asked, &answer);
    }
    free(path);
    evhttp_send_reply(request, answer.status, NULL, NULL);
}

static void on_stop(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    (void)what;
    event_base_loopbreak(argument);
}

static void *run(void *argument) {
    struct rd_http *http = argument;
    void *crash_stack = rd_crash_enter(http->server->crash);
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

/* Takes over the socket. evhttp_accept_socket would, failing, leave open whether it was closed. */
static bool accept_on(struct rd_http *http, int fd) {
    unsigned flags = LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE;
    struct evconnlistener *listener = evconnlistener_new(http->base, NULL, NULL, flags, 0, fd); /* it listens already */
    if (!listener) {
        close(fd);
        return false;
    }
    if (evhttp_bind_listener(http->http, listener)) return true;
    evconnlistener_free(listener);
    return false;
}

enum rd_status rd_http_open(struct rd_server *server, struct rd_http **out, struct rd_error *error) {
    struct rd_http *http = calloc(1, sizeof *http);
    if (!http) return out_of_memory(NULL, error);
    http->server = server;
    http->base = event_base_new();
    http->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    http->http = http->base ? evhttp_new(http->base) : NULL;
    if (!http->http || http->stop_fd < 0) return out_of_memory(http, error);
    http->stop_event = event_new(http->base, http->stop_fd, EV_READ, on_stop, http->base);
    if (!http->stop_event || event_add(http->stop_event, NULL) != 0) return out_of_memory(http, error);
    evhttp_set_max_headers_size(http->http, MOST_HEADER_BYTES);
    evhttp_set_max_body_size(http->http, MOST_BODY_BYTES);
    evhttp_set_timeout(http->http, TIMEOUT_S);
    /* All methods reach the handler, which knows which of them a path allows. */
    evhttp_set_allowed_methods(http->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                               EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
    evhttp_set_gencb(http->http, on_request, http);
    struct rd_endpoint endpoint = {.address = server->http_address, .port = server->http_port};
    int fd = rd_bind(&endpoint, 64, &http->port, error);
    if (fd < 0) {
        rd_http_free(http);
        return error->status;
    }
    if (!accept_on(http, fd)) return out_of_memory(http, error);
    *out = http;
    return RD_OK;
}

enum rd_status rd_http_start(struct rd_http *http) {
    if (pthread_create(&http->thread, NULL, run, http) != 0) return RD_ERR_THREAD;
    http->started = true;
    return RD_OK;
}

void rd_http_free(struct rd_http *http) {
    if (!http) return;
    if (http->started) {
        uint64_t one = 1;
        while (write(http->stop_fd, &one, sizeof one) < 0 && errno == EINTR) {
        }
        pthread_join(http->thread, NULL);
    }
    if (http->http) evhttp_free(http->http);
    if (http->stop_event) event_free(http->stop_event);
    if (http->base) event_base_free(http->base);
    if (http->stop_fd >= 0) close(http->stop_fd);
    free(http);
}

uint16_t rd_http_bound_port(const struct rd_http *http) {
    return http->port;
}
