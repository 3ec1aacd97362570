/// The configuration as a person reads it. Pure.
package enum ConfigurationText {
    /// The effective configuration as TOML, with where each value comes from; secrets are left out.
    package static func effective(_ configuration: Configuration) -> String {
        var text = "# Effective configuration of Redistill \(Version.redistill).\n"
        text += "# File: \(configuration.file ?? "none")\n"
        for section in ConfigurationSection.allCases {
            text += "\n[\(section.rawValue)]\n"
            for key in ConfigurationTable.keys(in: section) where key.pointless == nil {
                text += line(for: key, configuration[key.name]) + "\n"
            }
        }
        return text + UserText.effective(configuration.users)
    }

    /// The commented default file: every key with its help, switched off by a `#` that only needs to be taken away.
    package static func defaultFile() -> String {
        var text = """
            # Configuration of Redistill.
            #
            # Every key is shown with its default. Take away the "#" before a key to change it. Values come from this file,
            # then from the environment (REDISTILL_ and the key in upper case), then from flags; the later wins.
            # `redistilld --check-config` checks this file, `redistilld --print-config` shows what is in effect.

            """
        for section in ConfigurationSection.allCases {
            text += "\n[\(section.rawValue)]\n" + TOMLText.comment(section.summary)
            for key in ConfigurationTable.keys(in: section) where key.pointless == nil {
                text += "\n" + TOMLText.comment(key.help + " " + details(of: key))
                text += "#\(key.name.rawValue) = \(key.defaultTOML)\n"
            }
        }
        return text + "\n" + UserText.example
    }

    private static func line(for key: ConfigurationKey, _ setting: Configuration.Setting) -> String {
        let origin = setting.origin == .builtIn ? "" : "  # \(setting.origin.place)"
        if case .secret(let secret) = setting.value {
            let state = secret.isEmpty ? "not set" : "set, \(Secret.redacted)"
            return "# \(key.name.rawValue): \(state)\(secret.isEmpty ? "" : origin)"
        }
        return "\(key.name.rawValue) = \(key.type.toml(setting.value))\(origin)"
    }

    /// What the help does not say.
    private static func details(of key: ConfigurationKey) -> String {
        switch key.type {
        case .text, .path, .flag, .secret, .memoryLimit, .clientMemory, .databaseShares: ""
        default: "Takes \(key.type.allowed)."
        }
    }
}
