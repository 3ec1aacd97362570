/// The metrics of commands, with their histogram.
extension MetricsBody {
    /// Ends of the histogram's buckets in nanoseconds: powers of four, each of which ends a bucket of the hot path.
    private static let bounds: [UInt64] = (5...16).map { 1 << (2 * $0) }

    static func commands(_ snapshot: InfoSnapshot) -> [Metric] {
        let commands = snapshot.commands
        return [
            counter(
                "redistill_commands_total", "Commands called, by command.",
                commands.map { (Metric.Label("command", $0.name), $0.calls) }),
            counter(
                "redistill_commands_failed_total", "Commands that replied with an error, by command.",
                commands.map { (Metric.Label("command", $0.name), $0.failed) }),
            counter(
                "redistill_commands_rejected_total", "Commands refused before they were called, by command.",
                commands.map { (Metric.Label("command", $0.name), $0.rejected) }),
            counter(
                "redistill_errors_total", "Error replies, by code.",
                snapshot.errors.map { (Metric.Label("code", $0.code), $0.replies) }),
            Metric(
                name: "redistill_command_duration_seconds", kind: .histogram,
                help: "Time in a command; short ones share the time of their batch evenly.",
                samples: commands.filter { $0.calls > 0 }.flatMap(histogram)),
        ]
    }

    private static func counter(_ name: String, _ help: String, _ values: [(Metric.Label, UInt64)]) -> Metric {
        Metric(
            name: name, kind: .counter, help: help,
            samples: values.map { Metric.Sample(labels: [$0.0], value: String($0.1)) })
    }

    private static func histogram(_ command: HotCommandStatistics) -> [Metric.Sample] {
        let label = Metric.Label("command", command.name)
        let count = command.latency.reduce(0, +)
        let buckets = bounds.map { bound in
            Metric.Sample(
                suffix: "_bucket", labels: [label, Metric.Label("le", seconds(bound))], value: String(command.calls(below: bound)))
        }
        return buckets + [
            Metric.Sample(suffix: "_bucket", labels: [label, Metric.Label("le", "+Inf")], value: String(count)),
            Metric.Sample(suffix: "_sum", labels: [label], value: seconds(command.nanoseconds)),
            Metric.Sample(suffix: "_count", labels: [label], value: String(count)),
        ]
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        Decimal.text(Double(nanoseconds) / 1e9, places: 9)
    }
}
