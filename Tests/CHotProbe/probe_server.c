/* This file owns what tests see of a server beyond its public header. */
#include "probe_server.h"

#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "number.h"
#include "server.h"
#include "worker.h"

/*
 * A lone worker takes no lock of a shard, so it is held elsewhere: with lines to deliver to those who monitor, it waits
 * for their lock between two commands. Several workers are kept out by the locks that reading the store takes.
 */
static void hold_lone_worker(struct rd_server *server) {
    if (server->store.shared || atomic_load(&server->state) == RD_SERVER_CREATED) return;
    struct rd_worker *worker = &server->workers[0];
    struct rd_lock *lock = &server->monitors.lock;
    for (;;) {
        rd_lock_acquire(lock);
        atomic_store(&worker->has_feed, true);
        rd_worker_wake(worker);
        while (atomic_load(&worker->has_feed) && atomic_load(&lock->state) != 2) sched_yield();
        if (!atomic_load(&worker->has_feed)) return; /* it has come to where it delivers */
        /* It waits with a line that it wants to write. That it does between commands too, but let it come to the end. */
        rd_lock_release(lock);
        sched_yield();
    }
}

static void release_lone_worker(struct rd_server *server) {
    if (server->store.shared || atomic_load(&server->state) == RD_SERVER_CREATED) return;
    rd_lock_release(&server->monitors.lock);
}

bool probe_server_check(struct rd_server *server) {
    hold_lone_worker(server);
    bool sound = rd_store_check(&server->store);
    release_lone_worker(server);
    return sound;
}

int64_t probe_server_counter(struct rd_server *server, struct rd_slice key) {
    int64_t value = -1;
    uint64_t hash = rd_store_hash(&server->store, key);
    struct rd_shard *shard = rd_store_shard(&server->store, hash);
    hold_lone_worker(server);
    rd_shard_lock(shard);
    struct rd_found found = rd_shard_find(shard, hash, key, 0);
    if (found.entry) {
        struct rd_slice text = rd_entry_value(found.entry);
        if (!rd_parse_i64(text.bytes, text.length, &value)) value = -1;
    }
    rd_shard_unlock(shard);
    release_lone_worker(server);
    return value;
}

uint32_t probe_worker_connections(const struct rd_server *server, uint32_t worker) {
    return atomic_load_explicit(&server->workers[worker].connection_count, memory_order_relaxed);
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
