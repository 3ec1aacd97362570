/* This file owns taking over a map of the cluster from the control plane. */
#include "connection/cluster.h"
#include "server/server.h"

static bool is_valid(const struct rd_cluster_options *options) {
    if (options->node_count == 0 || options->node_count > RD_CLUSTER_NODES_MOST) return false;
    if (options->own < -1 || options->own >= (int64_t)options->node_count) return false;
    for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
        if (options->owners[slot] >= options->node_count) return false;
    }
    return true;
}

enum rd_status rd_server_set_cluster(struct rd_server *server, const struct rd_cluster_options *options) {
    if (!is_valid(options)) return RD_ERR_INVALID;
    bool are_running = atomic_load(&server->state) != RD_SERVER_CREATED;
    struct rd_cluster *cluster = rd_cluster_new(options);
    if (!cluster) return RD_ERR_NO_MEMORY;
    enum rd_status status = rd_clusters_replace(&server->shared, server->store, cluster, are_running);
    if (status != RD_OK) rd_cluster_release(cluster);
    return status;
}

_Static_assert(RD_SLOTS == RD_CLUSTER_SLOTS, "slots are numbered alike inside and outside");
