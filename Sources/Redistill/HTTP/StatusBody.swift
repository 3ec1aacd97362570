internal import CRedistillHot

/// The body of `/status.json`, which the status page asks for again and again.
///
/// Counters are since the start, or since CONFIG RESETSTAT sets them back: the page makes rates of them.
enum StatusBody {
    /// One JSON object.
    static func text(of report: StatusReport) -> String {
        let snapshot = report.snapshot
        let statistics = snapshot.statistics
        return JSONText.object([
            ("state", JSONText.quote(report.state)),
            ("run", JSONText.quote(snapshot.facts.runID)),
            ("time_us", String(snapshot.wallTime)),
            ("commands_processed", String(statistics.commands_processed)),
            ("hits", String(statistics.keyspace_hits)),
            ("misses", String(statistics.keyspace_misses)),
            ("evicted", String(statistics.evicted)),
            ("expired", String(statistics.expired)),
            ("keys", String(statistics.keys)),
            ("connections", String(statistics.connections_active)),
            ("memory_used", String(statistics.memory_used)),
            ("memory_limit", String(snapshot.configuration.integer(.maxMemory))),
            ("memory_parts", JSONText.object(report.memoryParts.map { ($0.name, String($0.bytes)) })),
            ("commands", JSONText.array(snapshot.commands.filter { $0.calls > 0 }.map(command))),
            ("tables", JSONText.array(report.tables.map(\.json))),
        ])
    }

    /// A command with its latencies: the end of each bucket in nanoseconds, and the calls in it.
    private static func command(_ command: HotCommandStatistics) -> String {
        let buckets = command.latency.enumerated().filter { $0.element > 0 }.map { bucket, calls in
            "[\(HotCommandStatistics.end(ofBucket: bucket)),\(calls)]"
        }
        return JSONText.object([
            ("name", JSONText.quote(command.name)), ("calls", String(command.calls)),
            ("latency", JSONText.array(buckets)),
        ])
    }
}
