/// Numbers as a narrow column holds them: at most seven characters.
package enum TopNumber {
    /// What is not known.
    package static let unknown = "-"

    /// `12`, `0.25`, `123,456`, `1.23M`.
    package static func count(_ value: Double?) -> String {
        guard let value else { return unknown }
        if value >= 999_999.5 { return scaled(value, by: 1000, ["M", "G", "T", "P"], from: 2) }
        if value == value.rounded() || value >= 99.95 { return grouped(Int64(value.rounded())) }
        return Decimal.text(value, places: value < 9.995 ? 2 : 1)
    }

    /// `12B`, `1.5K`, `1.23G`.
    package static func bytes(_ value: Double?) -> String {
        guard let value else { return unknown }
        if value < 999.5 { return Decimal.text(value, places: 0) + "B" }
        return scaled(value, by: 1024, ["K", "M", "G", "T", "P"], from: 1)
    }

    /// Microseconds as `0.85us`, `12us`, `1.2ms`, `3.4s`.
    package static func time(_ microseconds: Double?) -> String {
        guard let microseconds else { return unknown }
        switch microseconds {
        case ..<999.5: return short(microseconds) + "us"
        case ..<999_500: return short(microseconds / 1e3) + "ms"
        default: return short(microseconds / 1e6) + "s"
        }
    }

    /// `98.2%` of a share of 0 to 1.
    package static func percent(_ share: Double?) -> String {
        guard let share else { return unknown }
        return Decimal.text(share * 100, places: share < 0.9995 ? 1 : 0) + "%"
    }

    /// Seconds as `45s`, `12m05s`, `3h20m`, `4d07h`.
    package static func duration(_ seconds: Int64?) -> String {
        guard let seconds else { return unknown }
        func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + "\(number)" }
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m\(two(seconds % 60))s"
        case ..<86_400: return "\(seconds / 3600)h\(two(seconds % 3600 / 60))m"
        default: return "\(seconds / 86_400)d\(two(seconds % 86_400 / 3600))h"
        }
    }

    /// `1,234,567`.
    package static func grouped(_ number: Int64) -> String {
        (number < 0 ? "-" : "") + HumanText.count(number.magnitude)
    }

    /// Three digits that count.
    private static func short(_ value: Double) -> String {
        Decimal.text(value, places: value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
    }

    private static func scaled(_ value: Double, by base: Double, _ units: [String], from power: Int) -> String {
        var scaled = value
        for _ in 0..<power { scaled /= base }
        var units = units[...]
        while scaled >= 999.5, units.count > 1 {
            scaled /= base
            units.removeFirst()
        }
        return short(scaled) + (units.first ?? "")
    }
}
