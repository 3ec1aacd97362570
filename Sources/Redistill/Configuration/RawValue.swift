/// A value as a source wrote it, before it is checked.
package enum RawValue: Sendable, Equatable {
    case text(String)
    /// What is not UTF-8. Only secrets may be.
    case bytes([UInt8])
    case integer(Int64)
    case fraction(Double)
    case flag(Bool)
    case list([RawValue])
    /// Of `[[users]]`.
    case table([String: RawValue])
    /// A table or a date, which no key takes.
    case other(String)

    package init(_ value: ByteText) {
        self = value.text.map(RawValue.text) ?? .bytes(value.bytes)
    }

    /// The value as error messages quote it.
    package var quoted: String {
        switch self {
        case .text(let text): "\"\(text.prefix(80))\""
        case .bytes: "bytes that are not UTF-8"
        case .integer(let number): String(number)
        case .fraction(let number): String(number)
        case .flag(let flag): String(flag)
        case .list(let items): "[" + items.map(\.quoted).joined(separator: ", ") + "]"
        case .table: "a table"
        case .other(let kind): "a \(kind)"
        }
    }
}
