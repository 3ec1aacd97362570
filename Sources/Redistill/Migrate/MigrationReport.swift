/// What has become of a migration, as standard output tells it.
struct MigrationReport {
    var seconds = 0.0
    var copied: UInt64 = 0
    var removed: UInt64 = 0
    var changes: UInt64 = 0
    /// Keys that could not be copied, by their type, with what was said of one of them.
    var leftOut: [(type: String, count: Int, example: ByteText, problem: String)] = []
    /// nil: nothing was compared.
    var compared: UInt64?
    var differences: [(key: ByteText, how: String)] = []
    /// Keys that changed faster than they could be copied.
    var behind = 0

    /// Something is not as it is at the source.
    static let exitCodeOfDifference: Int32 = 2

    var isWhole: Bool { leftOut.isEmpty && differences.isEmpty && behind == 0 }

    var text: String {
        var lines = ["copied \(HumanText.count(copied)) keys in \(Decimal.text(seconds, places: 1)) s"]
        if changes > 0 || removed > 0 {
            lines.append(
                "changed meanwhile: \(HumanText.count(changes)), copied again; gone since: \(HumanText.count(removed))")
        }
        for kind in leftOut {
            lines.append(
                "left out: \(kind.count) of type \(kind.type), such as \(quoted(kind.example)): \(kind.problem)")
        }
        if behind > 0 { lines.append("behind: \(behind) keys, which still change: stop who writes to the source") }
        if let compared { lines.append("compared \(HumanText.count(compared)) keys: \(verdict)") }
        return lines.map { $0 + "\n" }.joined()
    }

    private var verdict: String {
        if differences.isEmpty { return "all are equal" }
        let examples = differences.prefix(10).map { "\(quoted($0.key)) (\($0.how))" }.joined(separator: ", ")
        return "\(differences.count) differ: \(examples)"
    }

    private func quoted(_ key: ByteText) -> String { EscapedText.quote(key.shown) }
}
