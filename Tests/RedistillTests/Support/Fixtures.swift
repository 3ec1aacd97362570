import Redistill

/// Files that exist in a test's memory only.
func files(_ contents: [String: String], openToOthers: Set<String> = []) -> FileSystem {
    FileSystem(
        bytes: { path throws(FileProblem) in
            guard let text = contents[path] else { throw FileProblem("No such file or directory") }
            return Array(text.utf8)
        },
        exists: { contents[$0] != nil },
        isOpenToOthers: { openToOthers.contains($0) })
}

/// A machine with 8 GiB.
let machine = MachineMemory(total: 8 << 30, groupLimit: nil)

/// A configuration file with all that a reload may not lose unsaid.
let guardedConfiguration = """
    [security]
    password = "p"
    health_token = "t"
    tls_auth_clients = "optional"
    tls_min_version = "1.3"
    [memory]
    max_memory = "64mb"

    """

/// Sources with one configuration file called "test.toml".
func sources(
    toml: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:],
    files others: [String: String] = [:]
) -> ConfigurationSources {
    var contents = others
    contents["test.toml"] = toml
    return ConfigurationSources(
        path: toml == nil ? nil : "test.toml", environment: environment, flags: flags, machine: machine,
        files: files(contents))
}

/// The configuration of some sources, which must be right.
func configuration(
    toml: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:],
    files others: [String: String] = [:]
) throws -> Configuration {
    try ConfigurationLoader.load(sources(toml: toml, environment: environment, flags: flags, files: others))
        .configuration
}

/// The lines of the error that some sources lead to.
func problems(
    toml: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:],
    files others: [String: String] = [:]
) -> [String] {
    do throws(ConfigurationError) {
        _ = try ConfigurationLoader.load(sources(toml: toml, environment: environment, flags: flags, files: others))
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

/// The notes that some sources lead to.
func notes(
    toml: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:],
    files others: [String: String] = [:]
) throws -> [String] {
    try ConfigurationLoader.load(sources(toml: toml, environment: environment, flags: flags, files: others)).notes
        .map(\.description)
}
