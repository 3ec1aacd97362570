/* This file owns one thread of load. */
#include "client.h"

#include "clock.h"
#include "fail.h"
#include "session.h"
#include "socket.h"
#include "walk.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#define BENCH_EVENTS 256
#define BENCH_RECEIVE_SIZE ((size_t)256 * 1024)
/* When after the stop nothing has come for so long, what is missing is lost: the server sent too few bytes. */
#define BENCH_DRAIN_NS (2 * BENCH_NS_PER_S)
#define BENCH_SHOWN 48
#define BENCH_BOTH_WAYS (EPOLLIN | EPOLLOUT | EPOLLET)
/*
 * With a rate, the last stretch before a batch is due is polled through, not slept through: in a virtual machine
 * setting a timer, halting and waking up take tens of microseconds, which would count as the server's latency.
 */
#define BENCH_SPIN_NS 200000

struct bench_conn {
    struct bench_socket socket;
    const struct bench_batch *batch;    /* in flight; NULL = idle */
    const char *unsent;                 /* what the socket has not taken of the batch; borrowed from the ring */
    size_t unsent_size;
    size_t awaited;                     /* reply bytes still to come */
    int64_t since;                      /* when the batch was sent; with a rate, when it should have been */
};

struct bench_client {
    struct bench_run *run;
    pthread_t thread;
    int epoll;
    int wake;                           /* eventfd, in the epoll set with a NULL pointer */

    /* The thread's own until it is joined. */
    struct bench_conn *conns;
    uint32_t count;
    uint32_t in_flight;
    uint64_t finished;                  /* batches */
    struct bench_cursor cursor;
    char *received;                     /* bytes of the last recv */
    bool failed;
    char failure[320];
    struct bench_histogram latency;
    uint64_t reads;                     /* values asked for while measuring */
    uint64_t hits;                      /* of them found */
    struct bench_walk *walks;           /* one of each connection; NULL: their size tells whether replies are right */
    uint32_t replies;                   /* of a batch */

    /* With a rate: idle connections in the order in which they became so, and the schedule. */
    struct bench_conn **idle;           /* circular, `count` places; NULL = as fast as it goes */
    uint32_t idle_first;
    uint32_t idle_count;
    double interval;                    /* ns between batches */
    double next_due;                    /* ns of the monotonic clock */

    /* Read by the window's thread; on a line of its own so that reading it does not disturb the rest. */
    _Alignas(64) _Atomic uint64_t operations;
};

static void fail(struct bench_client *client, const struct bench_conn *conn, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first failure counts and stops the run. */
static void fail(struct bench_client *client, const struct bench_conn *conn, const char *format, ...) {
    if (client->failed) return;
    client->failed = true;
    size_t number = (size_t)(conn - client->conns);
    int length = snprintf(client->failure, sizeof client->failure, "connection %zu: ", number);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(client->failure + length, sizeof client->failure - (size_t)length, format, arguments);
    va_end(arguments);
    eventfd_write(client->run->attention, 1);
}

static void fail_at(struct bench_client *client, const struct bench_conn *conn, const char *what, const char *bytes,
                    size_t size) {
    char shown[4 * BENCH_SHOWN + 1];
    bench_socket_printable(bytes, size < BENCH_SHOWN ? size : BENCH_SHOWN, shown);
    fail(client, conn, "%s, beginning with %s", what, shown);
}

static enum bench_phase phase(const struct bench_client *client) {
    return atomic_load_explicit(&client->run->phase, memory_order_relaxed);
}

static void send_unsent(struct bench_client *client, struct bench_conn *conn) {
    ssize_t sent = bench_socket_send(conn->socket, conn->unsent, conn->unsent_size);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) fail(client, conn, "send: %s", strerror(errno));
        return;
    }
    conn->unsent += sent;
    conn->unsent_size -= (size_t)sent;
}

static struct bench_walk *walk_of(const struct bench_client *client, const struct bench_conn *conn) {
    return &client->walks[conn - client->conns];
}

static bool watch(const struct bench_client *client, int fd, uint32_t what, struct bench_conn *conn) {
    struct epoll_event event = {.events = what, .data.ptr = conn};
    return epoll_ctl(client->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* With --reconnect: a connection for one batch, which may not stand yet when the batch is sent. */
static bool begin_connection(struct bench_client *client, struct bench_conn *conn) {
    conn->socket = bench_socket_begin(client->run->options->port);
    if (conn->socket.fd >= 0 && watch(client, conn->socket.fd, BENCH_BOTH_WAYS, conn)) return true;
    fail(client, conn, "connect: %s", strerror(errno));
    return false;
}

static void end_connection(struct bench_conn *conn) {
    bench_socket_close(conn->socket);
    conn->socket = (struct bench_socket){.fd = -1};
}

static void start_batch(struct bench_client *client, struct bench_conn *conn, int64_t since) {
    conn->batch = bench_ring_take(client->run->ring, &client->cursor, &conn->unsent);
    conn->unsent_size = conn->batch->request_size;
    conn->awaited = conn->batch->reply_size;
    conn->since = since;
    client->in_flight++;
    if (client->walks) bench_walk_begin(walk_of(client, conn), client->replies);
    if (client->run->options->reconnect && !begin_connection(client, conn)) return;
    send_unsent(client, conn);
}

static void become_idle(struct bench_client *client, struct bench_conn *conn) {
    client->idle[(client->idle_first + client->idle_count++) % client->count] = conn;
}

/*
 * A batch that is due waits for an idle connection, and its latency counts from when it was due: a server that
 * stalls does not slow the schedule down, so no slow answer is left out (no coordinated omission).
 */
static void start_due_batches(struct bench_client *client) {
    double now = (double)bench_clock_now();
    while (client->idle_count > 0 && client->next_due <= now) {
        struct bench_conn *conn = client->idle[client->idle_first];
        client->idle_first = (client->idle_first + 1) % client->count;
        client->idle_count--;
        start_batch(client, conn, (int64_t)client->next_due);
        client->next_due += client->interval;
    }
}

static void finish_batch(struct bench_client *client, struct bench_conn *conn) {
    int64_t now = bench_clock_now();
    enum bench_phase current = phase(client);
    if (current == BENCH_PHASE_MEASURE) {
        bench_histogram_record(&client->latency, (uint64_t)(now - conn->since));
        client->reads += conn->batch->reads;
        client->hits += client->walks ? walk_of(client, conn)->hits : conn->batch->reads;
    }
    uint64_t done = atomic_load_explicit(&client->operations, memory_order_relaxed);
    atomic_store_explicit(&client->operations, done + client->run->options->pipeline, memory_order_relaxed);

    conn->batch = NULL;
    client->in_flight--;
    client->finished++;
    if (client->run->options->reconnect) {
        end_connection(conn);
        now = bench_clock_now();
    }
    if (client->idle) become_idle(client, conn);
    else if (current != BENCH_PHASE_STOP) start_batch(client, conn, now);
}

/*
 * The check that is cheap enough: the first reply begins as its request wants, and the batch's replies have exactly
 * the bytes that they should. A miss ("$-1") or an error differs from a hit in size, so the sum comes out wrong:
 * too many bytes show at once, too few leave the connection waiting, which the drain reports.
 */
static bool begins_right(const struct bench_client *client, const struct bench_conn *conn, size_t got) {
    const struct bench_requests *requests = client->run->requests;
    const struct bench_operation *first = conn->batch->main_first ? &requests->main : &requests->set;
    return memcmp(client->received, first->start, got < first->start_size ? got : first->start_size) == 0;
}

/* The check where keys may be missing: each reply is looked at. */
static void walk_replies(struct bench_client *client, struct bench_conn *conn, size_t got) {
    const struct bench_run *run = client->run;
    const struct bench_protocol *protocol = run->requests->protocol;
    struct bench_walk *walk = walk_of(client, conn);
    enum bench_walked walked = bench_walk_take(walk, protocol->take_line, run->options->value_size, client->received,
                                               got);
    if (walked == BENCH_WALKED_PART) return;
    uint32_t told = walk->hits + walk->nulls;
    if (walked == BENCH_WALKED_WRONG) {
        fail_at(client, conn, "wrong reply", walk->wrong, walk->wrong_size);
    } else if (told > conn->batch->reads || (protocol->names_misses && told != conn->batch->reads)) {
        fail(client, conn, "wrong replies: %u values were asked for, %u answered", conn->batch->reads, told);
    } else {
        finish_batch(client, conn);
    }
}

static void take_reply(struct bench_client *client, struct bench_conn *conn, size_t got) {
    bool first = conn->awaited == conn->batch->reply_size;
    if (got > conn->awaited || (first && !begins_right(client, conn, got))) {
        char what[96];
        snprintf(what, sizeof what, "wrong reply, %zu bytes where %zu were awaited", got, conn->awaited);
        fail_at(client, conn, what, client->received, got);
        return;
    }
    conn->awaited -= got;
    if (conn->awaited > 0) return;
    if (client->received[got - 1] != '\n') {
        fail(client, conn, "wrong reply: its last byte is no line feed");
        return;
    }
    finish_batch(client, conn);
}

static void receive(struct bench_client *client, struct bench_conn *conn) {
    ssize_t got;
    do {
        got = bench_socket_receive(conn->socket, client->received, BENCH_RECEIVE_SIZE);
        if (got < 0) {
            if (errno != EAGAIN && errno != EINTR) fail(client, conn, "recv: %s", strerror(errno));
            return;
        }
        if (got == 0) {
            fail(client, conn, "closed by the server");
            return;
        }
        if (!conn->batch) {
            fail_at(client, conn, "bytes that nobody asked for", client->received, (size_t)got);
            return;
        }
        uint64_t before = client->finished;
        if (client->walks) walk_replies(client, conn, (size_t)got);
        else take_reply(client, conn, (size_t)got);
        /* Its connection is over, and the next has an edge of its own. */
        if (client->run->options->reconnect && client->finished != before) return;
        /* A short read emptied a plain socket, and what comes later raises a new edge. */
    } while (conn->socket.tls || (size_t)got == BENCH_RECEIVE_SIZE);
}

/* How long epoll may wait: for ever when only a reply can bring work. */
static const struct timespec *wait_limit(const struct bench_client *client, int64_t drain_end, struct timespec *limit) {
    int64_t until;
    if (drain_end) until = drain_end;
    else if (client->idle_count > 0) until = (int64_t)client->next_due - BENCH_SPIN_NS;
    else return NULL;
    int64_t left = until - bench_clock_now();
    *limit = bench_clock_timespec(left > 0 ? left : 0);
    return limit;
}

static void report_lost_replies(struct bench_client *client) {
    for (uint32_t i = 0; i < client->count; i++) {
        const struct bench_conn *conn = &client->conns[i];
        if (!conn->batch) continue;
        if (client->walks) {
            fail(client, conn, "%u of its replies never came", walk_of(client, conn)->left);
        } else {
            fail(client, conn, "%zu of %u reply bytes never came: a miss or an error among the replies",
                 conn->awaited, conn->batch->reply_size);
        }
    }
}

static void handle(struct bench_client *client, const struct epoll_event *event) {
    struct bench_conn *conn = event->data.ptr;
    if (!conn) {
        eventfd_t ignored;
        eventfd_read(client->wake, &ignored);
        return;
    }
    if (conn->unsent_size > 0) send_unsent(client, conn);
    if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(client, conn);
}

static void *run_client(void *context) {
    struct bench_client *client = context;
    struct epoll_event events[BENCH_EVENTS];
    int64_t drain_end = 0;
    int ready = 0;
    /* The default slack of 50 us would make every paced batch late. */
    prctl(PR_SET_TIMERSLACK, 1);

    for (uint32_t i = 0; i < client->count; i++) {
        if (client->idle) become_idle(client, &client->conns[i]);
        else start_batch(client, &client->conns[i], bench_clock_now());
    }
    while (!client->failed) {
        if (phase(client) == BENCH_PHASE_STOP) {
            int64_t now = bench_clock_now();
            if (drain_end == 0 || ready > 0) drain_end = now + BENCH_DRAIN_NS;
            if (client->in_flight == 0) break;
            if (now >= drain_end) {
                report_lost_replies(client);
                break;
            }
        } else if (client->idle) {
            start_due_batches(client);
        }
        struct timespec limit;
        ready = epoll_pwait2(client->epoll, events, BENCH_EVENTS, wait_limit(client, drain_end, &limit), NULL);
        for (int i = 0; i < ready && !client->failed; i++) handle(client, &events[i]);
    }
    return NULL;
}

/* Threads take turns on one schedule: thread i is due at i, i + threads, i + 2 * threads ... */
static void make_schedule(struct bench_client *client, uint32_t index) {
    const struct bench_options *options = client->run->options;
    double batch_interval = (double)BENCH_NS_PER_S * options->pipeline / options->rate;
    client->interval = batch_interval * options->threads;
    client->next_due = (double)bench_clock_now() + batch_interval * index;
    client->idle = bench_allocate(client->count, sizeof *client->idle);
}

static void open_connection(struct bench_client *client, struct bench_conn *conn) {
    conn->socket = (struct bench_socket){.fd = -1};
    if (client->run->options->reconnect) return;
    conn->socket = bench_session_open(client->run->options);
    bench_socket_set_nonblocking(conn->socket);
    if (!watch(client, conn->socket.fd, BENCH_BOTH_WAYS, conn)) bench_fail("epoll_ctl: %s", strerror(errno));
}

struct bench_client *bench_client_start(struct bench_run *run, uint32_t index) {
    const struct bench_options *options = run->options;
    struct bench_client *client = aligned_alloc(_Alignof(struct bench_client), sizeof *client);
    if (!client) bench_fail("no memory for a client");
    memset(client, 0, sizeof *client);
    client->run = run;
    client->count = options->connections / options->threads + (index < options->connections % options->threads);
    client->cursor = bench_ring_cursor(run->ring, (double)index / options->threads);
    client->conns = bench_allocate(client->count, sizeof *client->conns);
    client->received = bench_allocate(BENCH_RECEIVE_SIZE, 1);
    client->epoll = epoll_create1(EPOLL_CLOEXEC);
    client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (client->epoll < 0 || client->wake < 0) bench_fail("epoll or eventfd: %s", strerror(errno));
    if (options->misses) client->walks = bench_allocate(client->count, sizeof *client->walks);
    client->replies = options->pipeline * run->requests->main.replies;
    if (!watch(client, client->wake, EPOLLIN, NULL)) bench_fail("epoll_ctl: %s", strerror(errno));
    for (uint32_t i = 0; i < client->count; i++) open_connection(client, &client->conns[i]);
    if (options->rate > 0) make_schedule(client, index);
    if (pthread_create(&client->thread, NULL, run_client, client) != 0) bench_fail("pthread_create failed");
    return client;
}

uint64_t bench_client_operations(const struct bench_client *client) {
    return atomic_load_explicit(&client->operations, memory_order_relaxed);
}

void bench_client_wake(const struct bench_client *client) {
    eventfd_write(client->wake, 1);
}

void bench_client_join(struct bench_client *client) {
    pthread_join(client->thread, NULL);
}

const struct bench_histogram *bench_client_latency(const struct bench_client *client) {
    return &client->latency;
}

uint64_t bench_client_reads(const struct bench_client *client) {
    return client->reads;
}

uint64_t bench_client_hits(const struct bench_client *client) {
    return client->hits;
}

const char *bench_client_failure(const struct bench_client *client) {
    return client->failure;
}

void bench_client_free(struct bench_client *client) {
    for (uint32_t i = 0; i < client->count; i++) bench_socket_close(client->conns[i].socket);
    close(client->epoll);
    close(client->wake);
    free(client->conns);
    free(client->walks);
    free(client->received);
    free(client->idle);
    free(client);
}
