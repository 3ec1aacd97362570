import Glibc
import Testing

@Suite struct ConnectionCommandTests {
    @Test(arguments: [
        Exchange("PING", "+PONG\r\n"), Exchange("PING hello", bulk("hello")), Exchange("PING \"\"", bulk("")),
        Exchange.arity("PING a b"),
        Exchange("ECHO hello", bulk("hello")), Exchange.arity("ECHO"), .arity("ECHO a b"),
        Exchange("SELECT 0", "+OK\r\n"), Exchange("SELECT 16", "-ERR DB index is out of range\r\n"),
        Exchange("SELECT -1", "-ERR DB index is out of range\r\n"), .notAnInteger("SELECT x"), .arity("SELECT"),
        Exchange.arity("TIME x"),
    ])
    func replies(_ exchange: Exchange) throws { try exchange.check() }

    @Test(arguments: [
        Exchange("FOO", "-ERR unknown command 'FOO', with args beginning with: \r\n"),
        Exchange("Foo a b", "-ERR unknown command 'Foo', with args beginning with: 'a' 'b' \r\n"),
        Exchange("\"\"", "-ERR unknown command '', with args beginning with: \r\n"),
        Exchange(
            "XLEN s",
            "-ERR unknown command 'XLEN', with args beginning with: 's' (Redistill has no streams)\r\n"),
        Exchange(
            "subscribe",
            "-ERR unknown command 'subscribe', with args beginning with: "
                + "(Redistill has no pub/sub; CLIENT TRACKING tells a client of changed keys)\r\n"),
        Exchange("CLIENT NOPE", "-ERR unknown subcommand 'NOPE'. Try CLIENT HELP.\r\n"),
        Exchange("config nope x", "-ERR unknown subcommand 'nope'. Try CONFIG HELP.\r\n"),
        Exchange("COMMAND NOPE", "-ERR unknown subcommand 'NOPE'. Try COMMAND HELP.\r\n"),
        Exchange.arity("CLIENT"), .arity("CONFIG"), .arity("CLIENT SETNAME", name: "client|setname"),
        Exchange.arity("CLIENT ID x", name: "client|id"), .arity("CONFIG GET", name: "config|get"),
        Exchange.arity("COMMAND GETKEYS", name: "command|getkeys"), .arity("COMMAND COUNT x", name: "command|count"),
    ])
    func refusals(_ exchange: Exchange) throws { try exchange.check() }

    @Test func anUnknownCommandIsQuotedUpTo128Bytes() throws {
        try SharedDaemon.use { client in
            let long = String(repeating: "x", count: 300), cut = String(repeating: "x", count: 128)
            try #expect(client.ask(long) == "-ERR unknown command '\(cut)', with args beginning with: \r\n")
            try #expect(client.ask("foo", long) == "-ERR unknown command 'foo', with args beginning with: '\(cut)' \r\n")
            try #expect(
                client.ask("f\r\noo", "a\nb") == "-ERR unknown command 'f  oo', with args beginning with: 'a b' \r\n")
        }
    }

    @Test func timeIsNow() throws {
        try SharedDaemon.use { client in
            let parts = bulks(of: try client.ask("TIME")).compactMap { Int($0) }
            try #require(parts.count == 2)
            #expect(abs(parts[0] - time(nil)) <= 2)
            #expect((0..<1_000_000).contains(parts[1]))
        }
    }

    @Test func quitAnswersAfterEarlierRepliesThenCloses() throws {
        try SharedDaemon.use { client in
            try client.send(["SET k v", "GET k", "QUIT", "GET k"].flatMap { request(words($0)) })
            try #expect(client.readToEnd() == "+OK\r\n" + bulk("v") + "+OK\r\n")
        }
    }

    // MARK: HELLO

    private static func hello(_ version: Int, _ id: Substring, map: Bool) -> String {
        (map ? "%7\r\n" : "*14\r\n") + bulk("server") + bulk("redis") + bulk("version") + bulk("7.4.0") + bulk("proto")
            + ":\(version)\r\n" + bulk("id") + ":\(id)\r\n" + bulk("mode") + bulk("standalone") + bulk("role")
            + bulk("master") + bulk("modules") + "*0\r\n"
    }

    @Test func helloAnswersItsSevenFieldsInTheProtocolAskedFor() throws {
        try SharedDaemon.use { client in
            let id = try client.ask("CLIENT", "ID").dropFirst().dropLast(1)
            try #expect(client.ask("HELLO") == Self.hello(2, id, map: false))
            try #expect(client.ask("HELLO", "3") == Self.hello(3, id, map: true))
            try #expect(client.ask("HELLO") == Self.hello(3, id, map: true))
            try #expect(client.ask("HELLO", "2") == Self.hello(2, id, map: false))
            try #expect(client.ask("hello", "3", "setname", "n") == Self.hello(3, id, map: true))
            try #expect(client.ask("CLIENT", "GETNAME") == bulk("n"))
            try #expect(client.ask("HELLO", "3", "AUTH", "default", "any") == Self.hello(3, id, map: true))
        }
    }

    @Test(arguments: [
        Exchange("HELLO 1", "-NOPROTO unsupported protocol version\r\n"),
        Exchange("HELLO 4", "-NOPROTO unsupported protocol version\r\n"),
        Exchange("HELLO x", "-ERR Protocol version is not an integer or out of range\r\n"),
        Exchange("HELLO 3 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"),
        Exchange("HELLO 3 AUTH x", "-ERR Syntax error in HELLO option 'AUTH'\r\n"),
        Exchange("HELLO 3 SETNAME", "-ERR Syntax error in HELLO option 'SETNAME'\r\n"),
        Exchange("HELLO 3 AUTH nobody x", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
    ])
    func helloRefuses(_ exchange: Exchange) throws { try exchange.check() }

    @Test func helloInAPipelineSwitchesTheRepliesAfterIt() throws {
        try SharedDaemon.use { client in
            try client.send(["GET k", "HELLO 3", "GET k", "HELLO 4", "GET k", "HELLO 2", "GET k"].flatMap { request(words($0)) })
            let replies = try (0..<7).map { _ in try client.readReply() }
            #expect(replies.map { String($0.prefix { $0 != "\r\n" }) } == [
                "$-1", "%7", "_", "-NOPROTO unsupported protocol version", "_", "*14", "$-1",
            ])
        }
    }

    // MARK: CLIENT

    @Test func clientNamesAreKept() throws {
        try SharedDaemon.use { client in
            let refusal = "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
            try converse(client, [
                ("CLIENT GETNAME", "$-1\r\n"), ("CLIENT SETNAME name", "+OK\r\n"), ("CLIENT GETNAME", bulk("name")),
                ("CLIENT SETNAME \"\"", "+OK\r\n"), ("CLIENT GETNAME", "$-1\r\n"),
                ("CLIENT SETINFO LIB-NAME lib", "+OK\r\n"), ("CLIENT SETINFO lib-ver 1.2", "+OK\r\n"),
                ("CLIENT SETINFO what x", "-ERR Unrecognized option 'what'\r\n"),
            ])
            try #expect(client.ask("CLIENT", "SETNAME", "a b") == refusal)
            try #expect(client.ask("CLIENT", "SETINFO", "lib-name", "a\nb")
                == "-ERR lib-name cannot contain spaces, newlines or special characters.\r\n")
            try #expect(client.ask("HELLO", "3", "SETNAME", "a b") == refusal)
        }
    }

    @Test func clientIDsGrowAndAreUnique() throws {
        let daemon = try Daemon(["--workers", "3"])
        let clients = try (0..<20).map { _ in try daemon.connect() }
        let ids = try clients.map { Int(try $0.ask("CLIENT", "ID").dropFirst().dropLast(1)) ?? 0 }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0 > 0 })
    }

    @Test func clientListShowsEveryConnectionOfEveryWorker() throws {
        let daemon = try Daemon(["--workers", "3"])
        let clients = try (0..<9).map { _ in try daemon.connect() }
        for (number, client) in clients.enumerated() {
            try converse(client, [("CLIENT SETNAME n\(number)", "+OK\r\n"), ("CLIENT SETINFO lib-name l\(number)", "+OK\r\n")])
        }
        let list = try clients[0].ask("CLIENT", "LIST").split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id=") }
        #expect(Set(list.flatMap { $0.split(separator: " ") }.filter { $0.hasPrefix("name=") })
            == Set((0..<9).map { "name=n\($0)" }))
        for field in ["addr=127.0.0.1:", "laddr=127.0.0.1:\(daemon.port)", "fd=", "age=", "idle=", "flags=N", "db=0",
            "user=default", "resp=2", "lib-name=l", "cmd=client|"] {
            #expect(list.allSatisfy { $0.contains(field) }, "\(field)")
        }
        let id = try clients[3].ask("CLIENT", "ID").dropFirst().dropLast(1)
        let one = try clients[0].ask("CLIENT", "LIST", "ID", String(id))
        #expect(one.contains("name=n3 ") && !one.contains("name=n4 "))
        let own = try clients[5].ask("CLIENT", "INFO")
        #expect(own.contains("name=n5 ") && own.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id=") }.count == 1)
        try #expect(clients[0].ask("CLIENT", "LIST", "TYPE", "pubsub") == bulk(""))
        try #expect(clients[0].ask("CLIENT", "LIST", "TYPE", "x") == "-ERR Unknown client type 'x'\r\n")
        try #expect(clients[0].ask("CLIENT", "LIST", "ID", "x") == "-ERR Invalid client ID\r\n")
        try #expect(clients[0].ask("CLIENT", "LIST", "WHAT") == "-ERR syntax error\r\n")
    }
}
