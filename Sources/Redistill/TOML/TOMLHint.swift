/// What was probably meant by a line that is no TOML.
struct TOMLHint: Equatable {
    /// The key that the line sets, or nil.
    let key: String?
    /// What is wrong, and what to write instead; never the value of a secret.
    let message: String

    /// Nil when nothing can be guessed.
    init?(line: Substring) {
        let content = Self.trimmed(line)
        guard let equals = TOMLPositions.equals(in: content) else {
            guard let message = Self.problem(with: content) else { return nil }
            self = TOMLHint(key: nil, message: message)
            return
        }
        let name = String(content[..<equals].filter { !" \t\"'".contains($0) })
        let value = Self.trimmed(content[content.index(after: equals)...])
        guard let message = Self.problem(with: value, of: name) else { return nil }
        self = TOMLHint(key: name, message: message)
    }

    private init(key: String?, message: String) {
        self.key = key
        self.message = message
    }

    /// What is wrong with a line that sets nothing.
    private static func problem(with content: Substring) -> String? {
        if content.hasPrefix("["), !content.contains("]") {
            return "a bracket is missing; write \(content)]"
        }
        guard let word = content.split(separator: " ").first.map(String.init) else { return nil }
        if ConfigurationTable.keys.contains(where: { $0.redisNames.contains(word) }) {
            return "\"\(word)\" stands there as in redis.conf, which redistilld import turns into a TOML file"
        }
        return ConfigurationTable.keys.contains { $0.name.rawValue == word }
            ? "a sign is missing; write \(word) = and the value" : nil
    }

    private static func problem(with value: Substring, of name: String) -> String? {
        let key = ConfigurationTable.keys.first { $0.name.rawValue == name || $0.formerNames.contains(name) }
        guard let first = value.first, first != "#" else {
            return key.map { "there is no value; write \(name) = \(example(of: $0))" }
        }
        let text = trimmed(value.prefix { $0 != "#" })
        for quote in ["\"", "'"] as [Character] where value.filter({ $0 == quote }).count % 2 == 1 {
            return "a quotation mark is missing; write \(name) = \(quoted(text.filter { $0 != quote }, of: key))"
        }
        guard !text.contains(where: { "\"'[]{}".contains($0) }) else { return nil }
        if key?.type == .flag, let flag = flags[text.lowercased()] {
            return "\(text) is no value of TOML; write \(name) = \(flag)"
        }
        return "a text stands between quotation marks; write \(name) = \(quoted(String(text), of: key))"
    }

    private static let flags = ["yes": true, "on": true, "true": true, "no": false, "off": false, "false": false]

    /// A text with its quotation marks. That of a secret, or of a key that nobody knows, is not shown.
    private static func quoted(_ text: String, of key: ConfigurationKey?) -> String {
        guard let key, !key.isSecret else { return "\"...\"" }
        return TOMLText.quote(key.type.isSize ? ByteSize.meant(by: text) ?? text : text)
    }

    private static func example(of key: ConfigurationKey) -> String {
        key.isSecret ? "\"...\"" : key.defaultTOML
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace || $0 == "\u{feff}" }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
