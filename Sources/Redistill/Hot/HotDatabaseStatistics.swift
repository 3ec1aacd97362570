internal import CRedistillHot

/// What one database holds; stands for `rd_database_statistics`.
package struct HotDatabaseStatistics: Sendable {
    package var number: Int
    package var keys: UInt64
    package var keysWithTimeToLive: UInt64
    /// Hashes of which a field has one.
    package var hashesWithTimeToLive: UInt64
    /// The mean time to live of keys that have one, in milliseconds.
    package var averageTimeToLive: UInt64
    /// Of one that has a share of the memory limit.
    package var share: Share?

    /// What a database with a share holds and may hold, in bytes, and how many of its keys had to go.
    package struct Share: Sendable {
        package let held: UInt64
        package let most: UInt64
        package let evicted: UInt64
    }

    package init(
        number: Int, keys: UInt64, keysWithTimeToLive: UInt64, hashesWithTimeToLive: UInt64,
        averageTimeToLive: UInt64, share: Share? = nil
    ) {
        self.share = share
        self.number = number
        self.keys = keys
        self.keysWithTimeToLive = keysWithTimeToLive
        self.hashesWithTimeToLive = hashesWithTimeToLive
        self.averageTimeToLive = averageTimeToLive
    }
}

extension HotControl {
    /// Every database, by number; none when the server has gone. Stands for `rd_server_database_statistics`.
    package func databaseStatistics() -> [HotDatabaseStatistics] {
        withServer { server in
            var databases: [HotDatabaseStatistics] = []
            var one = rd_database_statistics()
            while rd_server_database_statistics(server, UInt32(databases.count), &one) {
                let average = one.keys_with_ttl == 0 ? 0 : one.ttl_sum_ms / one.keys_with_ttl
                databases.append(
                    HotDatabaseStatistics(
                        number: databases.count, keys: one.keys, keysWithTimeToLive: one.keys_with_ttl,
                        hashesWithTimeToLive: one.hashes_with_ttl, averageTimeToLive: average,
                        share: one.memory_share == 0
                            ? nil : .init(held: one.memory_held, most: one.memory_share, evicted: one.evicted)))
            }
            return databases
        } ?? []
    }
}
