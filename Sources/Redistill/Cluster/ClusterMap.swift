/// Which node each slot of a cluster is of, and which of the nodes this daemon is.
package struct ClusterMap: Sendable, Equatable {
    package static let slots = 16_384
    package static let mostNodes = 1024

    /// In the order of their texts, whatever that of the configuration.
    package let nodes: [ClusterNode]
    /// Of each slot, the place of its node among these.
    package let owners: [UInt16]
    /// What this daemon is, or would be.
    package let own: ClusterNode
    /// The port that clients who have come by TLS are told of, for all nodes; 0 for the same as others.
    package let tlsPort: UInt16

    package init(nodes: [ClusterNode], own: ClusterNode, tlsPort: UInt16 = 0) {
        self.nodes = nodes.sorted { $0.text < $1.text }
        self.own = own
        self.tlsPort = tlsPort
        owners = SlotDeal.owners(ids: self.nodes.map(\.id)).flatMap { owner in
            Array(repeating: owner, count: SlotDeal.slotsInRange)
        }
    }

    /// Nil where there is no cluster.
    package init?(_ configuration: Configuration) {
        guard configuration.isClustered, let own = configuration.ownNode else { return nil }
        self.init(
            nodes: configuration.list(.clusterNodes).compactMap(ClusterNode.init), own: own,
            tlsPort: UInt16(configuration.integer(.clusterTLSPort)))
    }

    /// This daemon's place among the nodes, or nil where it is none: no slot is its own then.
    package var ownPlace: Int? { nodes.firstIndex(of: own) }

    /// The slots that this daemon serves.
    package var ownSlots: Set<Int> {
        guard let place = ownPlace else { return [] }
        return Set(owners.indices.filter { owners[$0] == UInt16(place) })
    }
}

extension Configuration {
    /// Whether this daemon is a node of a cluster.
    package var isClustered: Bool { !list(.clusterNodes).isEmpty }

    /// The node that this daemon is: the one that is written, or else the one that was found at the start.
    package var ownNode: ClusterNode? { ClusterNode(text(.clusterSelf)) ?? foundNode }
}
