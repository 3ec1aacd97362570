internal import ArgumentParser
internal import Redistill

/// `redistilld upgrade`, for the daemon of the same configuration.
struct UpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Have the running daemon become the program that is installed now, with its keys.",
        discussion: """
            The daemon that --config FILE starts, and on this machine; it needs warm_restart = true. Its listening sockets \
            and its keys stay, clients connect anew once. A program that finds its configuration wrong is not begun: the \
            daemon serves on.
            """)

    /// Takes `--config`, and flags of keys such as `--port`, wherever they stand.
    @ParentCommand var parent: Redistilld

    func run() throws {
        let outcome = Upgrade.run(parent.sources)
        outcome.write()
        throw ExitCode(outcome.exitCode)
    }
}
