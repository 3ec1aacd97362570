/// What the main thread does from time to time. Pure: times are handed in, microseconds of a monotonic clock.
struct Chores: Sendable {
    enum Chore: Sendable, Equatable {
        /// The rates of INFO.
        case sample
        case watchdog
        case watchCertificates
        case checkExpiry
    }

    private var next: [(chore: Chore, time: Int64)] = []

    /// The chores whose time has come; each is first due at once.
    ///
    /// - Parameter watchdog: The interval of the watchdog, or nil without one.
    mutating func due(at now: Int64, watchdog: Int64?) -> [Chore] {
        if next.isEmpty {
            next = [(.sample, now), (.watchCertificates, now), (.checkExpiry, now), (.watchdog, now)]
        }
        var due: [Chore] = []
        for index in next.indices where now >= next[index].time {
            guard let interval = interval(of: next[index].chore, watchdog: watchdog) else { continue }
            due.append(next[index].chore)
            // Counted from now: chores that were missed are not made up for.
            next[index].time = now + interval
        }
        return due
    }

    private func interval(of chore: Chore, watchdog: Int64?) -> Int64? {
        switch chore {
        // As often as Redis samples.
        case .sample: 100_000
        case .watchCertificates: 2_000_000
        case .checkExpiry: 86_400_000_000
        case .watchdog: watchdog
        }
    }
}
