internal import CRedistillHot

/// The body of `/health`.
package enum HealthBody {
    static func answer(_ snapshot: InfoSnapshot) -> HTTPAnswer {
        .json(snapshot.readiness == .ready ? 200 : 503, text(of: snapshot))
    }

    /// One JSON object.
    package static func text(of snapshot: InfoSnapshot) -> String {
        let statistics = snapshot.statistics
        let rejected = JSONText.object(HotStatistics.rejections.map { ($0.reason, String(statistics[keyPath: $0.count])) })
        return JSONText.object([
            ("status", JSONText.quote(snapshot.readiness == .ready ? "ok" : snapshot.readiness.rawValue)),
            ("version", JSONText.quote(Version.redistill)),
            ("redis_version", JSONText.quote(Version.redis)),
            ("uptime_seconds", String(snapshot.uptimeSeconds)),
            ("connections_total", String(statistics.connections_received)),
            ("connections_active", String(statistics.connections_active)),
            ("connections_rejected", rejected),
            ("commands_processed", String(statistics.commands_processed)),
            ("commands_per_second", Decimal.text(snapshot.rates.commands, places: 1)),
            ("keys", String(statistics.keys)),
            ("memory_used_bytes", String(statistics.memory_used)),
            ("memory_resident_bytes", String(snapshot.residentBytes)),
            ("memory_limit_bytes", String(snapshot.configuration.integer(.maxMemory))),
            ("eviction_policy", JSONText.quote(snapshot.configuration.text(.evictionPolicy))),
            ("evicted_keys", String(statistics.evicted)),
            ("expired_keys", String(statistics.expired)),
            ("keyspace_hits", String(statistics.keyspace_hits)),
            ("keyspace_misses", String(statistics.keyspace_misses)),
            ("hit_ratio", statistics.hitRatio.map { Decimal.text($0, places: 4) } ?? "null"),
            ("tls_certificate_days_left", snapshot.certificateDays.map { String($0) } ?? "null"),
        ])
    }
}
