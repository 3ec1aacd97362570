internal import CRedistillHot

/// How often an error code was replied; stands for `rd_error_count`.
package struct HotErrorCount: Sendable, Equatable {
    package let code: String
    package let replies: UInt64

    package init(code: String, replies: UInt64) {
        self.code = code
        self.replies = replies
    }
}

extension HotControl {
    /// Error replies by code, in the order of their codes; stands for `rd_server_error_counts`.
    package func errorCounts() -> [HotErrorCount] {
        withServer { server in
            var counts = [rd_error_count](repeating: rd_error_count(), count: 64)
            let count = rd_server_error_counts(server, &counts, counts.count)
            return counts.prefix(count).map {
                HotErrorCount(code: String(arrayOfC: $0.code), replies: $0.replies)
            }.sorted { $0.code < $1.code }
        } ?? []
    }
}
