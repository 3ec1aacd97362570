package import CRedistillHot

/// A snapshot of the hot path's counters; stands for `rd_statistics`.
package typealias HotStatistics = rd_statistics

extension HotStatistics {
    /// Connections that were refused, for whatever reason.
    package var rejectedConnections: UInt64 {
        rejected_max_connections + rejected_rate + rejected_protected_mode + rejected_no_descriptors
    }

    /// Lookups that found their key, from 0 to 1, or nil before the first lookup.
    package var hitRatio: Double? {
        let lookups = keyspace_hits + keyspace_misses
        return lookups == 0 ? nil : Double(keyspace_hits) / Double(lookups)
    }

    /// The mean time to live of keys that have one, in milliseconds.
    package var averageTimeToLive: UInt64 {
        keys_with_ttl == 0 ? 0 : ttl_sum_ms / keys_with_ttl
    }
}
