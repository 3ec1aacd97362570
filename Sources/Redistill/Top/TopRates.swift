/// What happened between two snapshots.
package struct TopRates: Sendable, Equatable {
    /// A command, per second and in microseconds.
    package struct Command: Sendable, Equatable {
        package let name: String
        /// Nil until there are two snapshots.
        package let calls: Double?
        package let failures: Double?
        /// Of the time that all commands took, 0 to 1.
        package let share: Double?
        package let mean: Double?
        /// The time that half of the calls, 99 and 99.9 % of them stayed within.
        package let median: Int64?
        package let p99: Int64?
        package let p999: Int64?
    }

    private let earlier: TopSnapshot?
    private let later: TopSnapshot
    /// Those that were ever called.
    package let commands: [Command]

    /// - Parameter earlier: A snapshot of the same server before, or nil.
    package init(from earlier: TopSnapshot?, to later: TopSnapshot) {
        let isSame = earlier?.info.text("run_id") == later.info.text("run_id")
        let earlier = isSame && earlier.map { $0.taken < later.taken } == true ? earlier : nil
        self.earlier = earlier
        self.later = later
        commands = Self.commands(earlier, later)
    }

    /// A counter of INFO, per second; nil where it is not known or was reset.
    package func perSecond(_ name: String) -> Double? {
        guard let seconds, let before = earlier?.info.number(name), let now = later.info.number(name), now >= before
        else { return nil }
        return (now - before) / seconds
    }

    /// The error that was replied most often.
    package var topError: (code: String, perSecond: Double)? {
        guard let seconds, let earlier else { return nil }
        let rates = later.info.errors.map { code, count in
            (code: code, perSecond: Double(count - (earlier.info.errors[code] ?? 0)) / seconds)
        }
        return rates.filter { $0.perSecond > 0 }.max { ($0.perSecond, $1.code) < ($1.perSecond, $0.code) }
    }

    /// Commands of a client per second; nil where the server does not count them.
    package func perSecond(of client: ClientLine) -> Double? {
        guard let seconds, let now = client.number("tot-cmds"), case .listed(let clients)? = earlier?.clients,
            let before = clients.first(where: { $0.id == client.id })?.number("tot-cmds"), now >= before
        else { return nil }
        return Double(now - before) / seconds
    }

    private var seconds: Double? { earlier.map { Double(later.taken - $0.taken) / 1e6 } }

    private static func commands(_ earlier: TopSnapshot?, _ later: TopSnapshot) -> [Command] {
        let seconds = earlier.map { Double(later.taken - $0.taken) / 1e6 }
        var spent: [String: ServerInfo.Command] = [:]
        for (name, now) in later.info.commands { spent[name] = now.since(earlier?.info.commands[name]) }
        let all = spent.values.reduce(0) { $0 + $1.microseconds }
        return spent.map { name, new in
            guard let seconds else {
                return Command(
                    name: name, calls: nil, failures: nil, share: nil, mean: nil, median: nil, p99: nil, p999: nil)
            }
            let histogram = later.histograms[name]?.since(earlier?.histograms[name])
            return Command(
                name: name, calls: Double(new.calls) / seconds, failures: Double(new.failures) / seconds,
                share: all > 0 ? new.microseconds / all : 0,
                mean: new.calls > 0 ? new.microseconds / Double(new.calls) : nil, median: histogram?.percentile(0.5),
                p99: histogram?.percentile(0.99), p999: histogram?.percentile(0.999))
        }
    }
}

extension ServerInfo.Command {
    /// What was added since; all of it where somebody has reset the counters.
    fileprivate func since(_ earlier: ServerInfo.Command?) -> ServerInfo.Command {
        guard let earlier, earlier.calls <= calls, earlier.microseconds <= microseconds, earlier.failures <= failures
        else { return self }
        return ServerInfo.Command(
            calls: calls - earlier.calls, microseconds: microseconds - earlier.microseconds,
            failures: failures - earlier.failures)
    }
}
