/// Finds out which node of the map this daemon is, where the configuration does not say.
enum ClusterSelf {
    /// Why it can't be told.
    struct Problem: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The node whose port is this daemon's, and whose address is one that it listens on; where it listens on all of them,
    /// one of this machine's.
    ///
    /// - Parameter isOfThisMachine: Whether an address, or what a name stands for, is one.
    /// - Returns: Nil where there is no cluster, or the configuration says which.
    static func find(
        in configuration: Configuration,
        isOfThisMachine: (String) -> Bool = { AddressProbe.problem(with: $0) == nil }
    ) throws(Problem) -> ClusterNode? {
        guard configuration.isClustered, configuration.text(.clusterSelf).isEmpty else { return nil }
        let ports = [KeyName.port, .tlsPort].map { configuration.integer($0) }.filter { $0 > 0 }
        let addresses = configuration.list(.bind).map(HotEndpoint.bare)
        let nodes = configuration.list(.clusterNodes).compactMap(ClusterNode.init)
        let sharePort = nodes.filter { ports.contains(Int64($0.port)) }
        let listenedOn = sharePort.filter { addresses.contains($0.host) }
        let found = listenedOn.count == 1 ? listenedOn : sharePort.filter { isOfThisMachine($0.host) }
        guard found.count <= 1 else {
            throw Problem(
                description: "\(found.map(\.text).joined(separator: " and ")) may both be this daemon; write the one that it is")
        }
        guard let node = found.first else {
            throw Problem(
                description: "no node of cluster_nodes has the port \(ports.map(String.init).joined(separator: " or ")) and an "
                    + "address of this machine; write the one that this daemon is")
        }
        return node
    }
}
