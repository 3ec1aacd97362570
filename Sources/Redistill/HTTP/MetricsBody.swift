/// The body of `/metrics`, in Prometheus's text format 0.0.4.
package enum MetricsBody {
    /// All metrics of a snapshot.
    package static func text(of snapshot: InfoSnapshot) -> String {
        metrics(of: snapshot).map(\.text).joined()
    }

    static func metrics(of snapshot: InfoSnapshot) -> [Metric] {
        metrics(of: Figure.server + Figure.connections + Figure.work, in: snapshot) + commands(snapshot)
            + metrics(of: Figure.keys + Figure.memory, in: snapshot) + [policy(snapshot)]
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
