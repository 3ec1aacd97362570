/// The metrics of commands, with their histogram.
extension MetricsBody {
    /// Ends of the histogram's buckets in nanoseconds: powers of four, each of which ends a bucket of the hot path.
    private static let bounds: [UInt64] = (5...16).map { 1 << (2 * $0) }

    static func commands(_ snapshot: InfoSnapshot) -> [Metric] {
        let commands = snapshot.commands
        return [
            labelled(
                "redistill_commands_total", "Commands called, by command.", "command",
                commands.map { ($0.name, $0.calls) }),
            labelled(
                "redistill_commands_failed_total", "Commands that replied with an error, by command.", "command",
                commands.map { ($0.name, $0.failed) }),
            labelled(
                "redistill_commands_rejected_total", "Commands refused before they were called, by command.", "command",
                commands.map { ($0.name, $0.rejected) }),
            labelled(
                "redistill_errors_total", "Error replies, by code.", "code",
                snapshot.errors.map { ($0.code, $0.replies) }),
            Metric(
                name: "redistill_command_duration_seconds", kind: .histogram,
                help: "Time in a command; short ones share the time of their batch evenly.",
                samples: commands.filter { $0.calls > 0 }.flatMap(histogram)),
        ]
    }

    private static func histogram(_ command: HotCommandStatistics) -> [Metric.Sample] {
        let label = ("command", command.name)
        let count = command.latency.reduce(0, +)
        let buckets = bounds.map { bound in
            Metric.Sample(
                suffix: "_bucket", labels: [label, ("le", seconds(bound))], value: String(command.calls(below: bound)))
        }
        return buckets + [
            Metric.Sample(suffix: "_bucket", labels: [label, ("le", "+Inf")], value: String(count)),
            Metric.Sample(suffix: "_sum", labels: [label], value: seconds(command.nanoseconds)),
            Metric.Sample(suffix: "_count", labels: [label], value: String(count)),
        ]
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        Decimal.text(Double(nanoseconds) / 1e9, places: 9)
    }
}
