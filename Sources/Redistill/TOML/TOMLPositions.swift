/// The lines of sections and keys in a TOML document that is known to be valid.
///
/// TOMLKit does not tell where a value stands, and messages must. This scans the text for `[section]` and `key =`;
/// what it does not understand (an inline table's inner keys) falls back to the line of the section.
struct TOMLPositions {
    private var lines: [String: Int] = [:]
    private var ends: [String: Int] = [:]
    private var tables: [String: Int] = [:]

    init(of text: String) {
        var section = ""
        var multiline: Substring?
        for (index, line) in Self.split(text).enumerated() {
            if let delimiter = multiline {
                if line.contains(delimiter) { multiline = nil }
                ends[section] = index + 1
                continue
            }
            let content = line.drop { $0 == " " || $0 == "\t" }
            if content.hasPrefix("[") {
                let name = Self.bare(content.drop { $0 == "[" }.prefix { $0 != "]" })
                section = name
                record(name, "", index + 1)
                if content.hasPrefix("[[") {
                    section = Self.name(ofTable: name, tables[name, default: 0])
                    tables[name, default: 0] += 1
                    record(section, "", index + 1)
                }
                ends[section] = index + 1
            } else if let equals = Self.equals(in: content) {
                let path = Self.bare(content[..<equals])
                recordKey(path, section: section, line: index + 1)
                ends[section] = index + 1
                multiline = Self.openedMultiline(by: content[equals...])
            } else if !content.isEmpty && !content.hasPrefix("#") {
                // The rest of a list over several lines.
                ends[section] = index + 1
            }
        }
    }

    /// What the `index`th of `[[name]]` is called as a section, from 0.
    static func name(ofTable name: String, _ index: Int) -> String { "\(name)[\(index)]" }

    /// The line of a key, or nil when it stands nowhere by itself.
    func exactLine(section: String, key: String) -> Int? { lines[Self.name(section, key)] }

    /// The last line with a key of a section, or its header; nil without the section.
    func lastLine(ofSection section: String) -> Int? { ends[section] }

    /// The line of a key, of its section, or 1.
    func line(section: String?, key: String?) -> Int {
        lines[Self.name(section ?? "", key ?? "")] ?? lines[Self.name(section ?? "", "")] ?? 1
    }

    private mutating func recordKey(_ path: String, section: String, line: Int) {
        record(section, path, line)
        // `server.port = 1` above the first section, and `server = { port = 1 }`.
        guard section.isEmpty else { return }
        if let dot = path.firstIndex(of: ".") {
            record(String(path[..<dot]), String(path[path.index(after: dot)...]), line)
        } else {
            record(path, "", line)
        }
    }

    private mutating func record(_ section: String, _ key: String, _ line: Int) {
        let name = Self.name(section, key)
        if lines[name] == nil { lines[name] = line }
    }

    private static func name(_ section: String, _ key: String) -> String { section + "\u{0}" + key }

    /// The lines of a text; in Swift a carriage return and its line feed are one character.
    static func split(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }

    /// The `=` that ends the key, which may hold one inside quotes.
    static func equals(in content: Substring) -> Substring.Index? {
        var quote: Character?
        for index in content.indices {
            let character = content[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "#" {
                return nil
            } else if character == "=" {
                return index
            }
        }
        return nil
    }

    /// A key or section name without its quotes and blanks.
    private static func bare(_ text: Substring) -> String {
        String(text.filter { !" \t\r\"'".contains($0) })
    }

    /// The delimiter that must close a text which goes on over the following lines.
    static func openedMultiline(by value: Substring) -> Substring? {
        for delimiter in ["\"\"\"", "'''"] as [Substring] {
            let parts = value.split(separator: delimiter, omittingEmptySubsequences: false)
            if parts.count == 2 { return delimiter }
        }
        return nil
    }
}
