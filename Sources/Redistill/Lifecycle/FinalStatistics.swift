internal import CRedistillHot
internal import Logging

/// The figures of the last log line.
enum FinalStatistics {
    static func metadata(of snapshot: InfoSnapshot) -> Logger.Metadata {
        let statistics = snapshot.statistics
        return [
            "uptime_seconds": .stringConvertible(snapshot.uptimeSeconds),
            "connections": .stringConvertible(statistics.connections_received),
            "rejected": .stringConvertible(statistics.rejectedConnections),
            "commands": .stringConvertible(statistics.commands_processed),
            "keys": .stringConvertible(statistics.keys),
            "hits": .stringConvertible(statistics.keyspace_hits),
            "misses": .stringConvertible(statistics.keyspace_misses),
            "expired": .stringConvertible(statistics.expired),
            "evicted": .stringConvertible(statistics.evicted),
            "memory_peak": .stringConvertible(statistics.memory_peak),
            "bytes_in": .stringConvertible(statistics.bytes_in),
            "bytes_out": .stringConvertible(statistics.bytes_out),
        ]
    }
}
