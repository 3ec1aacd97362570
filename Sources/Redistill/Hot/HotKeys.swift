internal import CRedistillHot

/// What HOTKEYS has found since it was started; stands for `rd_hot_keys_told`.
package struct HotKeys: Sendable, Equatable {
    package struct Heavy: Sendable, Equatable {
        /// Its beginning, when it is long.
        package let key: ByteText
        /// At least; nanoseconds, or bytes.
        package let weight: UInt64

        package init(key: ByteText, weight: UInt64) {
            self.key = key
            self.weight = weight
        }
    }
    /// By one of the two.
    package struct Ranking: Sendable, Equatable {
        /// Of all commands with keys.
        package let total: UInt64
        /// The heaviest first.
        package let keys: [Heavy]

        package init(total: UInt64, keys: [Heavy]) {
            self.total = total
            self.keys = keys
        }
    }

    /// The search goes on.
    package let isActive: Bool
    package let milliseconds: Int64
    package let byTime: Ranking
    package let byBytes: Ranking

    package init(isActive: Bool, milliseconds: Int64, byTime: Ranking, byBytes: Ranking) {
        self.isActive = isActive
        self.milliseconds = milliseconds
        self.byTime = byTime
        self.byBytes = byBytes
    }
}

extension HotControl {
    /// Nil: there was no search. Stands for `rd_server_hot_keys`.
    package func hotKeys() -> HotKeys? {
        withServer { server in
            var told = rd_hot_keys_told()
            guard rd_server_hot_keys(server, &told) else { return nil }
            return HotKeys(
                isActive: told.active, milliseconds: told.duration_ms,
                byTime: .init(told.totals.0, told.keys.0, told.counts.0),
                byBytes: .init(told.totals.1, told.keys.1, told.counts.1))
        } ?? nil
    }
}

extension HotKeys.Ranking {
    /// `keys` is an array of C's `rd_key_weight`.
    fileprivate init<Keys>(_ total: UInt64, _ keys: Keys, _ count: UInt32) {
        self.total = total
        self.keys = withUnsafeBytes(of: keys) { bytes in
            bytes.bindMemory(to: rd_key_weight.self).prefix(Int(count)).map { one in
                HotKeys.Heavy(
                    key: withUnsafeBytes(of: one.key) { ByteText($0.prefix(one.key_length)) }, weight: one.weight)
            }
        }
    }
}
