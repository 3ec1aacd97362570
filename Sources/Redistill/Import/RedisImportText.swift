/// The imported file as text. Pure.
enum RedisImportText {
    /// Comments that tell where the file comes from and what it has not.
    static func head(path: String, losses: [RedisLoss], notes: [String], pointless: [String]) -> String {
        var text = "# Imported from \(EscapedText.quote(path)), a Redis configuration.\n"
        for kind in RedisLoss.Kind.allCases {
            let lines = losses.filter { $0.kind == kind }
            guard !lines.isEmpty else { continue }
            text += "#\n# \(kind.title), lost:\n"
            for loss in lines { text += "# - \(oneLine(loss.line))\n" }
        }
        for note in notes { text += "#\n" + TOMLText.comment(note + ".") }
        if !pointless.isEmpty {
            let names = pointless.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            text += "#\n" + TOMLText.comment("Without meaning here: \(names.joined(separator: ", "))")
        }
        return text
    }

    /// The keys in their sections.
    static func sections(of configuration: Configuration, keys given: Set<KeyName>) -> String {
        var text = ""
        for section in ConfigurationSection.allCases {
            let keys = ConfigurationTable.keys(in: section).filter { given.contains($0.name) }
            guard !keys.isEmpty else { continue }
            text += "\n[\(section.rawValue)]\n"
            for key in keys { text += "\(key.name.rawValue) = \(toml(configuration[key.name].value, key))\n" }
        }
        return text
    }

    /// `[[users]]`, of passwords their SHA-256.
    static func tables(of users: Users) -> String {
        users.accounts.map { user in
            "\n[[users]]\n" + UserText.lines(of: user, password: user.password.map { "password_sha256 = \"\($0.hexadecimal)\"" })
        }.joined()
    }

    private static func toml(_ value: ConfigurationValue, _ key: ConfigurationKey) -> String {
        if case .secret(let secret) = value, let text = secret.toml { return text }
        return key.type.toml(value)
    }

    /// What a name or a path holds must not end the comment.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
