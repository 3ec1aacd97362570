/// Notices when the memory limit begins to be felt, and when it no longer is. Pure: times are handed in, microseconds of
/// a monotonic clock.
package struct MemoryWatch: Sendable {
    /// What is worth a log line.
    package enum Finding: Sendable, Equatable {
        /// The first key was evicted, or the first after a long time.
        case evicts
        /// The first write was refused, or the first after a while.
        case refuses
        /// No write was refused for a while; so many were.
        case refusesNoMore(count: UInt64)
        /// ``InfoSnapshot/isOverMemoryThreshold`` began.
        case notReady
        /// And ended a while ago.
        case readyAgain
    }

    /// What is over for so long, and comes again, is told again.
    static let evictionCalm: Int64 = 600_000_000
    static let refusalCalm: Int64 = 60_000_000
    static let readyCalm: Int64 = 10_000_000
    /// A refused write makes the daemon refuse writes for so long. Longer than the period of a probe, so that none that
    /// comes between two writes sends new clients here.
    static let refusalLasts: Int64 = 10_000_000

    private var evicted: UInt64 = 0
    private var refused: UInt64 = 0
    private var lastEviction: Int64?
    private var lastRefusal: Int64?
    private var lastOver: Int64?
    /// Of the refusals that are not told the end of.
    private var refusedSince: UInt64?
    private var found: [Finding] = []

    package init() {}

    /// Takes counters, which CONFIG RESETSTAT may have set back.
    package mutating func count(evicted: UInt64, refused: UInt64, at now: Int64) {
        if Self.hasGrown(&self.evicted, to: evicted) != nil {
            if Self.isLongAgo(lastEviction, Self.evictionCalm, now) { found.append(.evicts) }
            lastEviction = now
        }
        if let more = Self.hasGrown(&self.refused, to: refused) {
            if refusedSince == nil { found.append(.refuses) }
            refusedSince = (refusedSince ?? 0) + more
            lastRefusal = now
        } else if let count = refusedSince, Self.isLongAgo(lastRefusal, Self.refusalCalm, now) {
            refusedSince = nil
            found.append(.refusesNoMore(count: count))
        }
    }

    /// Whether a write was refused lately.
    package func refusesWrites(at now: Int64) -> Bool { !Self.isLongAgo(lastRefusal, Self.refusalLasts, now) }

    /// What was found since the last time.
    package mutating func findings(isOverThreshold: Bool, at now: Int64) -> [Finding] {
        if isOverThreshold {
            if lastOver == nil { found.append(.notReady) }
            lastOver = now
        } else if lastOver != nil, Self.isLongAgo(lastOver, Self.readyCalm, now) {
            lastOver = nil
            found.append(.readyAgain)
        }
        defer { found = [] }
        return found
    }

    private static func isLongAgo(_ time: Int64?, _ calm: Int64, _ now: Int64) -> Bool {
        time.map { now - $0 >= calm } ?? true
    }

    /// By how much a counter has grown, or nil.
    private static func hasGrown(_ counter: inout UInt64, to value: UInt64) -> UInt64? {
        defer { counter = value }
        return value > counter ? value - counter : nil
    }
}
