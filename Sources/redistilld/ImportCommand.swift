internal import ArgumentParser
internal import Redistill

/// `redistilld import redis.conf`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn a Redis configuration into a Redistill one.",
        discussion: """
            Included files are read, too. What gets lost is told on standard error and at the head of the file: first \
            what protects, then limits, then what behaves otherwise. The exit code is 0 when nothing is lost, 2 when \
            something is, 1 when a file can't be read or written.
            """)

    @Argument(help: "Redis's configuration file, such as redis.conf.")
    var file: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this file, which only its owner can read, not to standard output.", valueName: "file"))
    var output: String?

    @Flag(help: "End with exit code 0 whatever gets lost.")
    var force = false

    func run() throws {
        let outcome = RedisConfigurationImport.run(path: file, output: output, isForced: force)
        outcome.write()
        throw ExitCode(outcome.exitCode)
    }
}
