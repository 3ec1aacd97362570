internal import CRedistillHot

/// Averages counters over the last samples, as Redis does for its `instantaneous_` fields.
package struct RateSampler: Sendable {
    private struct Sample {
        let time: Int64
        let commands: UInt64
        let bytesIn: UInt64
        let bytesOut: UInt64
        let turns: UInt64
        /// Nanoseconds.
        let workerTime: UInt64
    }

    /// As many as Redis keeps; at ten a second they cover a second and a half.
    private static let kept = 16
    private var samples: [Sample] = []

    package init() {}

    /// Adds a sample taken at a monotonic time in microseconds.
    package mutating func add(_ statistics: HotStatistics, at time: Int64) {
        // CONFIG RESETSTAT sets the counters back; older samples then mean nothing.
        if let last = samples.last, statistics.commands_processed < last.commands { samples.removeAll() }
        // The samples of a rest lie far apart: a load that begins would be averaged over all of it.
        if isResting, statistics.commands_processed != samples.last?.commands { samples.removeFirst(Self.kept) }
        if samples.count > Self.kept { samples.removeFirst() }
        samples.append(
            Sample(
                time: time, commands: statistics.commands_processed, bytesIn: statistics.bytes_in,
                bytesOut: statistics.bytes_out, turns: statistics.loop_turns, workerTime: statistics.worker_ns))
    }

    /// Whether no command came between the oldest sample kept and the newest, of as many as are kept.
    package var isResting: Bool {
        samples.count > Self.kept && samples.first?.commands == samples.last?.commands
    }

    /// The averages from the oldest sample kept to the newest.
    package var rates: Rates {
        guard let first = samples.first, let last = samples.last, last.time > first.time else { return Rates() }
        let seconds = Double(last.time - first.time) / 1_000_000
        func rate(_ old: UInt64, _ new: UInt64) -> Double { new > old ? Double(new - old) / seconds : 0 }
        return Rates(
            commands: rate(first.commands, last.commands), bytesIn: rate(first.bytesIn, last.bytesIn),
            bytesOut: rate(first.bytesOut, last.bytesOut), turns: rate(first.turns, last.turns),
            turnTime: last.turns > first.turns && last.workerTime > first.workerTime
                ? Double(last.workerTime - first.workerTime) / Double(last.turns - first.turns) : 0)
    }
}
