internal import ArgumentParser
internal import Redistill

/// `redistilld migrate redis://host:port`.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Fill this daemon from a running Redis, and keep up with it until the cut-over.",
        discussion: """
            Copies all keys of a database with their times to live, then goes on copying those that change, which the \
            source tells (client-side tracking, Redis 6 or later). At Ctrl-C it takes in the last changes, says what \
            differs, and ends. Keys go to the daemon of --config FILE, to --to URL, or to port 6379 of this machine. \
            Passwords stand in the URLs, or better in REDISCLI_AUTH (source) and REDIS_PASSWORD (target). The exit code \
            is 0 when all is equal, 2 when something is not, 1 when it could not go on.
            """)

    /// Takes `--config`.
    @ParentCommand var parent: Redistilld

    @Argument(
        help: ArgumentHelp(
            "Where keys come from: redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// for TLS, unix:///PATH.",
            valueName: "url"))
    var source: String

    @Option(help: ArgumentHelp("Where keys go to, written the same way.", valueName: "url"))
    var to: String?

    @Option(help: ArgumentHelp("Only keys that match, as of KEYS.", valueName: "glob"))
    var pattern: String?

    @Option(help: ArgumentHelp("Keys a second at most, 0 for as many as can be.", valueName: "number"))
    var rate = 0

    @Flag(help: "End when all is copied; do not wait for the cut-over.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "At the cut-over the source's clients may not write for so long, so that nothing is lost meanwhile.",
            valueName: "seconds"))
    var pause = 0

    @Flag(help: "Keys may be there already; those of the same names are replaced.")
    var replace = false

    @Flag(inversion: .prefixedNo, help: "Compare all keys before the end.")
    var compare = true

    @OptionGroup var tlsFlags: TLSClientFlags

    func validate() throws {
        if let other = parent.keys.given.keys.sorted().first {
            throw ValidationError(
                "--\(other.replacing("_", with: "-")) is the daemon's, migrate does not take it; see redistilld migrate --help.")
        }
        if parent.checkConfig || parent.printConfig || parent.healthProbe != nil {
            throw ValidationError("Give migrate, or one of --check-config, --print-config and --health-probe.")
        }
        guard (0...100_000_000).contains(rate) else { throw ValidationError("--rate \(rate): give 0 to 100000000.") }
        guard (0...3600).contains(pause) else { throw ValidationError("--pause \(pause): give 0 to 3600 seconds.") }
        if to != nil && parent.config != nil { throw ValidationError("Give --to URL or --config FILE, not both.") }
    }

    func run() throws {
        var arguments = MigrateArguments(source: source)
        arguments.target = to
        arguments.config = parent.config
        arguments.pattern = pattern
        arguments.rate = rate
        arguments.isOnce = once
        arguments.pauseSeconds = pause
        arguments.replaces = replace
        arguments.compares = compare
        arguments.tlsArguments = tlsFlags.arguments
        let outcome = Migrate.run(arguments)
        outcome.write()
        throw ExitCode(outcome.exitCode)
    }
}
