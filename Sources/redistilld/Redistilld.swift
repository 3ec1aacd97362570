internal import ArgumentParser
internal import Redistill

/// The command line: arguments in, exit code out.
@main
struct Redistilld: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redistilld",
        abstract: "A Redis-compatible in-memory cache.",
        discussion: """
            Values come from a TOML file, then from the environment (REDISTILL_ and the key in upper case), then from \
            flags; the later wins. Secrets have no flag: they come from password_file or REDIS_PASSWORD.
            """,
        version: VersionText.text,
        subcommands: [ImportCommand.self, MigrateCommand.self, TopCommand.self, UpgradeCommand.self])

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The configuration file; otherwise REDISTILL_CONFIG, or ./redistill.toml if there.", valueName: "file"))
    var config: String?

    @Flag(help: "Check the configuration and what it names, start nothing.")
    var checkConfig = false

    @Flag(help: "Print the effective configuration without secrets, start nothing.")
    var printConfig = false

    @Flag(help: "With --print-config: print a commented file with every default.")
    var `default` = false

    @Option(
        defaultAsFlag: ProbeWord.live,
        help: ArgumentHelp(
            """
            Ask the daemon of this configuration how it is, start nothing: exit code 0 when it is live, or ready \
            to be sent clients; for a container's health check.
            """, valueName: "live|ready"))
    var healthProbe: ProbeWord?

    @OptionGroup(title: "Configuration keys")
    var keys: ConfigurationFlags

    // Not in the table, so that they are no flags of keys: who tries them is told why.
    @Option(help: .private)
    var password: String?

    @Option(help: .private)
    var requirepass: String?

    @Option(help: .private)
    var healthToken: String?

    func validate() throws {
        for (flag, value, key) in [
            ("--password", password, "password"), ("--requirepass", requirepass, "password"),
            ("--health-token", healthToken, "health_token"),
        ] where value != nil {
            throw ValidationError(
                "\(flag): every user of this machine can read the command line. Write the secret to a file and give "
                    + "--\(key.replacing("_", with: "-"))-file FILE, or set the environment variable "
                    + "REDISTILL_\(key.uppercased()).")
        }
        if `default` && !printConfig { throw ValidationError("--default belongs to --print-config.") }
        if [checkConfig, printConfig, healthProbe != nil].filter({ $0 }).count > 1 {
            throw ValidationError("Give one of --check-config, --print-config and --health-probe.")
        }
    }

    func run() throws {
        if printConfig && `default` { return try finish(ConfigurationReport.printDefault()) }
        let sources = sources
        if checkConfig { return try finish(ConfigurationReport.check(sources)) }
        if printConfig { return try finish(ConfigurationReport.print(sources)) }
        if let healthProbe { return try finish(HealthProbe.run(healthProbe.question, of: sources)) }
        throw ExitCode(Daemon.run(sources))
    }

    /// What the command line says, and what it does not.
    var sources: ConfigurationSources {
        ConfigurationSources.ofThisProcess(
            path: config, flags: keys.given, repeated: ConfigurationFlags.repeated(in: CommandLine.arguments))
    }

    private func finish(_ outcome: ConfigurationReport.Outcome) throws {
        outcome.write()
        throw ExitCode(outcome.exitCode)
    }
}

/// The values of `--health-probe`.
enum ProbeWord: String, ExpressibleByArgument, CaseIterable {
    case live, ready

    var question: HealthProbe.Question {
        switch self {
        case .live: .live
        case .ready: .ready
        }
    }
}
