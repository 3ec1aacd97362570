extension ConfigurationTable {
    /// The keys of `[cluster]`.
    static let cluster: [ConfigurationKey] = [
        ConfigurationKey(
            .clusterNodes, in: .cluster, .nodes, default: .list([]), .atOnce, former: ["nodes"],
            help: """
                All nodes of a cluster, this daemon too, the same on each: clients of Redis Cluster find the node of a \
                key by themselves. The map of slots follows from the list alone, in whichever order. It can be changed \
                while the daemon runs, but not from none to some or to none. The file calls this key "nodes", too. See \
                docs/cluster-map.md.
                """),
        ConfigurationKey(
            .clusterSelf, in: .cluster, .node, default: .text(""), .atOnce, former: ["self"],
            help: """
                The one of cluster_nodes that this daemon is; empty: the one whose port is port or tls_port, and whose \
                address is one of bind or of this machine. The file calls this key "self", too.
                """),
        ConfigurationKey(
            .clusterTLSPort, in: .cluster, .integer(0...65_535), default: .integer(0), .atOnce, former: ["tls_port"],
            help: """
                The port of every node that clients who have come by TLS are told of; 0 for the one of cluster_nodes. The \
                file calls this key "tls_port", too.
                """),
    ]
}
