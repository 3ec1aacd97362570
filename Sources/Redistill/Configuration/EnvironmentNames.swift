/// The environment variables that look like ours.
enum EnvironmentNames {
    /// Variables that set no key.
    private static let others: Set<String> = ["REDISTILL_CONFIG"]

    /// Notes about variables that look like a misspelt key. Container systems set variables of their own with our
    /// prefix (`REDISTILL_SERVICE_HOST`), so that strangers are no error.
    static func strangers(in environment: [String: String]) -> [ConfigurationRemark] {
        let known = Set(ConfigurationTable.keys.flatMap(\.environmentNames))
        let candidates = ConfigurationTable.keys.map(\.name.environmentName)
        return environment.keys.sorted().compactMap { name in
            guard name.hasPrefix("REDISTILL_"), !known.contains(name), !others.contains(name),
                !name.contains("_SERVICE_"), !name.contains("_PORT_"),
                let nearest = Suggestion.nearest(to: name, among: candidates)
            else { return nil }
            return ConfigurationRemark("sets nothing; did you mean \(nearest)?", at: .environment(name))
        }
    }
}
