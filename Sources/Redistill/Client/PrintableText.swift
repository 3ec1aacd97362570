/// Texts of others, made fit for a terminal: keys and names may hold anything, and a terminal obeys some of it.
package enum PrintableText {
    /// Printable ASCII as it is, everything else as `\xe2`, and a backslash as two.
    package static func of(_ text: ByteText) -> String {
        var shown = ""
        shown.reserveCapacity(text.bytes.count)
        for byte in text.bytes {
            switch byte {
            case UInt8(ascii: "\\"): shown += "\\\\"
            case 0x20..<0x7f: shown.unicodeScalars.append(Unicode.Scalar(byte))
            default: shown += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return shown
    }

    package static func of(_ text: String) -> String { of(ByteText(text)) }
}
