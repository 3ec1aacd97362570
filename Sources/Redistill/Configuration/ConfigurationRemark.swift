/// One thing that is wrong with, or worth knowing about, the configuration.
package struct ConfigurationRemark: Sendable, Equatable, CustomStringConvertible {
    package let origin: Origin?
    package let key: String?
    package let message: String
    /// Whether it is about what is legal and will be regretted.
    package let isWarning: Bool

    package init(_ message: String, key: String? = nil, at origin: Origin? = nil, isWarning: Bool = false) {
        self.message = message
        self.key = key
        self.origin = origin
        self.isWarning = isWarning
    }

    /// `redistill.toml:12: port: 70000 is not allowed; it takes a whole number from 0 to 65535`.
    package var description: String {
        // A flag names the key already.
        let key = if case .flag = origin { String?.none } else { key }
        return [origin?.place, key, message].compactMap { $0 }.joined(separator: ": ")
    }
}

extension ConfigurationRemark {
    /// Of a file with a secret.
    static func openToOthers(_ path: String) -> String {
        "every user of this machine can read \"\(path)\"; take that away: chmod o= \(path)"
    }

    static func notAllowed(
        _ raw: RawValue, for key: ConfigurationKey, because problem: ValueProblem, at origin: Origin
    )
        -> ConfigurationRemark
    {
        let value = key.isSecret ? "this value" : raw.quoted
        let reason = problem.reason ?? "it takes \(key.type.allowed)"
        return ConfigurationRemark("\(value) is not allowed; \(reason)", key: key.name.rawValue, at: origin)
    }

    static func unknownKey(_ text: String, in section: ConfigurationSection, at origin: Origin) -> ConfigurationRemark {
        if let other = ConfigurationTable.keys.first(where: { $0.name.rawValue == text }) {
            return ConfigurationRemark(
                "belongs in [\(other.section.rawValue)], not in [\(section.rawValue)]", key: text, at: origin)
        }
        if text == KeyName.usersTable {
            return ConfigurationRemark("users = [] belongs above the first section, not in [\(section.rawValue)]", at: origin)
        }
        let names = ConfigurationTable.keys(in: section).map(\.name.rawValue)
        let others = ConfigurationTable.keys.map(\.name.rawValue)
        let hint =
            (Suggestion.nearest(to: text, among: names) ?? Suggestion.nearest(to: text, among: others))
            .map { "; did you mean \"\($0)\"?" } ?? ""
        return ConfigurationRemark("unknown key \"\(text)\" in [\(section.rawValue)]\(hint)", at: origin)
    }

    static func unknownSection(_ text: String, at origin: Origin) -> ConfigurationRemark {
        let names = ConfigurationSection.allCases.map(\.rawValue)
        let hint =
            Suggestion.nearest(to: text, among: names).map { "did you mean [\($0)]?" }
            ?? "the sections are " + names.map { "[\($0)]" }.joined(separator: ", ")
        return ConfigurationRemark("unknown section [\(text)]; \(hint)", at: origin)
    }

    static func outsideSection(_ text: String, at origin: Origin) -> ConfigurationRemark {
        guard let key = ConfigurationTable.keys.first(where: { $0.name.rawValue == text }) else {
            let hint =
                Suggestion.nearest(to: text.lowercased(), among: [KeyName.usersTable]).map { "; did you mean [[\($0)]]?" } ?? ""
            return ConfigurationRemark("\"\(text)\" stands outside any section\(hint)", at: origin)
        }
        return ConfigurationRemark(
            "belongs in [\(key.section.rawValue)], not above the first section", key: text, at: origin)
    }
}
