/// Figures as a page shows them to a person.
enum HumanText {
    /// `1,234,567`
    static func count(_ number: UInt64) -> String {
        let digits = Array(String(number))
        return digits.indices.reduce(into: "") { text, index in
            if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
            text.append(digits[index])
        }
    }

    /// `1.25 MiB`
    static func bytes(_ bytes: UInt64) -> String {
        let units: [(name: String, size: Double)] = [
            ("KiB", 1024), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("PiB", 0x1p50),
        ]
        guard let unit = units.last(where: { Double(bytes) >= $0.size }) else { return "\(bytes) B" }
        return Decimal.text(Double(bytes) / unit.size, places: 2) + " " + unit.name
    }

    /// `25.3 %` of a share from 0 to 1
    static func share(_ share: Double) -> String { Decimal.text(share * 100, places: 1) + " %" }

    /// A short time from its nanoseconds: `850 ns`, `12.3 us`, `4.56 ms`, `1.50 s`, with the sign of micro.
    static func time(nanoseconds: UInt64) -> String {
        let value = Double(nanoseconds)
        switch nanoseconds {
        case ..<1000: return "\(nanoseconds) ns"
        case ..<1_000_000: return Decimal.text(value / 1e3, places: 1) + " \u{b5}s"
        case ..<1_000_000_000: return Decimal.text(value / 1e6, places: 2) + " ms"
        default: return Decimal.text(value / 1e9, places: 2) + " s"
        }
    }

    /// A long time from its seconds, in its two largest units: `3 d 4 h`, `5 min 6 s`.
    static func duration(seconds: Int64) -> String {
        let units: [(name: String, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)]
        let seconds = max(0, seconds)
        guard let first = units.firstIndex(where: { seconds >= $0.seconds }) else { return "0 s" }
        var rest = seconds
        let parts = units[first..<min(first + 2, units.count)].compactMap { unit -> String? in
            let number = rest / unit.seconds
            rest %= unit.seconds
            return number > 0 ? "\(number) \(unit.name)" : nil
        }
        return parts.joined(separator: " ")
    }

    /// A time of day from seconds since 1970: `2026-11-26 12:34:56 UTC`.
    static func date(_ seconds: Int64) -> String {
        let text = Timestamp.text(seconds: seconds, milliseconds: 0)
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8) + " UTC"
    }
}
