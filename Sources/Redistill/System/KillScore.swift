internal import Glibc

/// How readily the kernel ends this process when the machine's memory is out (`oom_score_adj`).
enum KillScore {
    private static let path = "/proc/self/oom_score_adj"

    /// What the process was started with. First asked for before anything is written.
    private static let initial = (try? FileSystem.real.read(path)).flatMap { Int64($0.filter { !$0.isWhitespace }) } ?? 0

    /// Redis's words.
    static let failure = "Failed to apply new oom_score_adj configuration, check server logs."

    /// Tells the kernel what a configuration says; does nothing when it says what the other did.
    ///
    /// - Parameter old: What is in effect, or nil at the start.
    static func apply(_ new: Configuration, insteadOf old: Configuration?) throws(FileProblem) {
        let score = score(new)
        guard score != (old.map(Self.score) ?? initial) else { return }
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileProblem(SystemError.text(errno)) }
        defer { close(descriptor) }
        let bytes = Array(String(score).utf8)
        guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, bytes.count) }) == bytes.count else {
            throw FileProblem(SystemError.text(errno))
        }
    }

    private static func score(_ configuration: Configuration) -> Int64 {
        let value = configuration.text(.oomScoreAdjValues).split(separator: " ").first.flatMap { Int64($0) } ?? 0
        let score =
            switch configuration.text(.oomScoreAdj) {
            case "absolute": value
            case "yes", "relative": initial + value
            default: initial
            }
        return min(max(score, -1000), 1000)
    }
}
