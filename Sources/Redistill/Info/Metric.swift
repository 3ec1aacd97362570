/// A metric of Prometheus: all series of one name.
struct Metric: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    struct Label: Sendable {
        let name: String
        let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    struct Sample: Sendable {
        /// What a histogram adds to its name.
        var suffix = ""
        var labels: [Label] = []
        let value: String
    }

    let name: String
    let kind: Kind
    let help: String
    var samples: [Sample]

    /// The metric's lines.
    func text(in format: MetricsFormat) -> String {
        let head =
            switch format {
            case .prometheus: "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
            case .openMetrics: openMetricsHead
            }
        return samples.reduce(head) { text, sample in
            text + "\(name)\(sample.suffix)\(Self.text(of: sample.labels)) \(sample.value)\n"
        }
    }

    /// OpenMetrics names the family, which is the samples' name without what tells its type.
    private var openMetricsHead: String {
        var (family, type) = (name, kind.rawValue)
        if kind == .counter && family.hasSuffix("_total") { family.removeLast("_total".count) }
        if kind == .gauge && family.hasSuffix("_info") {
            family.removeLast("_info".count)
            type = "info"
        }
        let unit = ["seconds", "bytes"].first { family.hasSuffix("_" + $0) }
        return "# TYPE \(family) \(type)\n" + (unit.map { "# UNIT \(family) \($0)\n" } ?? "")
            + "# HELP \(family) \(help)\n"
    }

    private static func text(of labels: [Label]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    /// The code of an error may be a script's own, and hold anything but a space.
    private static func escaped(_ value: String) -> String {
        guard value.contains(where: { ["\\", "\"", "\n"].contains($0) }) else { return value }
        return value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
