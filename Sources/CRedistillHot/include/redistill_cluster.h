/* redistill_cluster.h: the map of a cluster, as redistill_hot.h the rest. */
#ifndef REDISTILL_CLUSTER_H
#define REDISTILL_CLUSTER_H

#include "redistill_hot.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RD_CLUSTER_SLOTS 16384
#define RD_CLUSTER_NODES_MOST 1024
#define RD_CLUSTER_ID 40 /* digits of a node's id, which are not terminated here */

/* Strings are copied by rd_server_set_cluster. */
struct rd_cluster_member {
    const char *host; /* an address without brackets, or a name; what clients are told to connect to */
    uint16_t port;
    const char *id;
};

/* Which node each slot is of. */
struct rd_cluster_options {
    const struct rd_cluster_member *nodes;
    size_t node_count;       /* 1..RD_CLUSTER_NODES_MOST */
    const uint16_t *owners;  /* of each of the slots, a number of a node */
    int32_t own;             /* the node that this server is; -1: it is none, and no slot is its own */
    struct rd_cluster_member own_node; /* what it is, or would be */
    uint16_t tls_port;       /* of all nodes, for clients who have come by TLS; 0: the same as for others */
};

/*
 * Before the start: the server is a node of a cluster. Afterwards: of another map, one worker after the other within
 * moments. Keys of slots that it loses are removed between commands; where one comes back before that is done, its keys
 * have to wait (TRYAGAIN). Any thread; waits for a leaf lock only. RD_ERR_STATE: the server was started without a map.
 */
RD_MUST_USE enum rd_status rd_server_set_cluster(struct rd_server *server, const struct rd_cluster_options *options);

#ifdef __cplusplus
}
#endif

#endif
