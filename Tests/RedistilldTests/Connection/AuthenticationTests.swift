import Glibc
import Testing

@Suite struct AuthenticationTests {
    private static let password = "s3cret-éß"
    private static let wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
    private static let needed = "-NOAUTH Authentication required.\r\n"

    private static func daemon() throws -> Daemon {
        try Daemon(["--password-file", ScratchDirectory.file(password + "\n", named: "password")])
    }

    @Test(arguments: ["file", "environment"])
    func aPasswordIsAskedFor(from source: String) throws {
        let daemon = source == "file" ? try Self.daemon() : try Daemon(environment: ["REDIS_PASSWORD": Self.password])
        let client = try daemon.connect()
        try converse(client, [
            ("GET k", Self.needed), ("PING", Self.needed), ("INFO", Self.needed), ("CLIENT ID", Self.needed),
            ("COMMAND", Self.needed), ("FLUSHALL", Self.needed), ("SELECT 0", Self.needed), ("ECHO x", Self.needed),
            ("CONFIG GET *", Self.needed), ("SHUTDOWN", Self.needed),
            ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
            ("NOPE", "-ERR unknown command 'NOPE', with args beginning with: \r\n"),
            ("AUTH wrong", Self.wrong), ("AUTH \"\"", Self.wrong), ("AUTH nobody \(Self.password)", Self.wrong),
            ("AUTH default wrong", Self.wrong), ("GET k", Self.needed), ("AUTH a b c", "-ERR syntax error\r\n"),
            ("AUTH", "-ERR wrong number of arguments for 'auth' command\r\n"),
            ("AUTH \(Self.password)", "+OK\r\n"), ("GET k", "$-1\r\n"), ("AUTH default \(Self.password)", "+OK\r\n"),
            // A wrong password does not take away what the right one gave.
            ("AUTH wrong", Self.wrong), ("GET k", "$-1\r\n"),
        ])
        try #expect(daemon.connect().ask("AUTH", "default", Self.password) == "+OK\r\n")
    }

    @Test func helloAuthenticates() throws {
        let daemon = try Self.daemon()
        let client = try daemon.connect()
        let refused = "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> "
            + "AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at "
            + "the same time\r\n"
        try converse(client, [
            ("HELLO", refused), ("HELLO 3", refused), ("HELLO 3 AUTH default wrong", Self.wrong), ("GET k", Self.needed)])
        try #expect(client.ask("HELLO", "3", "AUTH", "default", Self.password).hasPrefix("%7\r\n"))
        try #expect(client.ask("GET", "k") == "_\r\n")
    }

    @Test func authWithoutAPasswordConfigured() throws {
        try SharedDaemon.use { client in
            try converse(client, [
                ("AUTH x", "-ERR AUTH <password> called without any password configured for the default user. Are you "
                    + "sure your configuration is correct?\r\n"),
                ("AUTH default x", "+OK\r\n"), ("AUTH Default x", Self.wrong), ("AUTH nobody x", Self.wrong)])
        }
    }

    @Test func aPipelineAfterAuthIsServed() throws {
        let client = try Self.daemon().connect()
        try client.send(["SET k v", "AUTH \(Self.password)", "SET k w", "GET k", "AUTH x", "GET k"].flatMap { request(words($0)) })
        let replies = try (0..<6).map { _ in try client.readReply() }
        #expect(replies == [Self.needed, "+OK\r\n", "+OK\r\n", bulk("w"), Self.wrong, bulk("w")])
    }

    /// Limits hold from the first byte, and go with the right password, within one pipeline too.
    @Test(arguments: [
        ("*10\r\n" + String(repeating: "$1\r\na\r\n", count: 10), "-ERR unknown command 'a'"),
        ("*11\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n"),
        ("*1\r\n$16385\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n"),
        ("*2\r\n$4\r\nAUTH\r\n$16385\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n"),
    ])
    func limitsBeforeAuthentication(_ bytes: String, _ expected: String) throws {
        let client = try Self.daemon().connect()
        try client.send(bytes)
        try #expect(client.readReply().hasPrefix(expected))
        if expected.contains("Protocol error") { try #expect(client.isClosed()) }
    }

    @Test func limitsEndWithAuthentication() throws {
        let client = try Self.daemon().connect()
        let keys = (0..<100).map { "k\($0)" }
        let large = String(repeating: "v", count: 20_000)
        try client.send(request(["AUTH", Self.password]) + request(["MGET"] + keys) + request(["ECHO", large]))
        try #expect(client.readReply() == "+OK\r\n")
        try #expect(client.readReply() == "*100\r\n" + String(repeating: "$-1\r\n", count: 100))
        try #expect(client.readReply() == bulk(large))
    }

    /// Neither a client, nor a reader of logs, nor another user of the machine sees it.
    @Test func thePasswordIsNeverShown() throws {
        let path = try ScratchDirectory.file(Self.password, named: "password")
        let daemon = try Daemon(["--password-file", path, "--level", "trace"])
        let client = try daemon.connect()
        try #expect(client.ask("AUTH", Self.password) == "+OK\r\n")
        for line in ["CONFIG GET *", "INFO everything", "CLIENT LIST", "CLIENT INFO", "COMMAND DOCS"] {
            try #expect(!client.ask(words(line)).contains(Self.password), "\(line)")
        }
        #expect(try run("/bin/ps", ["-o", "args=", "-p", "\(daemon.process.pid)"]).output.contains("redistilld"))
        #expect(try !run("/bin/ps", ["-o", "args=", "-p", "\(daemon.process.pid)"]).output.contains(Self.password))
        _ = try daemon.connect().ask("AUTH", "guess-\(Self.password)")
        #expect(daemon.stop() == .exited(0))
        #expect(!daemon.process.errors().contains(Self.password))

        let printed = try run(Daemon.executable, ["--print-config"], environment: ["REDIS_PASSWORD": Self.password])
        #expect(printed.end == .exited(0))
        #expect(!printed.output.contains(Self.password) && !printed.errors.contains(Self.password))
    }
}
