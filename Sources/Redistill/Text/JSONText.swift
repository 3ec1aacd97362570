/// Spelling of JSON texts.
package enum JSONText {
    /// A JSON string. What ends a line in JavaScript is escaped, too.
    package static func quote(_ text: String) -> String {
        EscapedText.quote(text) { (0x2028...0x2029).contains($0.value) }
    }

    /// An object of members whose values are JSON already.
    static func object(_ members: [(name: String, value: String)]) -> String {
        "{" + members.map { quote($0.name) + ":" + $0.value }.joined(separator: ",") + "}"
    }

    /// An array of what is JSON already.
    static func array(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }
}
