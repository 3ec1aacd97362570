/// What a server told at one time.
package struct TopSnapshot: Sendable, Equatable {
    /// Its clients, or why they are not listed.
    package enum Clients: Sendable, Equatable {
        case listed([ClientLine])
        case unlisted(because: String)
    }

    /// Of the monotonic clock, in microseconds.
    package let taken: Int64
    package let info: ServerInfo
    /// By command; empty where the server has none.
    package let histograms: [String: LatencyHistogram]
    package let clients: Clients
    package let hotKeys: HotKeyList

    package init(
        taken: Int64, info: ServerInfo, histograms: [String: LatencyHistogram] = [:], clients: Clients = .listed([]),
        hotKeys: HotKeyList = .unknown
    ) {
        self.taken = taken
        self.info = info
        self.histograms = histograms
        self.clients = clients
        self.hotKeys = hotKeys
    }
}
