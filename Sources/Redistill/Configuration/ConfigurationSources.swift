/// Everything that the configuration is read from.
public struct ConfigurationSources: Sendable {
    /// The file that the command line names, or nil.
    package var path: String?
    /// The process's environment.
    package var environment: [String: String]
    /// The flags given, by the key's name in the file.
    package var flags: [String: String]
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
    public static func ofThisProcess(path: String?, flags: [String: String]) -> ConfigurationSources {
        ConfigurationSources(
            path: path, environment: ProcessEnvironment.variables(), flags: flags, machine: ProcessFacts.memory())
    }

    /// The file to read and whether it must exist.
    var file: (path: String, required: Bool)? {
        if let path { return (path, true) }
        if let path = environment["REDISTILL_CONFIG"], !path.isEmpty { return (path, true) }
        return files.exists(Self.usualFile) ? (Self.usualFile, true) : nil
    }
}
