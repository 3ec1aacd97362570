/// Everything that the configuration is read from.
public struct ConfigurationSources: Sendable {
    /// The file that the command line names, or nil.
    package var path: String?
    /// The process's environment, as far as it is text.
    package var environment: [String: String]
    /// The variables of it that are not UTF-8.
    package var environmentBytes: [String: [UInt8]] = [:]
    /// The flags given, by the key's name in the file.
    package var flags: [String: String]
    /// The flags that were given more than once, of which the last counts.
    package var repeatedFlags: [String] = []
    /// What a share of the memory is a share of.
    package var machine: MachineMemory
    package var files: FileSystem

    /// The file that is read when none is named and it exists.
    package static let usualFile = "redistill.toml"

    package init(
        path: String? = nil,
        environment: [String: String] = [:],
        flags: [String: String] = [:],
        machine: MachineMemory = MachineMemory(total: nil, groupLimit: nil),
        files: FileSystem = .real
    ) {
        self.path = path
        self.environment = environment
        self.flags = flags
        self.machine = machine
        self.files = files
    }

    /// The sources of this process: its environment and memory, with the command line's part.
    public static func ofThisProcess(
        path: String?, flags: [String: String], repeated repeatedFlags: [String]
    ) -> ConfigurationSources {
        let variables = ProcessEnvironment.variables()
        var sources = ConfigurationSources(
            path: path, environment: variables.compactMapValues(\.text), flags: flags, machine: ProcessFacts.memory())
        sources.repeatedFlags = repeatedFlags
        sources.environmentBytes = variables.filter { $0.value.text == nil }.mapValues(\.bytes)
        return sources
    }

    /// A variable of the environment.
    func variable(_ name: String) -> ByteText? {
        environment[name].map { ByteText($0) } ?? environmentBytes[name].map { ByteText($0) }
    }

    /// The file to read and whether it must exist.
    var file: (path: String, required: Bool)? {
        if let path { return (path, true) }
        if let path = environment["REDISTILL_CONFIG"], !path.isEmpty { return (path, true) }
        return files.exists(Self.usualFile) ? (Self.usualFile, true) : nil
    }
}
