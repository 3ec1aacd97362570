/// The forms of `/metrics`.
package enum MetricsFormat: Sendable {
    /// Prometheus's text format 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.0.
    case openMetrics

    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The form that a scraper asks for: OpenMetrics where its `Accept` header names that, in a version that we know, and
    /// likes nothing else better.
    package init(accept: String) {
        var openMetrics = 0.0
        var text = 0.0
        for range in accept.lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            let quality = Self.parameter("q", of: parts).map { Double($0) ?? 0 } ?? 1
            switch parts.first {
            case "application/openmetrics-text" where ["1.0.0", nil].contains(Self.parameter("version", of: parts)):
                openMetrics = max(openMetrics, quality)
            case "text/plain": text = max(text, quality)
            default: break
            }
        }
        self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .prometheus
    }

    private static func parameter(_ name: String, of parts: [String]) -> String? {
        parts.dropFirst().first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
}
