/* This file owns what tests see of a server beyond its public header. */
#include "probe_server.h"

#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "base/number.h"
#include "redistill_cluster.h"
#include "server/server.h"
#include "serve/worker.h"

/* Turns given to a worker to come to where it waits. */
#define PATIENCE 1000

/* With the monitors' lock held: has every worker taken notice, so that it waits for the lock by now, or will? */
static bool all_have_noticed(struct rd_server *server) {
    for (uint32_t i = 0; i < server->worker_count; i++) {
        for (int turn = 0; atomic_load(&server->workers[i].observer.has_feed); turn++) {
            if (turn == PATIENCE) return false;
            sched_yield();
        }
    }
    return true;
}

/*
 * A lone worker takes no lock of a shard, and with several a blob may just be on its way from its slab to its key. So
 * they are held where they are between two commands: with lines to deliver to those who monitor, each waits for their
 * lock. One that waits with a line to write, and may hold shards within an EXEC, has to be let go on first, and so has one
 * whose parked script holds some.
 */
enum rd_status probe_server_set_owner(struct rd_server *server, uint16_t owner) {
    struct rd_cluster_member nodes[] = {
        {"192.0.2.1", 1, "1111111111111111111111111111111111111111"},
        {"192.0.2.1", 2, "2222222222222222222222222222222222222222"},
    };
    uint16_t owners[RD_CLUSTER_SLOTS];
    for (int slot = 0; slot < RD_CLUSTER_SLOTS; slot++) owners[slot] = owner;
    struct rd_cluster_options options = {.nodes = nodes, .node_count = 2, .owners = owners, .own = 0, .own_node = nodes[0]};
    return rd_server_set_cluster(server, &options);
}

void probe_server_hold(struct rd_server *server) {
    if (atomic_load(&server->state) == RD_SERVER_CREATED) return;
    for (;;) {
        rd_lock_acquire(&server->observers.monitors.lock);
        for (uint32_t i = 0; i < server->worker_count; i++) {
            atomic_store(&server->workers[i].observer.has_feed, true);
            rd_loop_wake(&server->workers[i].loop);
        }
        if (all_have_noticed(server) && !rd_store_is_busy(server->store)) return;
        rd_lock_release(&server->observers.monitors.lock);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); /* who wants the lock has to have a chance */
    }
}

void probe_server_release(struct rd_server *server) {
    if (atomic_load(&server->state) == RD_SERVER_CREATED) return;
    rd_lock_release(&server->observers.monitors.lock);
}

bool probe_server_check(struct rd_server *server) {
    probe_server_hold(server);
    bool sound = rd_store_check(server->store);
    probe_server_release(server);
    return sound;
}

int64_t probe_server_counter(struct rd_server *server, struct rd_slice key) {
    int64_t value = -1;
    uint64_t hash = rd_store_hash(server->store, key);
    struct rd_shard *shard = rd_store_shard(server->store, hash);
    probe_server_hold(server);
    rd_shard_lock(shard);
    struct rd_found found = rd_shard_find(shard, hash, rd_key_of(key, 0), 0);
    if (found.entry) {
        struct rd_slice text = rd_entry_value(found.entry);
        if (!rd_parse_i64(text.bytes, text.length, &value)) value = -1;
    }
    rd_shard_unlock(shard);
    probe_server_release(server);
    return value;
}

int64_t probe_worker_tick_ms(const struct rd_server *server, uint32_t worker) {
    return atomic_load_explicit(&server->workers[worker].tick_ms, memory_order_relaxed);
}

int64_t probe_worker_us(const struct rd_server *server, uint32_t worker) {
    clockid_t clock;
    struct timespec time;
    if (pthread_getcpuclockid(server->workers[worker].thread, &clock) != 0 || clock_gettime(clock, &time) != 0) return -1;
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

uint32_t probe_worker_connections(const struct rd_server *server, uint32_t worker) {
    return atomic_load_explicit(&server->workers[worker].loop.connection_count, memory_order_relaxed);
}

size_t probe_connected_sockets(uint16_t port) {
    size_t count = 0;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
    int most = limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
    for (int fd = 0; fd < most; fd++) {
        struct sockaddr_in own, peer;
        socklen_t own_length = sizeof own, peer_length = sizeof peer;
        if (getsockname(fd, (struct sockaddr *)&own, &own_length) != 0 || own.sin_family != AF_INET) continue;
        if (ntohs(own.sin_port) == port && getpeername(fd, (struct sockaddr *)&peer, &peer_length) == 0) count++;
    }
    return count;
}

int probe_newest_socket_option(const struct rd_server *server, int level, int option) {
    const struct rd_worker *worker = &server->workers[0];
    int value = -1;
    socklen_t length = sizeof value;
    if (!worker->loop.connections || getsockopt(worker->loop.connections->fd, level, option, &value, &length) != 0) return -1;
    return value;
}
