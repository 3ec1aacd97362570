/*
 * This file owns the commands on the cluster. Its map is static, made by the control plane of a list that every node has
 * (connection/cluster.h): they tell of it, and change nothing.
 */
#include <stdio.h>
#include <string.h>

#include "call/handler.h"

/* The map that the client is served by; NULL: there is none, and that has been replied. */
static const struct rd_cluster *map_of(struct rd_call *call) {
    const struct rd_cluster *cluster = call->loop->cluster;
    if (!cluster) rd_reply_fail(call->reply, RD_NO_CLUSTER);
    return cluster;
}

/* The slot behind the last one that has the same node. */
static uint32_t end_of_range(const struct rd_cluster *cluster, uint32_t slot) {
    uint16_t owner = cluster->owners[slot];
    while (slot < RD_SLOTS && cluster->owners[slot] == owner) slot++;
    return slot;
}

/* Is it an address rather than a name? */
static bool is_address(const char *host) {
    return strchr(host, ':') != NULL || strspn(host, "0123456789.") == strlen(host);
}

static unsigned port_for(const struct rd_call *call, const struct rd_cluster_node *node) {
    return rd_cluster_port(call->loop->cluster, node, call->conn->tls != NULL);
}

/* https://redis.io/docs/latest/commands/cluster-slots/ */
static void cmd_slots(struct rd_call *call) {
    const struct rd_cluster *cluster = map_of(call);
    if (!cluster) return;
    struct rd_reply *reply = call->reply;
    size_t from = reply->length, count = 0;
    for (uint32_t first = 0, end; first < RD_SLOTS; first = end, count++) {
        const struct rd_cluster_node *node = &cluster->nodes[cluster->owners[first]];
        end = end_of_range(cluster, first);
        rd_reply_array(reply, 3);
        rd_reply_integer(reply, first);
        rd_reply_integer(reply, end - 1);
        rd_reply_array(reply, 4);
        rd_reply_text(reply, node->host);
        rd_reply_integer(reply, port_for(call, node));
        rd_reply_text(reply, node->id);
        rd_reply_map(reply, 0);
    }
    rd_reply_array_at(reply, from, count);
}

static void reply_node_of_shard(const struct rd_call *call, const struct rd_cluster_node *node) {
    const struct rd_cluster *cluster = call->loop->cluster;
    struct rd_reply *reply = call->reply;
    bool has_name = !is_address(node->host), has_tls = cluster->tls_port != 0;
    rd_reply_map(reply, (size_t)7 + has_name + has_tls);
    rd_reply_text(reply, "id");
    rd_reply_text(reply, node->id);
    rd_reply_field(reply, "port", node->port);
    if (has_tls) rd_reply_field(reply, "tls-port", cluster->tls_port);
    rd_reply_text(reply, "ip");
    rd_reply_text(reply, node->host);
    rd_reply_text(reply, "endpoint");
    rd_reply_text(reply, node->host);
    if (has_name) {
        rd_reply_text(reply, "hostname");
        rd_reply_text(reply, node->host);
    }
    rd_reply_text(reply, "role");
    rd_reply_text(reply, "master");
    rd_reply_field(reply, "replication-offset", 0);
    rd_reply_text(reply, "health");
    rd_reply_text(reply, "online");
}

/* https://redis.io/docs/latest/commands/cluster-shards/ */
static void cmd_shards(struct rd_call *call) {
    const struct rd_cluster *cluster = map_of(call);
    if (!cluster) return;
    struct rd_reply *reply = call->reply;
    rd_reply_array(reply, cluster->node_count);
    for (uint32_t i = 0; i < cluster->node_count; i++) {
        const struct rd_cluster_node *node = &cluster->nodes[i];
        rd_reply_map(reply, 2);
        rd_reply_text(reply, "slots");
        rd_reply_array(reply, (size_t)node->range_count * 2);
        for (uint32_t j = 0; j < node->range_count; j++) {
            rd_reply_integer(reply, node->ranges[j].first);
            rd_reply_integer(reply, node->ranges[j].last);
        }
        rd_reply_text(reply, "nodes");
        rd_reply_array(reply, 1);
        reply_node_of_shard(call, node);
    }
}

/*
 * A line of CLUSTER NODES: as Redis's, with the port of a bus that there is none of as 0. `number` is that of the node, and
 * -1 of a server that the map does not have.
 */
static void write_node(const struct rd_call *call, struct rd_reply *text, const struct rd_cluster_node *node, int32_t number) {
    char part[128];
    bool has_name = !is_address(node->host);
    rd_reply_raw(text, node->id, RD_CLUSTER_ID);
    rd_reply_literal(text, " ");
    rd_reply_raw(text, node->host, strlen(node->host));
    int length = snprintf(part, sizeof part, ":%u@0%s", port_for(call, node), has_name ? "," : "");
    rd_reply_raw(text, part, (size_t)length);
    if (has_name) rd_reply_raw(text, node->host, strlen(node->host));
    length = snprintf(part, sizeof part, " %s - 0 0 %d connected",
                      number == call->loop->cluster->own ? "myself,master" : "master", number + 1);
    rd_reply_raw(text, part, (size_t)length);
    for (uint32_t i = 0; i < node->range_count; i++) {
        const struct rd_slot_range *range = &node->ranges[i];
        if (range->first == range->last) length = snprintf(part, sizeof part, " %u", range->first);
        else length = snprintf(part, sizeof part, " %u-%u", range->first, range->last);
        rd_reply_raw(text, part, (size_t)length);
    }
    rd_reply_literal(text, "\n");
}

/* https://redis.io/docs/latest/commands/cluster-nodes/ */
static void cmd_nodes(struct rd_call *call) {
    const struct rd_cluster *cluster = map_of(call);
    if (!cluster) return;
    struct rd_reply text = {0}; /* only a buffer: the length has to be known first */
    if (cluster->own < 0) write_node(call, &text, &cluster->self, -1);
    for (uint32_t i = 0; i < cluster->node_count; i++) write_node(call, &text, &cluster->nodes[i], (int32_t)i);
    if (text.failed) rd_reply_oom(call->reply);
    else rd_reply_verbatim(call->reply, text.bytes, text.length);
    rd_reply_free(&text);
}

/* https://redis.io/docs/latest/commands/cluster-info/ */
static void cmd_info(struct rd_call *call) {
    const struct rd_cluster *cluster = map_of(call);
    if (!cluster) return;
    char text[512];
    unsigned known = cluster->node_count + (cluster->own < 0);
    int length = snprintf(text, sizeof text,
                          "cluster_state:ok\r\ncluster_slots_assigned:%d\r\ncluster_slots_ok:%d\r\n"
                          "cluster_slots_pfail:0\r\ncluster_slots_fail:0\r\ncluster_known_nodes:%u\r\ncluster_size:%u\r\n"
                          "cluster_current_epoch:%u\r\ncluster_my_epoch:%d\r\ncluster_stats_messages_sent:0\r\n"
                          "cluster_stats_messages_received:0\r\ntotal_cluster_links_buffer_limit_exceeded:0\r\n",
                          RD_SLOTS, RD_SLOTS, known, cluster->node_count, cluster->node_count, cluster->own + 1);
    rd_reply_verbatim(call->reply, text, (size_t)length);
}

/* https://redis.io/docs/latest/commands/cluster-myid/ and cluster-myshardid: a shard is one node here. */
static void cmd_myid(struct rd_call *call) {
    const struct rd_cluster *cluster = map_of(call);
    if (cluster) rd_reply_text(call->reply, cluster->self.id);
}

/* https://redis.io/docs/latest/commands/cluster-keyslot/ */
static void cmd_keyslot(struct rd_call *call) {
    if (map_of(call)) rd_reply_integer(call->reply, rd_slot_of(call->argv[2]));
}

/* https://redis.io/docs/latest/commands/cluster-links/ : nodes do not talk to each other. */
static void cmd_links(struct rd_call *call) {
    if (map_of(call)) rd_reply_array(call->reply, 0);
}

/* Is there a node of this id? If not, that has been replied. */
static bool knows_node(struct rd_call *call) {
    const struct rd_cluster *cluster = map_of(call);
    if (!cluster) return false;
    struct rd_slice id = call->argv[2];
    for (uint32_t i = 0; i < cluster->node_count; i++) {
        if (id.length == RD_CLUSTER_ID && memcmp(cluster->nodes[i].id, id.bytes, id.length) == 0) return true;
    }
    rd_reply_format_error(call->reply, "ERR Unknown node %.*s", rd_reply_shown(id), id.bytes);
    return false;
}

/* https://redis.io/docs/latest/commands/cluster-replicas/ and cluster-slaves */
static void cmd_replicas(struct rd_call *call) {
    if (knows_node(call)) rd_reply_array(call->reply, 0);
}

/* https://redis.io/docs/latest/commands/cluster-count-failure-reports/ */
static void cmd_count_failure_reports(struct rd_call *call) {
    if (knows_node(call)) rd_reply_integer(call->reply, 0);
}

/* CLUSTER MEET, and what else would change the map. */
static void cmd_change(struct rd_call *call) {
    if (!map_of(call)) return;
    rd_reply_fail(call->reply, "ERR The map of this cluster is static: nodes of [cluster] in the configuration, which is to be "
                               "the same on every node. Change it there, and reload");
}

/* https://redis.io/docs/latest/commands/readonly/ and readwrite: there is nothing that they would change. */
static void cmd_mode(struct rd_call *call) {
    if (map_of(call)) rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/asking/ */
static void cmd_asking(struct rd_call *call) {
    if (!map_of(call)) return;
    call->conn->asking = true;
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/cluster-help/ */
static void cmd_help(struct rd_call *call) {
    static const char *const lines[] = {
        "CLUSTER <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "COUNTKEYSINSLOT <slot>",
        "    Return the number of keys in <slot>; looks at every key.",
        "GETKEYSINSLOT <slot> <count>",
        "    Return key names stored by current node in a slot; may look at every key.",
        "INFO",
        "    Return information about the cluster.",
        "KEYSLOT <key>",
        "    Return the hash slot for <key>.",
        "MYID",
        "    Return the node id.",
        "MYSHARDID",
        "    Return the node's shard id, which is the same.",
        "NODES",
        "    Return cluster configuration seen by node. Output format:",
        "    <id> <ip:port@bus-port[,hostname]> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
        "SLOTS",
        "    Return information about slots range mappings. Each range is made of:",
        "    start, end, master IP address, port and id",
        "SHARDS",
        "    Return information about slot range mappings and the nodes associated with them.",
        "HELP",
        "    Print this help.",
    };
    if (map_of(call)) rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

#define CHANGE (RD_CMD_ADMIN | RD_CMD_STALE | RD_CMD_DANGEROUS)
#define MODE (RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_CONNECTION)
#define REFUSED "Refused: the map of the cluster is static."

const struct rd_command rd_cluster_commands[] = {
    {"asking", 1, RD_CMD_FAST | RD_CMD_CONNECTION, 0, 0, 0, cmd_asking,
     RD_DOCS("Signals that a cluster client is following an -ASK redirect.", "3.0.0", "cluster", "O(1)", .syntax = "")},
    {"cluster", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for Redis Cluster commands.", "3.0.0", "cluster", "Depends on subcommand.")},
    {"cluster|addslots", -3, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "slot:integer ...", .also = "no_async_loading")},
    {"cluster|addslotsrange", -4, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "7.0.0", "cluster", "O(1)", .syntax = "range{start-slot:integer end-slot:integer} ...",
             .also = "no_async_loading")},
    {"cluster|bumpepoch", 2, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "", .tips = "nondeterministic_output",
             .also = "no_async_loading")},
    {"cluster|count-failure-reports", 3, CHANGE, 0, 0, 0, cmd_count_failure_reports,
     RD_DOCS("Returns the number of active failure reports active for a node: none.", "3.0.0", "cluster", "O(N) where N is the "
             "number of nodes", .syntax = "node-id", .tips = "nondeterministic_output")},
    {"cluster|delslots", -3, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "slot:integer ...", .also = "no_async_loading")},
    {"cluster|delslotsrange", -4, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "7.0.0", "cluster", "O(1)", .syntax = "range{start-slot:integer end-slot:integer} ...",
             .also = "no_async_loading")},
    {"cluster|failover", -2, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "[options(FORCE|TAKEOVER)]", .also = "no_async_loading")},
    {"cluster|flushslots", 2, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "", .also = "no_async_loading")},
    {"cluster|forget", 3, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "node-id", .also = "no_async_loading")},
    {"cluster|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "5.0.0", "cluster", "O(1)", .syntax = "")},
    {"cluster|info", 2, RD_CMD_STALE, 0, 0, 0, cmd_info,
     RD_DOCS("Returns information about the state of a node.", "3.0.0", "cluster", "O(1)", .syntax = "",
             .tips = "nondeterministic_output")},
    {"cluster|keyslot", 3, RD_CMD_STALE, 0, 0, 0, cmd_keyslot,
     RD_DOCS("Returns the hash slot for a key.", "3.0.0", "cluster", "O(N) where N is the number of bytes in the key",
             .syntax = "key:string")},
    {"cluster|links", 2, RD_CMD_STALE, 0, 0, 0, cmd_links,
     RD_DOCS("Returns a list of all TCP links to and from peer nodes: none.", "7.0.0", "cluster", "O(1)", .syntax = "",
             .tips = "nondeterministic_output")},
    {"cluster|meet", -4, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "ip port:integer [cluster-bus-port:integer@4.0.0]",
             .history = "4.0.0 Added the optional `cluster_bus_port` argument.", .also = "no_async_loading")},
    {"cluster|myid", 2, RD_CMD_STALE, 0, 0, 0, cmd_myid,
     RD_DOCS("Returns the ID of a node.", "3.0.0", "cluster", "O(1)", .syntax = "")},
    {"cluster|myshardid", 2, RD_CMD_STALE, 0, 0, 0, cmd_myid,
     RD_DOCS("Returns the shard ID of a node, which is its ID.", "7.2.0", "cluster", "O(1)", .syntax = "",
             .tips = "nondeterministic_output")},
    {"cluster|nodes", 2, RD_CMD_STALE, 0, 0, 0, cmd_nodes,
     RD_DOCS("Returns the cluster configuration for a node.", "3.0.0", "cluster", "O(N) where N is the number of slots",
             .syntax = "", .tips = "nondeterministic_output")},
    {"cluster|replicas", 3, CHANGE, 0, 0, 0, cmd_replicas,
     RD_DOCS("Lists the replica nodes of a master node: none.", "5.0.0", "cluster", "O(N) where N is the number of nodes",
             .syntax = "node-id", .tips = "nondeterministic_output")},
    {"cluster|replicate", 3, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "node-id", .also = "no_async_loading")},
    {"cluster|reset", -2, CHANGE | RD_CMD_NOSCRIPT, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "[reset-type(HARD|SOFT)]")},
    {"cluster|saveconfig", 2, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "", .also = "no_async_loading")},
    {"cluster|set-config-epoch", 3, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)", .syntax = "config-epoch:integer", .also = "no_async_loading")},
    {"cluster|setslot", -4, CHANGE, 0, 0, 0, cmd_change,
     RD_DOCS(REFUSED, "3.0.0", "cluster", "O(1)",
             .syntax = "slot:integer subcommand(IMPORTING importing|MIGRATING migrating|NODE node|STABLE)",
             .also = "no_async_loading")},
    {"cluster|shards", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_shards,
     RD_DOCS("Returns the mapping of cluster slots to shards.", "7.0.0", "cluster", "O(N) where N is the number of slots",
             .syntax = "", .tips = "nondeterministic_output")},
    {"cluster|slaves", 3, CHANGE, 0, 0, 0, cmd_replicas,
     RD_DOCS("Lists the replica nodes of a master node: none.", "3.0.0", "cluster", "O(N) where N is the number of nodes",
             .syntax = "node-id", .deprecated = "5.0.0 `CLUSTER REPLICAS`", .tips = "nondeterministic_output")},
    {"cluster|slots", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_slots,
     RD_DOCS("Returns the mapping of cluster slots to nodes.", "3.0.0", "cluster", "O(N) where N is the number of slots",
             .syntax = "", .history = "4.0.0 Added node IDs.\n7.0.0 Added additional networking metadata field.",
             .deprecated = "7.0.0 `CLUSTER SHARDS`", .tips = "nondeterministic_output")},
    {"readonly", 1, MODE, 0, 0, 0, cmd_mode,
     RD_DOCS("Changes nothing: there are no replicas.", "3.0.0", "cluster", "O(1)", .syntax = "")},
    {"readwrite", 1, MODE, 0, 0, 0, cmd_mode,
     RD_DOCS("Changes nothing: there are no replicas.", "3.0.0", "cluster", "O(1)", .syntax = "")},
    RD_END_OF_COMMANDS,
};
