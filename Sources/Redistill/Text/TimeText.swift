/// Times as configuration files write them, in milliseconds inside.
package enum TimeText {
    /// A day and a year in milliseconds, which the longest times of the table are made of.
    package static let day: Int64 = 86_400_000
    package static let year: Int64 = 365 * day

    /// Reads `500ms`, `30s`, `5m`, `1h`, `2d`, or a plain number of seconds; fractions are allowed.
    package static func parse(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard !digits.isEmpty, digits.first != ".", let number = Double(digits),
            let scale = scales[text.dropFirst(digits.count).lowercased()]
        else { return nil }
        return Int64(exactly: (number * Double(scale)).rounded())
    }

    /// A duration as a TOML value: a whole number of seconds, or else a text in milliseconds.
    static func toml(milliseconds: Int64) -> String {
        milliseconds % 1000 == 0 ? String(milliseconds / 1000) : "\"\(milliseconds)ms\""
    }

    /// A duration for a person: `100ms`, `10s`, `1d`.
    static func short(_ milliseconds: Int64) -> String {
        if milliseconds > 0 && milliseconds % day == 0 { return "\(milliseconds / day)d" }
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    private static let scales: [String: Int64] = [
        "": 1000, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": day,
    ]
}
