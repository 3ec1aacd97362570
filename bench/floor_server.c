/*
 * This file owns the floor server: what any RESP server must do, and nothing of a cache. One thread, one libevent
 * loop, the daemon's own scanner, one recv and one send per wake-up. GET answers one fixed value, MGET so many of
 * it, INCR one fixed number, PING PONG, EXEC what its transaction's commands answer, everything else OK. What a cache
 * spends above it is the cache's own work. With a certificate it speaks TLS, with the calls of OpenSSL that the
 * daemon makes.
 */
#include "resp/resp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* The daemon's default read_buffer_size: both must take the same number of requests per wake-up. */
#define FLOOR_READ_SIZE ((size_t)64 * 1024)
#define FLOOR_BACKLOG 511
/* As long as what bench-load's keys count on from. */
#define FLOOR_COUNTER ":1000000001\r\n"

struct floor_buffer {
    char *bytes;
    size_t length;
    size_t capacity;
};

struct floor_worker {
    struct event_base *base;
    struct event listener;
    struct event terminate;
    struct floor_buffer in;  /* of the connection being read; starts with what that connection had kept */
    struct floor_buffer out; /* replies to the requests of one read */
    struct floor_buffer hit; /* the answer to every GET */
    SSL_CTX *tls; /* NULL: plain */
    struct rd_args args;
    struct rd_scan_limits limits;
};

struct floor_conn {
    struct floor_worker *worker;
    SSL *tls; /* NULL: plain */
    struct event readable;
    struct event writable;
    struct floor_buffer kept;   /* the start of an unfinished request; owned, usually empty */
    struct floor_buffer unsent; /* replies that the socket did not take; owned, usually empty */
    struct floor_buffer queued; /* between MULTI and EXEC: what EXEC will answer for the commands so far; owned */
    uint32_t queued_commands;
    bool in_transaction;
};

static void die(const char *what) {
    fprintf(stderr, "floor-server: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *must_allocate(void *memory) {
    if (!memory) die("allocation");
    return memory;
}

static void buffer_reserve(struct floor_buffer *buffer, size_t more) {
    if (buffer->capacity - buffer->length >= more) return;
    size_t capacity = buffer->capacity * 2 > buffer->length + more ? buffer->capacity * 2 : buffer->length + more;
    buffer->bytes = must_allocate(realloc(buffer->bytes, capacity));
    buffer->capacity = capacity;
}

static void buffer_append(struct floor_buffer *buffer, const char *bytes, size_t length) {
    buffer_reserve(buffer, length);
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

static void buffer_free(struct floor_buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct floor_buffer){0};
}

static void conn_close(struct floor_conn *conn) {
    int fd = event_get_fd(&conn->readable);
    event_del(&conn->readable);
    event_del(&conn->writable);
    SSL_free(conn->tls);
    close(fd);
    buffer_free(&conn->kept);
    buffer_free(&conn->unsent);
    buffer_free(&conn->queued);
    free(conn);
}

static bool is_command(const struct rd_args *args, uint32_t count, const char *name, size_t length) {
    return args->count == count && args->at[0].length == length && strncasecmp(args->at[0].bytes, name, length) == 0;
}

static void append_array_header(struct floor_buffer *out, uint32_t elements) {
    char header[16];
    buffer_append(out, header, (size_t)snprintf(header, sizeof header, "*%u\r\n", elements));
}

/* SET is what most others are, so nothing is looked for in vain before its answer. */
static void answer(const struct floor_worker *worker, struct floor_buffer *out) {
    const struct rd_args *args = &worker->args;
    if (is_command(args, 2, "GET", 3)) {
        buffer_append(out, worker->hit.bytes, worker->hit.length);
    } else if (args->at[0].length != 4) {
        buffer_append(out, "+OK\r\n", 5);
    } else if (is_command(args, 1, "PING", 4)) {
        buffer_append(out, "+PONG\r\n", 7);
    } else if (is_command(args, 2, "INCR", 4)) {
        buffer_append(out, FLOOR_COUNTER, sizeof FLOOR_COUNTER - 1);
    } else if (is_command(args, args->count, "MGET", 4)) {
        append_array_header(out, args->count - 1);
        for (uint32_t i = 1; i < args->count; i++) buffer_append(out, worker->hit.bytes, worker->hit.length);
    } else {
        buffer_append(out, "+OK\r\n", 5);
    }
}

/* One more command, or EXEC. */
static void go_on_with_transaction(struct floor_conn *conn, struct floor_buffer *out) {
    struct floor_worker *worker = conn->worker;
    if (is_command(&worker->args, 1, "EXEC", 4)) {
        append_array_header(out, conn->queued_commands);
        buffer_append(out, conn->queued.bytes, conn->queued.length);
        conn->queued.length = 0;
        conn->queued_commands = 0;
        conn->in_transaction = false;
    } else {
        answer(worker, &conn->queued);
        conn->queued_commands++;
        buffer_append(out, "+QUEUED\r\n", 9);
    }
}

static void execute(struct floor_conn *conn) {
    struct floor_worker *worker = conn->worker;
    if (conn->in_transaction) {
        go_on_with_transaction(conn, &worker->out);
    } else {
        conn->in_transaction = is_command(&worker->args, 1, "MULTI", 5);
        answer(worker, &worker->out);
    }
}

/* Answers every whole request in worker->in and sets *consumed. False: the connection must be closed. */
static bool serve(struct floor_conn *conn, size_t *consumed) {
    struct floor_worker *worker = conn->worker;
    struct rd_scan_state state = {0};
    size_t at = 0;
    for (;;) {
        /* Not the whole struct: its error text is nothing to clear for every request. */
        state.position = 0;
        state.announced = 0;
        state.arrived = 0;
        state.in_bulk = false;
        worker->args.count = 0;
        enum rd_scan scan = rd_resp_scan(&state, worker->in.bytes + at, worker->in.length - at, &worker->limits,
                                         &worker->args);
        if (scan == RD_SCAN_MORE) break;
        if (scan == RD_SCAN_BAD) {
            buffer_append(&worker->out, "-ERR ", 5);
            buffer_append(&worker->out, state.error, strlen(state.error));
            buffer_append(&worker->out, "\r\n", 2);
            return false;
        }
        if (scan == RD_SCAN_NO_MEMORY) return false;
        if (scan == RD_SCAN_COMMAND) execute(conn);
        at += state.position;
    }
    *consumed = at;
    return true;
}

static bool wants_more(SSL *tls, int returned) {
    int error = SSL_get_error(tls, returned);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* As send: with EAGAIN when the socket takes nothing. */
static ssize_t send_some(struct floor_conn *conn, const char *bytes, size_t length) {
    if (!conn->tls) return send(event_get_fd(&conn->readable), bytes, length, MSG_NOSIGNAL);
    size_t sent;
    int returned = SSL_write_ex(conn->tls, bytes, length, &sent);
    if (returned == 1) return (ssize_t)sent;
    errno = wants_more(conn->tls, returned) ? EAGAIN : EPROTO;
    return -1;
}

/* As recv. Over TLS all records that are here, since one read should see them together. */
static ssize_t receive_some(struct floor_conn *conn, char *bytes, size_t room) {
    if (!conn->tls) return recv(event_get_fd(&conn->readable), bytes, room, 0);
    size_t filled = 0;
    while (filled < room) {
        size_t part;
        int returned = SSL_read_ex(conn->tls, bytes + filled, room - filled, &part);
        if (returned == 1) {
            filled += part;
            continue;
        }
        if (filled) break;
        if (!wants_more(conn->tls, returned)) return 0;
        errno = EAGAIN;
        return -1;
    }
    return (ssize_t)filled;
}

/* Sends what it can and keeps the rest, during which the connection is not read from. False: the peer is gone. */
static bool flush(struct floor_conn *conn, const char *bytes, size_t length) {
    if (length == 0) return true;
    ssize_t sent = send_some(conn, bytes, length);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) return false;
        sent = 0;
    }
    if ((size_t)sent == length) return true;
    buffer_append(&conn->unsent, bytes + sent, length - (size_t)sent);
    event_del(&conn->readable);
    event_add(&conn->writable, NULL);
    return true;
}

static void on_writable(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    struct floor_conn *conn = context;
    ssize_t sent = send_some(conn, conn->unsent.bytes, conn->unsent.length);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) conn_close(conn);
        return;
    }
    conn->unsent.length -= (size_t)sent;
    memmove(conn->unsent.bytes, conn->unsent.bytes + sent, conn->unsent.length);
    if (conn->unsent.length > 0) return;
    buffer_free(&conn->unsent);
    event_del(&conn->writable);
    event_add(&conn->readable, NULL);
}

static void on_readable(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    struct floor_conn *conn = context;
    struct floor_worker *worker = conn->worker;

    worker->in.length = 0;
    if (conn->kept.length > 0) buffer_append(&worker->in, conn->kept.bytes, conn->kept.length);
    buffer_reserve(&worker->in, FLOOR_READ_SIZE);
    ssize_t got = receive_some(conn, worker->in.bytes + worker->in.length, FLOOR_READ_SIZE);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) conn_close(conn);
        return;
    }
    worker->in.length += (size_t)got;
    buffer_free(&conn->kept);

    worker->out.length = 0;
    size_t consumed = 0;
    bool good = serve(conn, &consumed);
    if (!flush(conn, worker->out.bytes, worker->out.length) || !good) {
        conn_close(conn);
        return;
    }
    if (consumed < worker->in.length) {
        buffer_append(&conn->kept, worker->in.bytes + consumed, worker->in.length - consumed);
    }
}

static SSL *start_tls(SSL_CTX *context, int fd) {
    SSL *tls = must_allocate(SSL_new(context));
    SSL_set_fd(tls, fd);
    SSL_set_accept_state(tls);
    SSL_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return tls;
}

static void on_acceptable(evutil_socket_t listener, short what, void *context) {
    (void)what;
    struct floor_worker *worker = context;
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct floor_conn *conn = must_allocate(calloc(1, sizeof *conn));
        conn->worker = worker;
        if (worker->tls) conn->tls = start_tls(worker->tls, fd);
        event_assign(&conn->readable, worker->base, fd, EV_READ | EV_PERSIST, on_readable, conn);
        event_assign(&conn->writable, worker->base, fd, EV_WRITE | EV_PERSIST, on_writable, conn);
        event_add(&conn->readable, NULL);
    }
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) die("accept");
}

static void on_terminate(evutil_socket_t signal, short what, void *context) {
    (void)signal;
    (void)what;
    struct floor_worker *worker = context;
    event_base_loopbreak(worker->base);
}

static int listen_on(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (listen(fd, FLOOR_BACKLOG) < 0) die("listen");
    return fd;
}

static void make_hit(struct floor_buffer *hit, size_t value_size) {
    char header[32];
    int length = snprintf(header, sizeof header, "$%zu\r\n", value_size);
    buffer_append(hit, header, (size_t)length);
    buffer_reserve(hit, value_size);
    memset(hit->bytes + hit->length, 'v', value_size);
    hit->length += value_size;
    buffer_append(hit, "\r\n", 2);
}

static SSL_CTX *make_tls(const char *certificate, const char *key) {
    SSL_CTX *context = must_allocate(SSL_CTX_new(TLS_server_method()));
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "floor-server: %s or %s can't be used\n", certificate, key);
        exit(1);
    }
    return context;
}

static struct event_base *make_base(void) {
    struct event_config *config = must_allocate(event_config_new());
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    struct event_base *base = must_allocate(event_base_new_with_config(config));
    event_config_free(config);
    return base;
}

static void allow_all_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) die("setrlimit");
}

int main(int argc, char **argv) {
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'}, {"value-size", required_argument, NULL, 'v'},
        {"certificate", required_argument, NULL, 'c'}, {"key", required_argument, NULL, 'k'}, {NULL, 0, NULL, 0}};
    const char *certificate = NULL, *key = NULL;
    long port = 0, value_size = 64;
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'p') port = strtol(optarg, NULL, 10);
        else if (option == 'v') value_size = strtol(optarg, NULL, 10);
        else if (option == 'c') certificate = optarg;
        else if (option == 'k') key = optarg;
        else return 2;
    }
    if (port < 1 || port > UINT16_MAX || value_size < 0 || optind != argc || !certificate != !key) {
        fprintf(stderr, "usage: floor-server --port PORT [--value-size BYTES] [--certificate FILE --key FILE]\n");
        return 2;
    }

    allow_all_descriptors();
    struct floor_worker worker = {.base = make_base(),
                                  .limits = {.max_bulk = 512 << 20, .max_args = 1 << 20, .authenticated = true}};
    if (certificate) worker.tls = make_tls(certificate, key);
    make_hit(&worker.hit, (size_t)value_size);
    int listener = listen_on((uint16_t)port);
    event_assign(&worker.listener, worker.base, listener, EV_READ | EV_PERSIST, on_acceptable, &worker);
    event_add(&worker.listener, NULL);
    evsignal_assign(&worker.terminate, worker.base, SIGTERM, on_terminate, &worker);
    evsignal_add(&worker.terminate, NULL);
    event_base_dispatch(worker.base);

    close(listener);
    event_base_free(worker.base);
    SSL_CTX_free(worker.tls);
    buffer_free(&worker.in);
    buffer_free(&worker.out);
    buffer_free(&worker.hit);
    rd_args_free(&worker.args);
    return 0;
}
