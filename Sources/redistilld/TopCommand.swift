internal import ArgumentParser
internal import Redistill

/// `redistilld top`, told where the server is as redis-cli is.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch a running server in a terminal: rates, latency, memory, clients, hot keys.",
        discussion: """
            Redistill, Redis or Valkey, by its ordinary port; of a daemon on this machine --config FILE says where it \
            listens, and its password. Where standard output is no terminal one page is printed. A password is best \
            given in the environment variable REDISCLI_AUTH.
            """,
        // -h is the host, as in redis-cli.
        helpNames: .long)

    /// Takes `--config` and `--port`, wherever they stand.
    @ParentCommand var parent: Redistilld

    @Option(name: [.customShort("h"), .customLong("host")], help: "The server's name or address; 127.0.0.1.")
    var host: String?

    @Option(name: .customShort("p"), help: ArgumentHelp("The server's port; 6379.", valueName: "number"))
    var shortPort: UInt16?

    @Option(name: .shortAndLong, help: ArgumentHelp("The path of the server's Unix socket.", valueName: "file"))
    var socket: String?

    @Option(
        name: [.customShort("a"), .customLong("pass")],
        help: ArgumentHelp("The password, which every user of this machine can read here.", valueName: "password"))
    var password: String?

    @Option(help: ArgumentHelp("The user that the password is of.", valueName: "name"))
    var user: String?

    @Flag(help: "Speak TLS.")
    var tls = false

    @OptionGroup var tlsFlags: TLSClientFlags

    @Option(name: .shortAndLong, help: ArgumentHelp("Time between two looks, 0.1 to 60.", valueName: "seconds"))
    var interval = 1.0

    func validate() throws {
        try validateParent()
        guard (0.1...60).contains(interval) else {
            throw ValidationError("--interval \(interval): give 0.1 to 60 seconds, such as --interval 2.")
        }
        let port = try self.port
        if socket != nil && (host != nil || port != nil) {
            throw ValidationError("Give -s FILE, or -h HOST and -p NUMBER.")
        }
        if !tls, parent.config == nil, let flag = tlsFlags.given.first {
            throw ValidationError("\(flag) belongs to --tls.")
        }
    }

    /// What stands before or after `top` and means something to the daemon only.
    private func validateParent() throws {
        let others = parent.keys.given.keys.filter { $0 != "port" }.sorted()
        if let key = others.first {
            throw ValidationError(
                "--\(key.replacing("_", with: "-")) is the daemon's, top does not take it; see redistilld top --help.")
        }
        if parent.checkConfig || parent.printConfig || parent.healthProbe != nil {
            throw ValidationError("Give top, or one of --check-config, --print-config and --health-probe.")
        }
    }

    /// Of `-p`, or of `--port`, which is the daemon's, too.
    private var port: UInt16? {
        get throws {
            guard shortPort == nil, let text = parent.keys.port else { return shortPort }
            guard let port = UInt16(text), port > 0 else {
                throw ValidationError("--port \(text): give a port from 1 to 65535, such as 6379.")
            }
            return port
        }
    }

    func run() throws {
        var arguments = TopArguments()
        arguments.config = parent.config
        arguments.host = host
        arguments.port = try self.port
        arguments.socket = socket
        arguments.user = user
        arguments.password = password
        arguments.tls = tls
        arguments.tlsArguments = tlsFlags.arguments
        arguments.interval = interval
        let outcome = Top.run(arguments)
        outcome.write()
        throw ExitCode(outcome.exitCode)
    }
}
