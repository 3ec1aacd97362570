internal import Glibc

/// What a migration tells while it goes on, on standard error: one line that is written over on a terminal, else a line
/// each few seconds. Of one thread.
struct MigrationProgress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let begun = Clock.monotonicMicroseconds()
    private var phaseBegun = Clock.monotonicMicroseconds()
    private var shownAt: Int64 = 0
    private var isLineOpen = false

    private static let terminalPause: Int64 = 500_000
    private static let logPause: Int64 = 10_000_000

    var seconds: Double { Double(Clock.monotonicMicroseconds() - begun) / 1e6 }

    /// Something else is done from now on.
    mutating func begin(_ sentence: String) {
        end()
        phaseBegun = Clock.monotonicMicroseconds()
        shownAt = 0
        StandardStreams.write("\(sentence)\n", to: STDERR_FILENO)
    }

    /// - Parameters:
    ///   - done: How much of the phase's work is done, from 0 to 1.
    ///   - keys: How many keys it has dealt with.
    mutating func show(_ done: Double, keys: UInt64, backlog: Int) {
        guard isDue() else { return }
        let seconds = Double(shownAt - phaseBegun) / 1e6
        let rate = seconds > 0 ? UInt64(Double(keys) / seconds) : 0
        var line = "\(HumanText.count(keys)) keys, \(HumanText.share(done)), \(HumanText.count(rate)) a second"
        if done > 0.01 && done < 1 {
            line += ", \(HumanText.duration(seconds: Int64(seconds / done * (1 - done)))) left"
        }
        if backlog > 0 { line += "; \(HumanText.count(UInt64(backlog))) have changed meanwhile" }
        write(line)
    }

    /// While changes are followed.
    mutating func showFollowing(_ changes: UInt64) {
        guard isDue() else { return }
        write("up to date, \(HumanText.count(changes)) changes so far")
    }

    /// Ends the line that is written over.
    mutating func end() {
        if isLineOpen { StandardStreams.write("\n", to: STDERR_FILENO) }
        isLineOpen = false
    }

    private mutating func isDue() -> Bool {
        let now = Clock.monotonicMicroseconds()
        if shownAt == 0 { shownAt = isTerminal ? 0 : now }
        guard now - shownAt >= (isTerminal ? Self.terminalPause : Self.logPause) else { return false }
        shownAt = now
        return true
    }

    private mutating func write(_ line: String) {
        StandardStreams.write(isTerminal ? "\r\(line)\u{1b}[K" : "\(line)\n", to: STDERR_FILENO)
        isLineOpen = isTerminal
    }
}
