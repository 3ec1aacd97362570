/// The line that the daemon prints when it is ready. Pure.
package enum StartLine {
    /// `Redistill 0.1.0 ready on 127.0.0.1:6379: 2 workers, 256 shards, no memory limit, config redistill.toml`.
    package static func text(of snapshot: InfoSnapshot, endpoints: [String]) -> String {
        let configuration = snapshot.configuration
        let limit = configuration.integer(.maxMemory)
        var parts = [
            count(snapshot.facts.workers, "worker"), count(snapshot.facts.shards, "shard"),
            limit == 0
                ? "no memory limit"
                : "memory limit \(ByteSize.shown(limit)) (\(reason(of: configuration))\(configuration.text(.evictionPolicy)))",
        ]
        let port = configuration.integer(.healthCheckPort)
        if port > 0 { parts.append("health on \(configuration.httpAddress):\(port)") }
        parts.append(configuration.file.map { "config \($0)" } ?? "no config file")
        return "Redistill \(Version.redistill) ready on \(endpoints.joined(separator: ", ")): "
            + parts.joined(separator: ", ")
    }

    /// The line as it goes to standard output: in JSON a record like those of the log, which may go the same way.
    package static func output(_ line: String, in format: LogFormat, at time: String) -> String {
        switch format {
        case .text: line + "\n"
        case .json: format.line(for: LogRecord(time: time, level: "notice", message: line))
        }
    }

    /// Why there is a limit that nobody has set.
    private static func reason(of configuration: Configuration) -> String {
        guard case .derived(let reason) = configuration[.maxMemory].origin else { return "" }
        return reason + ", "
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
