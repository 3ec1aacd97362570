/// The effective configuration: a checked value for every key, and where each comes from.
package struct Configuration: Sendable, Equatable {
    /// A value and its origin.
    package struct Setting: Sendable, Equatable {
        package var value: ConfigurationValue
        package var origin: Origin

        package init(value: ConfigurationValue, origin: Origin) {
            self.value = value
            self.origin = origin
        }
    }

    /// The configuration file that was read, or nil.
    package var file: String?

    /// What CONFIG SET was told of parameters that mean nothing here, by Redis's name.
    package var kept: [String: String] = [:]

    /// The node of the cluster that this daemon has found to be at its start, where the configuration does not say.
    package var foundNode: ClusterNode?

    /// `[[users]]` of the file.
    package var users = Users()

    private var settings: [KeyName: Setting]

    /// All defaults.
    package init() {
        settings = Dictionary(
            uniqueKeysWithValues: ConfigurationTable.keys.map {
                ($0.name, Setting(value: $0.defaultValue, origin: .builtIn))
            })
    }

    /// The setting of a key.
    package subscript(name: KeyName) -> Setting {
        get {
            guard let setting = settings[name] else { preconditionFailure("\(name.rawValue) has no setting") }
            return setting
        }
        set { settings[name] = newValue }
    }

    /// A number: a count, bytes, or milliseconds.
    package func integer(_ name: KeyName) -> Int64 {
        guard case .integer(let number) = self[name].value else { preconditionFailure("\(name.rawValue) is no number") }
        return number
    }

    /// A yes or no.
    package func flag(_ name: KeyName) -> Bool {
        guard case .flag(let flag) = self[name].value else { preconditionFailure("\(name.rawValue) is no flag") }
        return flag
    }

    /// A text.
    package func text(_ name: KeyName) -> String {
        guard case .text(let text) = self[name].value else { preconditionFailure("\(name.rawValue) is no text") }
        return text
    }

    /// A list of texts.
    package func list(_ name: KeyName) -> [String] {
        guard case .list(let items) = self[name].value else { preconditionFailure("\(name.rawValue) is no list") }
        return items
    }

    /// A secret.
    package func secret(_ name: KeyName) -> Secret {
        guard case .secret(let secret) = self[name].value else { preconditionFailure("\(name.rawValue) is no secret") }
        return secret
    }

    /// How the log looks.
    package var logFormat: LogFormat { LogFormat(rawValue: text(.format)) ?? .text }

    /// Whether TLS is spoken anywhere.
    package var usesTLS: Bool { flag(.tlsEnabled) || integer(.tlsPort) > 0 }

    /// Gives the limit of memory that follows from the machine, unless somebody has set one, or none.
    mutating func deriveLimit(on machine: MachineMemory) {
        guard self[.maxMemory].origin.written == nil, let setting = MemoryDefault.setting(on: machine) else { return }
        self[.maxMemory] = setting
    }

    /// The keys whose values differ, in the table's order.
    package func differences(from other: Configuration) -> [ConfigurationKey] {
        ConfigurationTable.keys.filter { self[$0.name].value != other[$0.name].value }
    }
}
