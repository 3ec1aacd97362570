/// The body of `/metrics`.
package enum MetricsBody {
    /// All metrics of a snapshot.
    package static func text(of snapshot: InfoSnapshot, in format: MetricsFormat = .prometheus) -> String {
        let text = metrics(of: snapshot).map { $0.text(in: format) }.joined()
        return format == .openMetrics ? text + "# EOF\n" : text
    }

    static func metrics(of snapshot: InfoSnapshot) -> [Metric] {
        metrics(of: Figure.server + Figure.connections + Figure.work, in: snapshot) + commands(snapshot)
            + metrics(of: Figure.keys + Figure.memory, in: snapshot) + [policy(snapshot)]
            + shares(snapshot)
    }

    /// Of databases with a share of the limit; none without.
    private static func shares(_ snapshot: InfoSnapshot) -> [Metric] {
        let shared = snapshot.databases.compactMap { database in database.share.map { (database.number, $0) } }
        guard !shared.isEmpty else { return [] }
        func metric(
            _ name: String, _ kind: Metric.Kind, _ help: String, _ value: (HotDatabaseStatistics.Share) -> UInt64
        ) -> Metric {
            Metric(
                name: name, kind: kind, help: help,
                samples: shared.map { number, share in
                    Metric.Sample(labels: [Metric.Label("database", "\(number)")], value: "\(value(share))")
                })
        }
        return [
            metric("redistill_database_memory_bytes", .gauge, "Keys and values of a database with a share.", \.held),
            metric("redistill_database_share_bytes", .gauge, "What a database with a share may hold.", \.most),
            metric("redistill_database_evicted_total", .counter, "Its keys removed to make room.", \.evicted),
        ]
    }

    /// The metrics that have a sample now. The series of a metric stand one after the other.
    private static func metrics(of figures: [Figure], in snapshot: InfoSnapshot) -> [Metric] {
        figures.reduce(into: []) { metrics, figure in
            guard let series = figure.series, let value = figure.value(snapshot) else { return }
            if metrics.last?.name != series.name {
                metrics.append(Metric(name: series.name, kind: series.kind, help: series.help, samples: []))
            }
            metrics[metrics.count - 1].samples.append(Metric.Sample(labels: series.labels, value: value))
        }
    }

    private static func policy(_ snapshot: InfoSnapshot) -> Metric {
        let policy = Metric.Label("policy", snapshot.configuration.text(.evictionPolicy))
        return Metric(
            name: "redistill_eviction_policy_info", kind: .gauge, help: "Always 1; the label tells the policy.",
            samples: [Metric.Sample(labels: [policy], value: "1")])
    }
}
