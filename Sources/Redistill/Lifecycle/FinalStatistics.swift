internal import CRedistillHot
internal import Logging

/// The figures of the last log line.
enum FinalStatistics {
    static func metadata(of snapshot: InfoSnapshot) -> Logger.Metadata {
        let statistics = snapshot.statistics
        return [
            "uptime_seconds": "\(snapshot.uptimeSeconds)",
            "connections": "\(statistics.connections_received)",
            "rejected": "\(statistics.rejectedConnections)",
            "commands": "\(statistics.commands_processed)",
            "keys": "\(statistics.keys)",
            "hits": "\(statistics.keyspace_hits)",
            "misses": "\(statistics.keyspace_misses)",
            "expired": "\(statistics.expired)",
            "evicted": "\(statistics.evicted)",
            "memory_peak": "\(statistics.memory_peak)",
            "bytes_in": "\(statistics.bytes_in)",
            "bytes_out": "\(statistics.bytes_out)",
        ]
    }
}
