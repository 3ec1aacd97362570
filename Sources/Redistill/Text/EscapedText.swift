/// The escapes that JSON's strings and TOML's basic strings have in common.
enum EscapedText {
    /// The text between quotation marks, with what neither format may hold as it is escaped.
    ///
    /// - Parameter further: Whether another character is escaped, too, by its number.
    static func quote(_ text: String, escaping further: (Unicode.Scalar) -> Bool = { _ in false }) -> String {
        var quoted = "\""
        quoted.reserveCapacity(text.utf8.count + 2)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f || further(scalar):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
