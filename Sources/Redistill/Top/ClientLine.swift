/// A line of CLIENT LIST.
package struct ClientLine: Sendable, Equatable {
    private let fields: [String: String]

    /// All lines of a reply.
    package static func all(in text: String) -> [ClientLine] {
        text.split(separator: "\n").map { ClientLine($0) }
    }

    private init(_ line: Substring) {
        var fields: [String: String] = [:]
        var name = ""
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            // What has no sign goes on with the value: the path of a socket may hold spaces.
            guard let sign = word.firstIndex(of: "=") else {
                fields[name, default: ""] += " " + word
                continue
            }
            name = String(word[..<sign])
            fields[name] = String(word[word.index(after: sign)...])
        }
        self.fields = fields
    }

    package var id: String { text("id") }

    package func text(_ name: String) -> String { fields[name] ?? "" }

    package func number(_ name: String) -> Int64? { fields[name].flatMap { Int64($0) } }
}
