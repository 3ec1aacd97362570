/// A configuration and what is worth knowing about it.
package struct LoadedConfiguration: Sendable, Equatable {
    package let configuration: Configuration
    /// What was accepted but is not quite as written; for the log.
    package let notes: [ConfigurationRemark]
}

/// Puts the sources together: defaults, then file, credentials, environment and flags, of which the later wins.
package struct ConfigurationLoader {
    private let sources: ConfigurationSources
    private var configuration = Configuration()
    private var problems: [ConfigurationRemark] = []
    private var notes: [ConfigurationRemark] = []

    private init(_ sources: ConfigurationSources) {
        self.sources = sources
    }

    /// Reads all sources, or throws everything that is wrong with them at once.
    package static func load(_ sources: ConfigurationSources) throws(ConfigurationError) -> LoadedConfiguration {
        var loader = ConfigurationLoader(sources)
        do throws(ConfigurationError) {
            try loader.load()
        } catch {
            throw loader.toldAsWanted(error)
        }
        return LoadedConfiguration(configuration: loader.configuration, notes: loader.notes)
    }

    private mutating func load() throws(ConfigurationError) {
        do throws(ConfigurationError) {
            try readFile()
        } catch {
            // They may say how to tell it.
            readEnvironment()
            readFlags()
            throw error
        }
        readCredentials()
        readEnvironment()
        readFlags()
        readSecretFiles()
        configuration.deriveLimit(on: sources.machine)
        noteOpenFiles()
        let checks = ConfigurationChecks.check(configuration, on: sources.machine)
        problems += checks.problems
        notes += checks.notes
        guard problems.isEmpty else { throw ConfigurationError(problems) }
    }

    private func toldAsWanted(_ error: ConfigurationError) -> ConfigurationError {
        var error = error
        error.logFormat = configuration.logFormat
        return error
    }

    private mutating func readFile() throws(ConfigurationError) {
        guard let path = sources.file?.path else { return }
        let text: String
        do {
            text = try sources.files.read(path)
        } catch {
            throw .unreadable(path, because: error.description)
        }
        configuration.file = path
        var users = UserReader(files: sources.files)
        for entry in try TOMLSource.entries(of: text, path: path) {
            if take(entry, of: path, into: &users) { continue }
            read(entry, at: .file(path: path, line: entry.line))
        }
        problems += users.problems
        notes += users.notes
        configuration.users = users.users
    }

    /// Whether an entry is of `[[users]]`, and read.
    private mutating func take(_ entry: TOMLEntry, of path: String, into users: inout UserReader) -> Bool {
        guard entry.section == KeyName.usersTable || entry.section == nil && entry.key == KeyName.usersTable else {
            return false
        }
        switch entry.value {
        case .table(let fields): users.take(fields, path: path, line: entry.line, lines: entry.fieldLines)
        case .list(let items) where items.isEmpty: users.takeNone()
        default:
            problems.append(
                ConfigurationRemark(
                    "users are tables: write [[users]] above name, role and what else there is of each",
                    key: KeyName.usersTable, at: .file(path: path, line: entry.line)))
        }
        return true
    }

    private mutating func read(_ entry: TOMLEntry, at origin: Origin) {
        guard let sectionName = entry.section else {
            problems.append(.outsideSection(entry.key, at: origin))
            return
        }
        if let note = RetiredKeys.note(section: sectionName, key: entry.key) {
            notes.append(ConfigurationRemark(note, key: entry.key, at: origin))
            return
        }
        guard let section = ConfigurationSection(rawValue: sectionName) else {
            let isRetired = RetiredKeys.isRetired(section: sectionName)
            if !isRetired {
                problems.append(.unknownSection(sectionName, at: origin))
            } else if !entry.key.isEmpty {
                problems.append(ConfigurationRemark("unknown key \"\(entry.key)\" in [\(sectionName)]", at: origin))
            }
            return
        }
        guard !entry.key.isEmpty else { return }
        guard let key = ConfigurationTable.key(named: entry.key, in: section) else {
            problems.append(.unknownKey(entry.key, in: section, at: origin))
            return
        }
        set(key, to: entry.value, at: origin)
    }

    /// systemd hands secrets over as files in a directory that only the service can read.
    private mutating func readCredentials() {
        guard let directory = sources.environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty else { return }
        for key in ConfigurationTable.keys where key.isSecret {
            let path = "\(directory)/\(key.name.rawValue)"
            if sources.files.exists(path) { readSecret(key.name, from: path, at: .secretFile(path: path)) }
        }
    }

    private mutating func readEnvironment() {
        for key in ConfigurationTable.keys {
            guard let (name, value) = variable(of: key) else { continue }
            let origin = Origin.environment(name)
            if key.name == .port && value.text?.hasPrefix("tcp://") == true {
                notes.append(
                    ConfigurationRemark("ignored: Kubernetes sets this for a service of that name", at: origin))
                continue
            }
            set(key, to: RawValue(value), at: origin)
        }
        notes += EnvironmentNames.strangers(in: sources.environment)
    }

    /// The variable that sets a key. An empty one is as good as none: compose files write PASSWORD=${PASSWORD:-} for "not
    /// set".
    private func variable(of key: ConfigurationKey) -> (name: String, value: ByteText)? {
        for name in key.environmentNames {
            guard var value = sources.variable(name) else { continue }
            if key.isSecret { value = SecretText.alone(in: value) }
            if !value.bytes.isEmpty { return (name, value) }
        }
        return nil
    }

    private mutating func readFlags() {
        for key in ConfigurationTable.keys {
            guard let text = sources.flags[key.name.rawValue] else { continue }
            let origin = Origin.flag(key.name.flag)
            guard !key.isSecret else {
                problems.append(
                    ConfigurationRemark(
                        "a secret on the command line is visible to every user of the machine", at: origin))
                continue
            }
            set(key, to: .text(text), at: origin)
            if sources.repeatedFlags.contains(key.name.flag) {
                notes.append(ConfigurationRemark("given more than once; the last counts: \"\(text)\"", at: origin))
            }
        }
    }

    private mutating func set(_ key: ConfigurationKey, to raw: RawValue, at origin: Origin) {
        do {
            let reading = try key.type.read(raw, on: sources.machine)
            configuration[key.name] = Configuration.Setting(value: reading.value, origin: origin)
            if let note = reading.note ?? key.pointless {
                notes.append(ConfigurationRemark(note, key: key.name.rawValue, at: origin))
            }
        } catch {
            problems.append(.notAllowed(raw, for: key, because: error, at: origin))
        }
    }

    private mutating func readSecretFiles() {
        for key in ConfigurationTable.keys {
            guard let secretName = key.fills else { continue }
            let path = configuration.text(key.name)
            let origin = configuration[key.name].origin
            let secret = configuration[secretName]
            guard !path.isEmpty, origin.rank >= secret.origin.rank else { continue }
            guard origin.rank > secret.origin.rank || secret.value == .secret(.none) else {
                problems.append(
                    ConfigurationRemark(
                        "\(secretName.rawValue) is set as well; keep one of the two", key: key.name.rawValue, at: origin
                    ))
                continue
            }
            readSecret(secretName, from: path, at: origin, key: key.name)
        }
    }

    private mutating func readSecret(_ name: KeyName, from path: String, at origin: Origin, key: KeyName? = nil) {
        let place = key?.rawValue
        do throws(FileProblem) {
            let line = SecretText.firstLine(of: ByteText(try sources.files.bytes(path)))
            guard !line.bytes.isEmpty else { throw FileProblem("its first line is empty") }
            configuration[name] = Configuration.Setting(
                value: .secret(Secret(bytes: line.bytes)), origin: .secretFile(path: path))
            noteOpen(path, key: place, at: origin)
        } catch {
            problems.append(
                ConfigurationRemark("cannot read \"\(path)\": \(error.description)", key: place, at: origin))
        }
    }

    /// Files whose secrets other users of the machine can read; those of secret files are noted where they are read.
    private mutating func noteOpenFiles() {
        for key in ConfigurationTable.keys where key.isSecret && !configuration.secret(key.name).isEmpty {
            if case .file(let path, _) = configuration[key.name].origin { noteOpen(path, of: key.name) }
        }
        if configuration.usesTLS { noteOpen(configuration.text(.tlsKeyPath), of: .tlsKeyPath) }
    }

    private mutating func noteOpen(_ path: String, of name: KeyName) {
        noteOpen(path, key: name.rawValue, at: configuration[name].origin)
    }

    private mutating func noteOpen(_ path: String, key: String?, at origin: Origin) {
        guard !path.isEmpty, sources.files.isOpenToOthers(path) else { return }
        notes.append(
            ConfigurationRemark(ConfigurationRemark.openToOthers(path), key: key, at: origin, isWarning: true))
    }
}
