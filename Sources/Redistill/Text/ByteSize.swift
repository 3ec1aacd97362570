/// Sizes in bytes as configuration files write them.
package enum ByteSize {
    /// The largest size that a key takes; the hot path adds to sizes and must not overflow.
    package static let largest = Int64.max / 2

    /// Reads a size as Redis does: `k`, `m`, `g`, `t` are powers of 1000; `kb`, `mb`, `gb`, `tb` (and `kib` and so
    /// on) of 1024; no unit or `b` means bytes. Nil when it is no size, negative, or above 2^63-1.
    package static func parse(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), let unit = units[text.dropFirst(digits.count).lowercased()] else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
    }

    /// What a text that is no size was meant to be, spelled as one: "1536mb" for "1.5gb" or "1,5 GB", "1gb" for "1 GB".
    /// Nil when nothing can be guessed.
    static func meant(by text: String) -> String? {
        let text = String(text.filter { !$0.isWhitespace && $0 != "_" }.map { $0 == "," ? "." : $0 })
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = text.dropFirst(number.count).lowercased()
        if units[unit] == nil { unit = "\(unit.prefix(1))b" }
        guard let value = Double(number), value > 0, let size = units[unit],
            let bytes = Int64(exactly: (value * Double(size)).rounded(.down)), bytes <= largest
        else { return nil }
        return Int64(number) == nil ? exact(bytes) ?? String(bytes) : number + unit
    }

    /// The shortest exact spelling with a unit of 1024, such as `512mb`, or nil when there is none.
    package static func exact(_ bytes: Int64) -> String? {
        guard bytes > 0 else { return nil }
        for (unit, size) in [("tb", Int64(1) << 40), ("gb", 1 << 30), ("mb", 1 << 20), ("kb", 1 << 10)]
        where bytes % size == 0 {
            return "\(bytes / size)\(unit)"
        }
        return nil
    }

    /// A size for a person: exact where a unit allows, else whole MiB, or bytes where there is not one.
    package static func shown(_ bytes: Int64) -> String {
        exact(bytes) ?? (bytes >= 1 << 20 ? "\(bytes >> 20)mb" : "\(bytes) bytes")
    }

    private static let units: [String: Int64] = [
        "": 1, "b": 1,
        "k": 1000, "m": 1_000_000, "g": 1_000_000_000, "t": 1_000_000_000_000,
        "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
    ]
}
