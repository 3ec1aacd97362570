/// Turns a Redis configuration file into ours and says what it left out. Pure.
public struct RedisConfigurationImport: Sendable, Equatable {
    /// Our file.
    public let toml: String
    /// One line for each directive that is not in it, with the reason.
    public let leftOut: [String]

    /// - Parameter text: The text of a `redis.conf`.
    public init(of text: String) {
        var reader = Reader()
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            reader.read(line, number: index + 1)
        }
        reader.finish()
        toml = reader.toml()
        leftOut = reader.leftOut
    }

    /// Reads a file and writes our file to standard output and what was left out to standard error.
    public static func run(path: String) -> ConfigurationReport.Outcome {
        do throws(FileProblem) {
            let result = RedisConfigurationImport(of: try FileSystem.real.read(path))
            let errors = result.leftOut.map { "\(path):\($0)\n" }.joined()
            return ConfigurationReport.Outcome(output: result.toml, errors: errors, exitCode: 0)
        } catch {
            return ConfigurationReport.Outcome(
                output: "", errors: "redistilld: cannot read \"\(path)\": \(error)\n", exitCode: 1)
        }
    }
}

private struct Reader {
    var leftOut: [String] = []
    private var configuration = Configuration()
    private var given: Set<KeyName> = []
    /// A share of the memory means another machine's here, so none is known.
    private let machine = MachineMemory(total: nil, groupLimit: nil)

    mutating func read(_ line: Substring, number: Int) {
        let text = line.drop { $0.isWhitespace }
        guard !text.isEmpty, !text.hasPrefix("#") else { return }
        guard let words = RedisWords.split(text), let directive = words.first?.shown.lowercased() else {
            leftOut.append("\(number): unbalanced quotes")
            return
        }
        let arguments = words.dropFirst().map(\.shown)
        if words.contains(where: { $0.text == nil || $0.bytes.contains(0) }) {
            leftOut.append("\(number): \(directive): it holds bytes that no TOML file can; a secret may be in a file of its own")
            return
        }
        if let reason = take(directive, arguments) { leftOut.append("\(number): \(directive): \(reason)") }
    }

    /// The reason to leave a directive out, or nil when it was taken or says what holds anyway.
    private mutating func take(_ directive: String, _ arguments: [String]) -> String? {
        switch directive {
        case "save" where arguments != [""], "appendonly" where arguments != ["no"]:
            return "Redistill keeps nothing on disk"
        case "tls-protocols":
            set(.tlsMinVersion, .text(arguments.joined().contains("TLSv1.2") ? "1.2" : "1.3"))
            return nil
        case "client-output-buffer-limit":
            return takeOutputLimits(arguments)
        case "bind":
            return takeAddresses(arguments)
        default: break
        }
        switch ConfigParameter.named(directive)?.meaning {
        case .redis(let name):
            return take(name, ConfigParameter.own(arguments.joined(separator: " "), of: name))
        case .fixed(let value):
            if arguments.joined(separator: " ") == value { return nil }
            return value.isEmpty ? "it has no effect here" : "it is always \"\(value)\" here"
        case .kept:
            return "it has no effect here"
        case .key, .outputBufferLimits, nil:
            return "Redistill has no such setting"
        }
    }

    private mutating func take(_ name: KeyName, _ text: String) -> String? {
        let key = ConfigurationTable.key(name)
        guard let reading = try? key.type.read(.text(text), on: machine) else {
            return "takes \(key.type.allowed) here"
        }
        set(name, reading.value)
        return nil
    }

    private mutating func takeOutputLimits(_ arguments: [String]) -> String? {
        if let complaint = OutputBufferLimits.read(arguments.joined(separator: " "), into: &configuration) {
            return complaint
        }
        guard arguments.first?.lowercased() == "normal" else { return "there is only the class normal here" }
        given.formUnion([.outputBufferLimit, .outputBufferSoftLimit, .outputBufferSoftTime])
        return nil
    }

    private mutating func takeAddresses(_ arguments: [String]) -> String? {
        let needed = arguments.filter { !$0.hasPrefix("-") }
        if !needed.isEmpty { set(.bind, .list(needed)) }
        let optional = arguments.filter { $0.hasPrefix("-") }
        return optional.isEmpty ? nil : "an address must exist here, so \(optional.joined(separator: " ")) is left out"
    }

    private mutating func set(_ name: KeyName, _ value: ConfigurationValue) {
        configuration[name] = Configuration.Setting(value: value, origin: .command)
        given.insert(name)
    }

    mutating func finish() {
        // Redis removes nothing unless it is told to.
        if given.contains(.maxMemory) && !given.contains(.evictionPolicy) {
            set(.evictionPolicy, .text(EvictionPolicy.none))
        }
        guard given.contains(.tlsPort), configuration.integer(.tlsPort) > 0 else { return }
        // Redis asks for client certificates unless it is told not to.
        if !given.contains(.tlsAuthClients) { set(.tlsAuthClients, .text("yes")) }
    }

    func toml() -> String {
        var text = "# Imported from a Redis configuration.\n"
        for section in ConfigurationSection.allCases {
            let keys = ConfigurationTable.keys(in: section).filter { given.contains($0.name) }
            guard !keys.isEmpty else { continue }
            text += "\n[\(section.rawValue)]\n"
            for key in keys { text += "\(key.name.rawValue) = \(Self.toml(configuration[key.name].value, key))\n" }
        }
        return text
    }

    private static func toml(_ value: ConfigurationValue, _ key: ConfigurationKey) -> String {
        if case .secret(let secret) = value, let text = secret.toml { return text }
        return key.type.toml(value)
    }
}
