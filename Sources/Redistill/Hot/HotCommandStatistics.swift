internal import CRedistillHot

/// What is known of one command; stands for `rd_command_statistics` and its buckets of latency.
package struct HotCommandStatistics: Sendable, Equatable {
    /// "get", "client|kill".
    package let name: String
    package let calls: UInt64
    /// Calls that replied with an error.
    package let failed: UInt64
    /// Refused before they were called.
    package let rejected: UInt64
    package let nanoseconds: UInt64
    /// Calls by bucket; empty when there are none.
    package let latency: [UInt64]

    package init(
        name: String, calls: UInt64, failed: UInt64 = 0, rejected: UInt64 = 0, nanoseconds: UInt64 = 0,
        latency: [UInt64] = []
    ) {
        self.name = name
        self.calls = calls
        self.failed = failed
        self.rejected = rejected
        self.nanoseconds = nanoseconds
        self.latency = latency
    }

    /// Where a bucket of latency ends, in nanoseconds, itself not included; stands for `rd_latency_bucket_end`.
    static func end(ofBucket bucket: Int) -> UInt64 { rd_latency_bucket_end(bucket) }

    /// The time that a share of the calls did not exceed, in nanoseconds, or nil without calls.
    package func percentile(_ share: Double) -> UInt64? {
        let all = latency.reduce(0, +)
        guard all > 0 else { return nil }
        var seen: UInt64 = 0
        for (bucket, count) in latency.enumerated() {
            seen += count
            if Double(seen) >= share * Double(all) { return Self.end(ofBucket: bucket) }
        }
        return nil
    }

    /// How many calls took less than some nanoseconds, which must be where a bucket ends.
    package func calls(below nanoseconds: UInt64) -> UInt64 {
        latency.enumerated().reduce(0) { $0 + (Self.end(ofBucket: $1.offset) <= nanoseconds ? $1.element : 0) }
    }
}

extension HotControl {
    /// Commands that were called or refused; stands for `rd_server_command_statistics`.
    package func commandStatistics() -> [HotCommandStatistics] {
        withServer { server in
            var all: [HotCommandStatistics] = []
            var one = rd_command_statistics()
            var latency = [UInt64](repeating: 0, count: Int(RD_LATENCY_BUCKETS))
            for number in 0... {
                guard rd_server_command_statistics(server, number, &one, &latency) else { break }
                guard one.calls > 0 || one.rejected > 0 else { continue }
                all.append(
                    HotCommandStatistics(
                        name: String(cString: one.name), calls: one.calls, failed: one.failed, rejected: one.rejected,
                        nanoseconds: one.total_ns, latency: latency))
            }
            return all
        } ?? []
    }
}
