internal import CRedistillHot

/// `docs/metrics.md`, made from the figures.
package enum MetricsDocument {
    /// The whole page.
    package static func markdown() -> String {
        var text = """
            # Metrics

            <!-- Made from the figures in Sources/Redistill/Info; a test keeps it equal. To renew it:
            REDISTILL_UPDATE_DOCS=1 swift test --disable-xctest --filter StoredText -->

            What `/metrics` of `health_check_port` tells, in its order, and where INFO has the same.

            | metric | type | labels | in INFO | what it is |
            |---|---|---|---|---|

            """
        for metric in MetricsBody.metrics(of: example) { text += row(for: metric) }
        return text
    }

    /// A snapshot in which every metric has a sample.
    private static let example = InfoSnapshot(
        facts: ServerFacts(), statistics: HotStatistics(),
        commands: [HotCommandStatistics(name: "get", calls: 1, nanoseconds: 0)],
        errors: [HotErrorCount(code: "ERR", replies: 1)], configuration: Configuration(), certificateExpiry: 0)

    private static func row(for metric: Metric) -> String {
        let names = Figure.all.filter { $0.series?.name == metric.name }.compactMap(\.field?.name)
        let cells = [
            "`\(metric.name)`", metric.kind.rawValue, labels(of: metric),
            names.map { "`\($0)`" }.joined(separator: ", "), metric.help,
        ]
        return "| " + cells.joined(separator: " | ") + " |\n"
    }

    /// The names of the labels, with their values where these are always the same.
    private static func labels(of metric: Metric) -> String {
        let values = metric.samples.flatMap(\.labels).filter { $0.name != "le" }
        guard let first = values.first else { return "" }
        let isOpen = metric.samples.count == 1 || metric.kind == .histogram
        return isOpen
            ? Set(values.map(\.name)).sorted().map { "`\($0)`" }.joined(separator: ", ")
            : "`\(first.name)`: " + values.map(\.value).joined(separator: ", ")
    }
}
