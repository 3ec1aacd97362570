extension RedisConfigurationImport {
    /// What `redistilld import` ends with when something gets lost and nobody has said that it may.
    static let exitCodeOfLoss: Int32 = 2

    /// Reads a file, writes ours, and tells on standard error what gets lost.
    ///
    /// - Parameters:
    ///   - path: The `redis.conf`.
    ///   - output: The path of our file, which only its owner can read; nil for standard output.
    ///   - isForced: Whether what gets lost may be lost.
    public static func run(path: String, output: String?, isForced: Bool) -> ConfigurationReport.Outcome {
        do throws(FileProblem) {
            let text = try reading(path) { () throws(FileProblem) in try FileSystem.real.read(path) }
            guard !isTOML(text) else {
                throw FileProblem("\"\(path)\" is a TOML file, no Redis configuration: use it as it is, with --config")
            }
            if let output, FileReplacement.isSame(path, output) {
                throw FileProblem("\"\(output)\" is the file to import itself: name another one")
            }
            let result = RedisConfigurationImport(of: text, path: path, files: .real)
            if let output {
                try writing(output) { () throws(FileProblem) in
                    try FileReplacement.replace(output, with: result.toml, mode: 0o600)
                }
            }
            return ConfigurationReport.Outcome(
                output: output == nil ? result.toml : "", errors: result.report(path, output, isForced: isForced),
                exitCode: result.losses.isEmpty || isForced ? 0 : exitCodeOfLoss)
        } catch {
            return ConfigurationReport.Outcome(output: "", errors: "redistilld: \(error)\n", exitCode: 1)
        }
    }

    /// What an operator has to know, the gravest first.
    private func report(_ path: String, _ output: String?, isForced: Bool) -> String {
        var text = RedisLoss.grouped(losses)
        if pointlessLines > 0 {
            text += "\(path): \(pointlessLines) \(pointlessLines == 1 ? "line has" : "lines have") no meaning here\n"
        }
        for note in notes { text += "note: \(note)\n" }
        if output == nil && holdsSecret {
            text += "note: the output holds the password; -o FILE writes a file that only its owner can read\n"
        }
        if !losses.isEmpty && !isForced {
            text += "redistilld: what is lost stands at the head of the file; see to it, then use the file, "
                + "or import again with --force\n"
        }
        return text
    }

    /// Whether the first line that says something is one of TOML.
    static func isTOML(_ text: String) -> Bool {
        let lines = text.split(whereSeparator: \.isNewline).lazy.map { $0.drop { $0.isWhitespace || $0 == "\u{feff}" } }
        guard let first = lines.first(where: { !$0.isEmpty && !$0.hasPrefix("#") }) else { return false }
        if first.hasPrefix("[") { return true }
        let name = first.prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }
        return first.dropFirst(name.count).drop { $0.isWhitespace }.hasPrefix("=")
    }

    private static func reading<Result>(
        _ path: String, _ body: () throws(FileProblem) -> Result
    ) throws(FileProblem) -> Result {
        do throws(FileProblem) { return try body() } catch { throw FileProblem("cannot read \"\(path)\": \(error)") }
    }

    private static func writing(_ path: String, _ body: () throws(FileProblem) -> Void) throws(FileProblem) {
        do throws(FileProblem) { try body() } catch { throw FileProblem("cannot write \"\(path)\": \(error)") }
    }
}
