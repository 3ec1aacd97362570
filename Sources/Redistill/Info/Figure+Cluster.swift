internal import CRedistillHot

/// Figures of a node of a cluster.
extension Figure {
    static let cluster: [Figure] = [
        Figure(.server, "redis_mode") { $0.configuration.isClustered ? "cluster" : "standalone" },
        Figure(.cluster, "cluster_enabled") { $0.configuration.isClustered ? "1" : "0" },
        Figure(
            .cluster, "cluster_own_slots",
            .gauge("redistill_cluster_own_slots", "Slots of the cluster that are this node's.")
        ) { whereClustered($0, \.own_slots) },
        Figure(
            .cluster, "cluster_stray_slots",
            .gauge("redistill_cluster_stray_slots", "Slots that another node has now and whose keys are being removed.")
        ) { whereClustered($0, \.stray_slots) },
        Figure(
            .cluster, "cluster_strays_removed",
            .counter(
                "redistill_cluster_strays_removed_total", "Keys removed because another node has their slot now.")
        ) { whereClustered($0, \.strays_removed) },
    ]

    private static func whereClustered(_ snapshot: InfoSnapshot, _ counter: HotStatistics.Counter) -> String? {
        snapshot.configuration.isClustered ? String(snapshot.statistics[keyPath: counter]) : nil
    }
}
