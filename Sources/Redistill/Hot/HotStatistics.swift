package import CRedistillHot

/// A snapshot of the hot path's counters; stands for `rd_statistics`.
package typealias HotStatistics = rd_statistics

extension HotStatistics {
    /// One of the counters.
    typealias Counter = any KeyPath<HotStatistics, UInt64> & Sendable

    /// Why connections are refused, named as INFO, `/health` and `/metrics` name it, and the counter of each reason.
    static let rejections: [(reason: String, count: Counter)] = [
        ("max_connections", \.rejected_max_connections),
        ("rate", \.rejected_rate),
        ("rate_per_address", \.rejected_rate_address),
        ("protected_mode", \.rejected_protected_mode),
        ("no_descriptors", \.rejected_no_descriptors),
        ("tls_handshake_limit", \.rejected_handshakes),
        ("tls_on_plain_port", \.rejected_tls_on_plain),
        ("plain_on_tls_port", \.rejected_plain_on_tls),
        ("http", \.attacks),
        ("proxy_header", \.rejected_proxy_header),
        ("no_proxy_header", \.rejected_no_proxy_header),
        ("health_max_connections", \.rejected_http),
    ]

    /// Why the server closes connections, likewise.
    static let closings: [(reason: String, count: Counter)] = [
        ("idle", \.closed_idle),
        ("output_limit", \.closed_output_limit),
        ("query_limit", \.closed_query_limit),
        ("auth_timeout", \.closed_auth_timeout),
        ("protocol_error", \.closed_protocol_error),
        ("client_memory", \.evicted_clients),
        ("unauthenticated_memory", \.closed_strangers),
        ("health_timeout", \.closed_http_timeout),
    ]

    /// Connections that were refused, for whatever reason.
    package var rejectedConnections: UInt64 { Self.rejections.reduce(0) { $0 + self[keyPath: $1.count] } }

    /// Lookups that found their key, from 0 to 1, or nil before the first lookup.
    package var hitRatio: Double? {
        let lookups = keyspace_hits + keyspace_misses
        return lookups == 0 ? nil : Double(keyspace_hits) / Double(lookups)
    }
}
