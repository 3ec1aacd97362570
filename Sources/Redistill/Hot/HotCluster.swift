internal import CRedistillHot

extension HotControl {
    /// The server is a node of this cluster from now on; stands for `rd_server_set_cluster`.
    package func setCluster(_ map: ClusterMap) throws(HotError) {
        guard let status = withServer({ Self.set(map, of: $0) }) else { throw .stopped }
        try HotError.check(status)
    }

    private static func set(_ map: ClusterMap, of server: OpaquePointer) -> rd_status {
        withMembers(map.nodes + [map.own]) { members in
            map.owners.withUnsafeBufferPointer { owners in
                var options = rd_cluster_options()
                options.nodes = members.baseAddress
                options.node_count = map.nodes.count
                options.owners = owners.baseAddress
                options.own = Int32(map.ownPlace ?? -1)
                options.own_node = members[map.nodes.count]
                options.tls_port = map.tlsPort
                return rd_server_set_cluster(server, &options)
            }
        }
    }

    /// Lends nodes as C knows them. Their texts lie one behind the other, each with its end.
    private static func withMembers<Result>(
        _ nodes: [ClusterNode], _ body: (UnsafeBufferPointer<rd_cluster_member>) -> Result
    ) -> Result {
        var texts: [CChar] = []
        var places: [(host: Int, id: Int)] = []
        for node in nodes {
            let host = texts.count
            texts += node.host.utf8CString
            places.append((host, texts.count))
            texts += node.id.utf8CString
        }
        return texts.withUnsafeBufferPointer { texts in
            let members = zip(nodes, places).map { node, place in
                rd_cluster_member(
                    host: texts.baseAddress.map { $0 + place.host }, port: node.port,
                    id: texts.baseAddress.map { $0 + place.id })
            }
            return members.withUnsafeBufferPointer(body)
        }
    }
}
