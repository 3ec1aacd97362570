/* This file owns the world's clients and clock: connecting, sending, reading, waiting for each other. */
#include "world.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "certificate.h"
#include "connection/pause.h"
#include "probe_server.h"
#include "server/server.h"
#include "serve/worker.h"

/* Nothing moved for so long: somebody waits in vain. The machine may be very busy. */
#define PATIENCE_MS 10000

_Noreturn void world_complain(const char *what, long long expected, long long came) {
    fprintf(stderr, "fuzz: %s: expected %lld, came %lld\n", what, expected, came);
    abort();
}

/* The order of the server's endpoints. */
static uint16_t port_of(const struct world *world, bool is_tls) {
    return rd_server_port(world->server, is_tls ? 3 : 1);
}

static int connect_to(struct world *world, bool is_unix, bool is_tls) {
    int fd = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) abort();
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    snprintf(local.sun_path, sizeof local.sun_path, "%s", is_tls ? world->tls_path : world->socket_path);
    address.sin_port = htons(port_of(world, is_tls));
    const struct sockaddr *to = is_unix ? (const struct sockaddr *)&local : (const struct sockaddr *)&address;
    if (connect(fd, to, is_unix ? sizeof local : sizeof address) != 0) {
        perror("fuzz: connect");
        abort();
    }
    int on = 1, small = 128 << 10; /* a smaller window would stand still for seconds */
    if (!is_unix) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!is_unix && world->seed % 3 == 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    return fd;
}

/* The header of one who stands before the client, now and then for nobody. */
static void say_for_whom(struct tls *tls) {
    static const char *const lines[] = {"PROXY TCP4 127.0.0.1 127.0.0.1 40000 6379\r\n", "PROXY UNKNOWN\r\n",
                                        "PROXY TCP6 2001:db8::7 ::1 1 65535\r\n",
                                        "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"};
    static const char block[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\0\0\x09\x7f\0\0\x01\x12\x34\x18\xeb";
    struct fuzz_random random = tls_dice(tls);
    const char *line = FUZZ_PICK(&random, lines);
    if (fuzz_chance(&random, 70)) tls_add_raw(tls, line, strlen(line));
    else tls_add_raw(tls, block, sizeof block - 1);
}

static struct tls *begin_tls(struct world *world, bool is_unix, uint32_t number) {
    struct tls *tls = tls_open(&world->tls, fuzz_mix(world->seed + ((uint64_t)number << 32)));
    if (world->with_proxy && !is_unix) say_for_whom(tls);
    return tls;
}

struct client *world_client(struct world *world, uint32_t index) {
    struct client *client = &world->clients[index % world->client_count];
    if (client->fd >= 0) return client;
    bool is_unix = index % 4 != 3, is_tls = world->tls_indices >> index % world->client_count & 1;
    client->leniency = &world->leniency;
    client->is_verbose = world->is_verbose;
    client->number = ++world->opened;
    client->tokens = 0;
    int fd = connect_to(world, is_unix, is_tls);
    client_open(client, fd, is_unix, is_tls ? begin_tls(world, is_unix, client->number) : NULL);
    model_end(&client->model);
    model_begin(&client->model, client->number);
    world->words.clients = world->opened;
    return client;
}

/* The server has read what was sent, or does not want to. A Unix socket tells. */
static void wait_until_read(const struct client *client) {
    for (int i = 0; i < 100; i++) {
        int bytes = 0;
        if (ioctl(client->fd, SIOCOUTQ, &bytes) != 0 || bytes == 0) return;
        nanosleep(&(struct timespec){.tv_nsec = 30000}, NULL);
    }
}

/* A handshake goes on with what the server says, for which a run step by step waits a little. */
static void go_on_with_handshake(const struct world *world, struct client *client) {
    struct pollfd wait = {.fd = client->fd, .events = POLLIN};
    if (!client->tls || !tls_waits(client->tls) || client->does_not_read) return;
    if (poll(&wait, 1, world->steps ? 20 : 0) > 0) client_read(client, SIZE_MAX);
}

void world_send(struct world *world, struct client *client, size_t most) {
    if (client->fd < 0 || client->has_ended) return;
    go_on_with_handshake(world, client);
    if (client->fd < 0) return;
    if (!client_send(client, most)) {
        /* What came before it broke is still to be read. */
        if (!client->is_doomed && !world->leniency.closes) world_complain("a connection broke while sending", 0, errno);
        client_close(client, false);
        return;
    }
    if (world->steps && client->is_unix) wait_until_read(client);
}

void world_read(struct world *world) {
    for (uint32_t i = 0; i < world->client_count; i++) {
        struct client *client = &world->clients[i];
        if (client->fd >= 0 && !client->does_not_read) client_read(client, SIZE_MAX);
    }
}

void world_replace_certificate(struct world *world, struct fuzz_random *random, bool by_none) {
    /* Made and freed where blocks are counted, since whoever leaves last frees it. */
    probe_fault_disarm(world->fault);
    probe_fault_enter(world->fault);
    rd_server_set_tls(world->server, by_none ? NULL : certificate_context(random));
    probe_fault_leave();
}

void world_unpause(struct world *world) {
    rd_pause_end(&world->server->shared.pause);
    for (uint32_t i = 0; i < world->server->worker_count; i++) rd_inbox_ask(&world->server->workers[i].loop, RD_LOOK_AFTER);
}

void world_sync(struct world *world) {
    probe_fault_disarm(world->fault); /* who waits for memory would wait for ever */
    int64_t moved_at = rd_monotonic_ms();
    for (;;) {
        struct pollfd waits[WORLD_CLIENTS];
        nfds_t count = 0;
        bool moved = false;
        for (uint32_t i = 0; i < world->client_count; i++) {
            struct client *client = &world->clients[i];
            if (client->fd < 0) continue;
            client->does_not_read = false;
            size_t unsent = client_unsent(client);
            if (!client->has_ended && unsent) {
                world_send(world, client, SIZE_MAX);
                if (client->fd < 0) continue;
                moved |= client_unsent(client) != unsent;
            }
            moved |= client_read(client, SIZE_MAX) > 0;
            if (client->fd < 0) continue;
            bool sends = !client->has_ended && client_unsent(client) > 0, is_waiting = client->tls && tls_waits(client->tls);
            if (!sends && client_is_quits(client) && !client->has_ended) continue; /* who ended is to be let go */
            if (client->is_doomed) { /* the server reads no more of it */
                client_close(client, false);
                continue;
            }
            waits[count++] = (struct pollfd){.fd = client->fd, .events = (short)(POLLIN | (sends && !is_waiting ? POLLOUT : 0))};
        }
        if (count == 0) return;
        if (moved) moved_at = rd_monotonic_ms();
        if (rd_monotonic_ms() - moved_at > PATIENCE_MS) world_complain_of_silence(world);
        if (poll(waits, count, 3) == 0) world_unpause(world);
    }
}

void world_check_store(struct world *world) {
    if (!probe_server_check(world->server)) world_complain("the store is not sound", 1, 0);
}

void world_set_clock(struct world *world, long long now_ms) {
    world->now_ms = now_ms;
    probe_fault_stop_clock(world->fault, now_ms);
    /* Who answers after this has read the clock anew. */
    for (uint32_t i = 0; i < world->client_count; i++) {
        struct client *client = &world->clients[i];
        if (client->fd >= 0 && !client->is_doomed && !client->has_ended) client_add_token(client);
    }
    world_sync(world);
}
