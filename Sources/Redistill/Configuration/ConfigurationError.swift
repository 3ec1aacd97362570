/// A configuration that can't be used, with everything that is wrong with it.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    package let problems: [ConfigurationRemark]
    /// How the log was to look, as far as the sources could be read.
    package var logFormat = LogFormat.text

    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }

    init(_ problems: [ConfigurationRemark]) {
        self.problems = problems
    }

    static func unreadable(_ path: String, because reason: String) -> ConfigurationError {
        ConfigurationError([
            ConfigurationRemark("cannot read the configuration file: \(reason)", at: .secretFile(path: path))
        ])
    }
}
