/// Times as configuration files write them, in milliseconds inside.
package enum TimeText {
    /// The longest time that a key takes, in milliseconds: about 68 years, what Redis's `timeout` can hold.
    package static let longest: Int64 = 2_147_483_647 * 1000

    /// Reads `500ms`, `30s`, `5m`, `1h`, `2d`, or a plain number in `unit`; fractions are allowed.
    package static func parse(_ text: String, unit: ValueType.DurationUnit) -> Int64? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = text.dropFirst(digits.count).lowercased()
        let scale = suffix.isEmpty ? unit.rawValue : scales[suffix]
        guard !digits.isEmpty, digits.first != ".", let scale, let number = Double(digits) else { return nil }
        return Int64(exactly: (number * Double(scale)).rounded())
    }

    /// A duration as a TOML value: a whole number of units, or else a text in milliseconds.
    static func toml(milliseconds: Int64, unit: ValueType.DurationUnit) -> String {
        milliseconds % unit.rawValue == 0 ? String(milliseconds / unit.rawValue) : "\"\(milliseconds)ms\""
    }

    private static let scales: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]
}
