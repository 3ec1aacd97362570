/// Spelling of JSON texts.
package enum JSONText {
    /// A JSON string. What ends a line in JavaScript is escaped, too.
    package static func quote(_ text: String) -> String {
        EscapedText.quote(text) { (0x2028...0x2029).contains($0.value) }
    }
}
