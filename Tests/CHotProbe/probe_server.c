/* This file owns what tests see of a server beyond its public header. */
#include "probe_server.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "number.h"
#include "server.h"
#include "worker.h"

bool probe_server_check(struct rd_server *server) {
    return rd_store_check(&server->store);
}

int64_t probe_server_counter(struct rd_server *server, struct rd_slice key) {
    int64_t value = -1;
    uint64_t hash = rd_store_hash(&server->store, key);
    struct rd_shard *shard = rd_store_shard(&server->store, hash);
    rd_shard_lock(shard);
    struct rd_found found = rd_shard_find(shard, hash, key, 0);
    if (found.entry) {
        struct rd_slice text = rd_entry_value(found.entry);
        if (!rd_parse_i64(text.bytes, text.length, &value)) value = -1;
    }
    rd_shard_unlock(shard);
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
