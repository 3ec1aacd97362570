/// Numbers with a fixed count of decimals, without Foundation.
package enum Decimal {
    /// `value` rounded to `places` decimals: `12.50`.
    package static func text(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return "0" }
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e18 else { return String(value) }
        let digits = String(Int64(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return places == 0 ? sign + padded : sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    /// The same without zeros at the end: `12.5`, `12`.
    package static func shortText(_ value: Double, places: Int) -> String {
        var short = text(value, places: places)
        guard short.contains(".") else { return short }
        while short.last == "0" { short.removeLast() }
        if short.last == "." { short.removeLast() }
        return short
    }

    /// Bytes as Redis's `_human` fields write them: `918.98K`.
    package static func humanBytes(_ bytes: UInt64) -> String {
        let units: [(String, Double)] = [("K", 1024), ("M", 0x1p20), ("G", 0x1p30), ("T", 0x1p40), ("P", 0x1p50)]
        guard bytes >= 1024 else { return "\(bytes)B" }
        let (unit, size) = units.last { Double(bytes) >= $0.1 } ?? units[0]
        return text(Double(bytes) / size, places: 2) + unit
    }
}
