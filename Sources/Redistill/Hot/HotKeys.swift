internal import CRedistillHot

/// What HOTKEYS has found since it was started; stands for `rd_hot_search`.
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
    /// At most so many by time and as many by bytes; nil: there was no search. Stands for `rd_server_hot_keys`.
    package func hotKeys(atMost count: Int) -> HotKeys? {
        withServer { server in
            var search = rd_hot_search()
            var byTime = [rd_key_weight](repeating: rd_key_weight(), count: count), byBytes = byTime
            guard rd_server_hot_keys(server, &search, &byTime, &byBytes, count) else { return nil }
            return HotKeys(
                isActive: search.active, milliseconds: search.duration_ms,
                byTime: .init(total: search.totals.0, keys: byTime.prefix(Int(search.counts.0)).map(HotKeys.Heavy.init)),
                byBytes: .init(total: search.totals.1, keys: byBytes.prefix(Int(search.counts.1)).map(HotKeys.Heavy.init)))
        } ?? nil
    }
}

extension HotKeys.Heavy {
    fileprivate init(_ one: rd_key_weight) {
        weight = one.weight
        key = withUnsafeBytes(of: one.key) { ByteText($0.prefix(one.key_length)) }
    }
}
