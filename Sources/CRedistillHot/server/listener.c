/* This file owns the listener's thread and admission. */
#include "server/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/address_table.h"
#include "base/bind.h"
#include "base/thread.h"
#include "base/wake.h"
#include "server/server.h"

/* Sockets accepted in one turn of one endpoint, so that several endpoints take turns. */
#define ACCEPTS_PER_TURN 256
/* How long accepting pauses when descriptors run out. */
#define PAUSE_MS 100

struct rd_listening {
    struct rd_listener *listener;
    const struct rd_endpoint *endpoint; /* borrowed from the server */
    int fd;
    uint16_t port;
    struct event *event;
};

struct rd_listener {
    struct rd_server *server;
    struct event_base *base;
    struct event *resume_event, *stop_event;
    int stop_fd;
    pthread_t thread;
    bool started;
    bool lent;                  /* the next process listens on the same sockets */
    struct rd_lock accept_lock; /* guards what follows, and the sockets of `listening` against being closed */
    bool paused;
    /* Token buckets of the two connection rates, in thousandths of a connection. */
    int64_t tokens, tokens_at_ms;
    struct rd_address_table *addresses; /* NULL until there is a limit for each */
    struct rd_counters counters;
    size_t count;
    struct rd_listening listening[];
};

static void reject(struct rd_listener *listener, int fd, bool tls, const struct sockaddr_storage *peer,
                   const char *message, const char *reason, rd_counter *counter) {
    char address[RD_ADDRESS_SIZE];
    rd_counter_add(counter, 1);
    /* One try: the text fits in any socket buffer. Inside TLS it would be noise. */
    if (!tls && send(fd, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) errno = 0;
    shutdown(fd, SHUT_WR);
    close(fd);
    rd_address_format(peer, address, sizeof address);
    rd_events_tell(&listener->server->shared.events, RD_EVENT_CONNECTION_REJECTED, address, reason);
}

/* A bucket that holds one second's worth, which may come in a burst. */
static bool take_token(int64_t *tokens, int64_t *at_ms, int64_t rate, int64_t now) {
    int64_t elapsed = now - *at_ms < 1000 ? now - *at_ms : 1000;
    *tokens += elapsed * rate;
    *at_ms = now;
    if (*tokens > rate * 1000) *tokens = rate * 1000;
    if (*tokens < 1000) return false;
    *tokens -= 1000;
    return true;
}

static bool take_address_token(struct rd_listener *listener, const struct sockaddr_storage *peer, int64_t now) {
    int64_t rate = rd_setting(&listener->server->shared.settings, RD_SET_CONNECTION_RATE_PER_ADDRESS);
    if (rate <= 0) return true;
    if (!listener->addresses && !(listener->addresses = rd_address_table_new())) return true;
    uint64_t key = rd_address_key(listener->addresses, peer);
    if (!key) return true;
    bool is_new = !rd_address_find(listener->addresses, key);
    struct rd_address *address = rd_address_take(listener->addresses, key, now);
    if (is_new) {
        address->amount = rate * 1000;
        address->at_ms = now;
    }
    return take_token(&address->amount, &address->at_ms, rate, now);
}

static const char denied[] =
    "-DENIED Redistill is running in protected mode because protected mode is enabled and no password is set for the "
    "default user. In this mode connections are only accepted from the loopback interface. If you want to connect from "
    "external computers, set a password (password_file in redistill.toml, or the environment variable REDIS_PASSWORD), "
    "or turn protected mode off with protected_mode = false in [security] if this network is trusted.\r\n";

static bool take_handshake(struct rd_server *server) {
    int64_t most = rd_setting(&server->shared.settings, RD_SET_TLS_HANDSHAKE_LIMIT);
    if (most > 0 && atomic_load(&server->shared.handshakes) >= (uint64_t)most) return false;
    atomic_fetch_add(&server->shared.handshakes, 1);
    return true;
}

static bool admit(struct rd_listener *listener, int fd, bool tls, const struct sockaddr_storage *peer) {
    struct rd_server *server = listener->server;
    struct rd_counters *counters = &listener->counters;
    int64_t most = rd_setting(&server->shared.settings, RD_SET_MAX_CONNECTIONS), rate = rd_setting(&server->shared.settings, RD_SET_CONNECTION_RATE);
    int64_t now = rd_monotonic_ms();
    rd_counter_add(&counters->received, 1);
    if (most > 0 && rd_server_connections(server) >= (uint64_t)most) {
        reject(listener, fd, tls, peer, "-ERR max number of clients reached\r\n", "max_connections reached",
               &counters->rejected_max);
    } else if (!take_address_token(listener, peer, now)) {
        reject(listener, fd, tls, peer, "-ERR connection rate limit exceeded\r\n",
               "connection_rate_limit_per_address exceeded", &counters->rejected_rate_address);
    } else if (rate > 0 && !take_token(&listener->tokens, &listener->tokens_at_ms, rate, now)) {
        reject(listener, fd, tls, peer, "-ERR connection rate limit exceeded\r\n", "connection_rate_limit exceeded",
               &counters->rejected_rate);
    } else if (rd_setting(&server->shared.settings, RD_SET_PROTECTED_MODE) && !rd_setting(&server->shared.settings, RD_SET_AUTH_REQUIRED) &&
               !rd_address_is_loopback(peer)) {
        reject(listener, fd, tls, peer, denied, "protected mode: no password is set and the peer is not local",
               &counters->rejected_protected);
    } else if (tls && !take_handshake(server)) {
        reject(listener, fd, tls, peer, "", "tls_handshake_limit reached", &counters->rejected_handshakes);
    } else {
        return true;
    }
    return false;
}

static struct rd_loop *least_loaded(const struct rd_shared *shared) {
    struct rd_loop *best = shared->loops;
    uint32_t fewest = UINT32_MAX;
    for (struct rd_loop *loop = shared->loops; loop; loop = loop->next) {
        uint32_t count = atomic_load_explicit(&loop->connection_count, memory_order_relaxed);
        if (count < fewest) {
            fewest = count;
            best = loop;
        }
    }
    return best;
}

/* False when there is no memory even for that. */
static bool resume_later(struct rd_listener *listener) {
    struct timeval delay = {.tv_usec = PAUSE_MS * 1000};
    return event_add(listener->resume_event, &delay) == 0;
}

static void pause_accepting(struct rd_listener *listener, int cause) {
    /* Who could not be woken again does not sleep, but goes on trying. */
    bool resumes = resume_later(listener);
    for (size_t i = 0; i < listener->count && resumes; i++) {
        if (listener->listening[i].event) event_del(listener->listening[i].event);
    }
    rd_counter_add(&listener->counters.rejected_descriptors, 1);
    if (!listener->paused) rd_events_tell(&listener->server->shared.events, RD_EVENT_ACCEPT_PAUSED, NULL, strerror(cause));
    listener->paused = true;
}

/* Who comes over a Unix socket has no name: it goes by the path. */
static void name_path(struct sockaddr_storage *peer, const char *path) {
    struct sockaddr_un *address = (struct sockaddr_un *)peer;
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
}

/* Accepts and admits whoever waits; returns the error that ended it. With the accept lock held. */
static int accept_waiting(struct rd_listening *listening) {
    struct rd_listener *listener = listening->listener;
    const struct rd_endpoint *endpoint = listening->endpoint;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t length = sizeof peer;
        int fd = accept4(listening->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            return errno;
        }
        if (listener->paused) {
            listener->paused = false;
            rd_events_tell(&listener->server->shared.events, RD_EVENT_ACCEPT_RESUMED, NULL, NULL);
        }
        if (endpoint->unix_socket) name_path(&peer, endpoint->address);
        if (!admit(listener, fd, endpoint->tls, &peer)) continue;
        rd_inbox_hand_over(least_loaded(&listener->server->shared), (struct rd_handover){
            .fd = fd, .tls = endpoint->tls, .unix_socket = endpoint->unix_socket,
            .awaits_proxy = endpoint->proxy_protocol, .peer = rd_kept_address_of(&peer)});
    }
    return EAGAIN;
}

static void on_acceptable(evutil_socket_t listening_fd, short what, void *argument) {
    (void)listening_fd;
    (void)what;
    struct rd_listening *listening = argument;
    struct rd_listener *listener = listening->listener;
    rd_lock_acquire(&listener->accept_lock);
    int error = accept_waiting(listening);
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) pause_accepting(listener, error);
    rd_lock_release(&listener->accept_lock);
}

void rd_listener_catch_up(struct rd_listener *listener) {
    rd_lock_acquire(&listener->accept_lock);
    for (size_t i = 0; i < listener->count; i++) {
        if (listener->listening[i].fd >= 0) (void)accept_waiting(&listener->listening[i]);
    }
    rd_lock_release(&listener->accept_lock);
}

static void set_options(const struct rd_listening *listening) {
    const struct rd_settings *settings = &listening->listener->server->shared.settings;
    if (listening->endpoint->unix_socket) return;
    int fd = listening->fd, at_once = rd_setting(settings, RD_SET_TCP_NODELAY) != 0;
    int idle = (int)rd_setting(settings, RD_SET_TCP_KEEPALIVE), probes = idle > 0;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &probes, sizeof probes);
    if (!probes) return;
    /* As Redis: the first probe after `idle` seconds, then three more within as long again. */
    int interval = idle / 3 ? idle / 3 : 1, count = 3;
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

void rd_listener_set_options(struct rd_listener *listener) {
    rd_lock_acquire(&listener->accept_lock);
    for (size_t i = 0; i < listener->count; i++) {
        if (listener->listening[i].fd >= 0) set_options(&listener->listening[i]);
    }
    rd_lock_release(&listener->accept_lock);
}

static void on_resume(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    (void)what;
    struct rd_listener *listener = argument;
    bool resumed = true;
    for (size_t i = 0; i < listener->count; i++) {
        if (listener->listening[i].event && event_add(listener->listening[i].event, NULL) != 0) resumed = false;
    }
    if (!resumed) resume_later(listener); /* in the place among the timers that has just fallen free */
}

static void on_stop(evutil_socket_t fd, short what, void *argument) {
    (void)fd;
    (void)what;
    event_base_loopbreak(argument);
}

static void *run(void *argument) {
    struct rd_listener *listener = argument;
    void *crash_stack = rd_crash_enter(listener->server->setup.crash);
    event_base_dispatch(listener->base);
    rd_lock_acquire(&listener->accept_lock);
    for (size_t i = 0; i < listener->count; i++) {
        if (!listener->listening[i].event) continue;
        event_free(listener->listening[i].event);
        listener->listening[i].event = NULL;
        close(listener->listening[i].fd);
        listener->listening[i].fd = -1;
        if (listener->listening[i].endpoint->unix_socket && !listener->lent) unlink(listener->listening[i].endpoint->address);
    }
    rd_lock_release(&listener->accept_lock);
    rd_crash_leave(crash_stack);
    return NULL;
}

static enum rd_status fail(struct rd_listener *listener, struct rd_error *error, enum rd_status status) {
    if (error->status == RD_OK) {
        error->status = status;
        strcpy(error->message, "cannot create the listener: out of memory");
    }
    rd_listener_free(listener);
    return error->status;
}

static bool is_not_here(int os_error) {
    return os_error == EADDRNOTAVAIL || os_error == EAFNOSUPPORT;
}

/*
 * The port that an endpoint without one begins with: that which the system has chosen for another address of the kind,
 * so that all addresses have the same where it is free on them. 0: any.
 */
static uint16_t port_of_others(const struct rd_listener *listener, size_t index) {
    const struct rd_endpoint *endpoint = listener->listening[index].endpoint;
    for (size_t i = 0; i < index; i++) {
        const struct rd_endpoint *other = listener->listening[i].endpoint;
        bool is_alike = !other->unix_socket && other->port == 0 && other->tls == endpoint->tls;
        if (is_alike && listener->listening[i].port) return listener->listening[i].port;
    }
    return 0;
}

static int bind_endpoint(const struct rd_listener *listener, size_t index, uint16_t *port, struct rd_error *error) {
    struct rd_endpoint endpoint = *listener->listening[index].endpoint;
    uint32_t backlog = listener->server->listen_backlog;
    if (endpoint.inherited) return rd_bind_inherited(&endpoint, backlog, port, error);
    if (!endpoint.unix_socket && endpoint.port == 0) {
        endpoint.port = port_of_others(listener, index);
        int fd = endpoint.port ? rd_bind(&endpoint, backlog, port, error) : -1;
        if (fd >= 0) return fd;
        endpoint.port = 0;
        error->status = RD_OK;
    }
    return rd_bind(&endpoint, backlog, port, error);
}

enum rd_status rd_listener_open(struct rd_server *server, struct rd_listener **out, struct rd_error *error) {
    error->status = RD_OK;
    size_t count = server->endpoint_count;
    size_t size = sizeof(struct rd_listener) + count * sizeof(struct rd_listening);
    size = (size + _Alignof(struct rd_listener) - 1) & ~(_Alignof(struct rd_listener) - 1);
    struct rd_listener *listener = aligned_alloc(_Alignof(struct rd_listener), size);
    if (!listener) {
        error->status = RD_ERR_NO_MEMORY;
        return RD_ERR_NO_MEMORY;
    }
    memset(listener, 0, size);
    listener->server = server;
    listener->stop_fd = -1;
    for (size_t i = 0; i < count; i++) listener->listening[i].fd = -1;
    listener->count = count;
    struct event_config *config = event_config_new();
    if (config) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        listener->base = event_base_new_with_config(config);
        event_config_free(config);
    }
    listener->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!listener->base || listener->stop_fd < 0) return fail(listener, error, RD_ERR_NO_MEMORY);
    listener->resume_event = event_new(listener->base, -1, 0, on_resume, listener);
    listener->stop_event = event_new(listener->base, listener->stop_fd, EV_READ, on_stop, listener->base);
    if (!listener->resume_event || !listener->stop_event || event_add(listener->stop_event, NULL) != 0) {
        return fail(listener, error, RD_ERR_NO_MEMORY);
    }
    size_t bound = 0;
    for (size_t i = 0; i < count; i++) {
        struct rd_listening *listening = &listener->listening[i];
        listening->listener = listener;
        listening->endpoint = &server->endpoints[i];
        listening->fd = bind_endpoint(listener, i, &listening->port, error);
        if (listening->fd < 0 && listening->endpoint->optional && is_not_here(error->os_error)) {
            error->status = RD_OK;
            continue;
        }
        if (listening->fd < 0) return fail(listener, error, RD_ERR_BIND);
        bound++;
        listening->event = event_new(listener->base, listening->fd, EV_READ | EV_PERSIST, on_acceptable, listening);
        if (!listening->event || event_add(listening->event, NULL) != 0) return fail(listener, error, RD_ERR_NO_MEMORY);
    }
    if (bound == 0) {
        error->status = RD_ERR_BIND;
        strcpy(error->message, "cannot listen: this machine has none of the addresses");
        return fail(listener, error, RD_ERR_BIND);
    }
    rd_listener_set_options(listener);
    *out = listener;
    return RD_OK;
}

enum rd_status rd_listener_start(struct rd_listener *listener) {
    if (rd_thread_start(&listener->thread, "listener", run, listener) != RD_OK) return RD_ERR_THREAD;
    listener->started = true;
    return RD_OK;
}

void rd_listener_stop(struct rd_listener *listener) {
    if (!listener->started) return;
    rd_wake(listener->stop_fd);
    pthread_join(listener->thread, NULL);
    listener->started = false;
}

void rd_listener_lend(struct rd_listener *listener, int *descriptors) {
    listener->lent = true;
    for (size_t i = 0; i < listener->count; i++) {
        int fd = listener->listening[i].fd;
        descriptors[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }
}

void rd_listener_free(struct rd_listener *listener) {
    if (!listener) return;
    rd_listener_stop(listener);
    for (size_t i = 0; i < listener->count; i++) {
        if (listener->listening[i].event) event_free(listener->listening[i].event);
        if (listener->listening[i].fd >= 0) close(listener->listening[i].fd);
    }
    if (listener->resume_event) event_free(listener->resume_event);
    if (listener->stop_event) event_free(listener->stop_event);
    if (listener->base) event_base_free(listener->base);
    if (listener->stop_fd >= 0) close(listener->stop_fd);
    free(listener->addresses);
    free(listener);
}

uint16_t rd_listener_port(const struct rd_listener *listener, size_t endpoint) {
    return endpoint < listener->count ? listener->listening[endpoint].port : 0;
}

struct rd_counters *rd_listener_counters(struct rd_listener *listener) {
    return &listener->counters;
}
