internal import ArgumentParser
internal import Redistill

/// `redistilld import redis.conf`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn a Redis configuration into a Redistill one, on standard output.",
        discussion: "What has no counterpart is told on standard error, one line for each directive.")

    @Argument(help: "Redis's configuration file, such as redis.conf.")
    var file: String

    func run() throws {
        let outcome = RedisConfigurationImport.run(path: file)
        outcome.write()
        throw ExitCode(outcome.exitCode)
    }
}
