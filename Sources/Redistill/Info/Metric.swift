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

    /// The lines of the text format 0.0.4.
    var text: String {
        samples.reduce("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n") { text, sample in
            text + "\(name)\(sample.suffix)\(Self.text(of: sample.labels)) \(sample.value)\n"
        }
    }

    private static func text(of labels: [Label]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",") + "}"
    }
}
