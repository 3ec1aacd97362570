import Testing

@Suite struct RequestTests {
    /// A session with every kind of request, and what it is answered.
    private static let session: [UInt8] =
        request(["SET", "k", "value"]) + request(["GET", "k"]) + Array("*0\r\n*-1\r\nPING\r\n\r\n\nGET k\r\n".utf8)
        + request(["SET", "", "\r\n$5\r\n*1"]) + request(["GET", ""]) + Array("ECHO \"a\\x41 b\"\n".utf8)
        + request(["MGET", "k", "none"]) + request(["HELLO", "4"]) + request(["NOPE", "x"]) + request(["PING"])
    private static let answer =
        "+OK\r\n" + bulk("value") + "+PONG\r\n" + bulk("value") + "+OK\r\n" + bulk("\r\n$5\r\n*1") + bulk("aA b")
        + "*2\r\n" + bulk("value") + "$-1\r\n" + "-NOPROTO unsupported protocol version\r\n"
        + "-ERR unknown command 'NOPE', with args beginning with: 'x' \r\n" + "+PONG\r\n"

    @Test func requestsMayBeCutAnywhere() throws {
        let daemon = try Daemon(["--workers", "1"])
        for cut in 1..<Self.session.count {
            let client = try daemon.connect()
            try client.send(Self.session[..<cut])
            // The answer to another connection tells that the first part has been read.
            _ = try daemon.connect().ask("PING")
            try client.send(Self.session[cut...])
            client.halfClose()
            try #expect(client.readToEnd() == Self.answer, "cut at \(cut)")
        }
    }

    @Test func requestsMayComeByteByByte() throws {
        let daemon = try Daemon(["--workers", "1"])
        let client = try daemon.connect(), other = try daemon.connect()
        for byte in Self.session {
            try client.send([byte])
            _ = try other.ask("PING")
        }
        client.halfClose()
        try #expect(client.readToEnd() == Self.answer)
    }

    @Test(arguments: [0, 1, 2, 3, 100, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 262_144, 1_000_000, 1_000_033])
    func largeArgumentsMayBeCutAnywhere(_ at: Int) throws {
        let daemon = try Daemon(["--workers", "1"])
        let client = try daemon.connect(), other = try daemon.connect()
        let value = text(pattern(1_000_000))
        let bytes = request(["SET", "k", value]) + request(["GET", "k"])
        try client.send(bytes[..<at])
        _ = try other.ask("PING")
        try client.send(bytes[at...])
        try #expect(client.readReply() == "+OK\r\n")
        try #expect(client.readReply() == bulk(value))
    }

    @Test(arguments: [
        ("PING\r\n", "+PONG\r\n"), ("PING\n", "+PONG\r\n"), ("  PING  \r\n", "+PONG\r\n"), ("ping hello\r\n", bulk("hello")),
        ("ECHO \"hello world\"\r\n", bulk("hello world")), ("ECHO 'hello world'\r\n", bulk("hello world")),
        ("ECHO \"\"\r\n", bulk("")), ("ECHO ''\r\n", bulk("")), ("ECHO \"a\\\"b\"\r\n", bulk("a\"b")),
        ("ECHO 'a\\'b'\r\n", bulk("a'b")), ("ECHO 'a\\nb'\r\n", bulk("a\\nb")), ("ECHO \"a\\nb\\r\\t\\a\\b\"\r\n", bulk("a\nb\r\t\u{7}\u{8}")),
        ("ECHO \"\\x41\\x6a\"\r\n", bulk("Aj")), ("ECHO \"\\xZZ\"\r\n", bulk("xZZ")), ("ECHO a\"b\"\r\n", bulk("ab")),
        ("ECHO\thello\r\n", bulk("hello")), ("ECHO \"\\q\"\r\n", bulk("q")), ("\r\n", ""), ("   \r\n", ""), ("\n", ""),
    ])
    func inlineRequests(_ line: String, _ reply: String) throws {
        try SharedDaemon.use { client in
            try client.send(line)
            client.halfClose()
            try #expect(client.readToEnd() == reply)
        }
    }

    private static func refusal(_ reason: String) -> String { "-ERR Protocol error: \(reason)\r\n" }

    @Test(arguments: [
        ("*x\r\n", "invalid multibulk length"), ("*2147483648\r\n", "invalid multibulk length"),
        ("*18446744073709551617\r\n", "invalid multibulk length"), ("* 1\r\n", "invalid multibulk length"),
        ("*+1\r\n", "invalid multibulk length"), ("*01\r\n", "invalid multibulk length"), ("*\r\n", "invalid multibulk length"),
        ("*1\r\n$x\r\n", "invalid bulk length"), ("*1\r\n$-1\r\n", "invalid bulk length"), ("*1\r\n$-5\r\n", "invalid bulk length"),
        ("*1\r\n$+3\r\n", "invalid bulk length"), ("*1\r\n$ 3\r\n", "invalid bulk length"), ("*1\r\n$03\r\n", "invalid bulk length"),
        ("*1\r\n$\r\n", "invalid bulk length"), ("*1\r\n$999999999999\r\n", "invalid bulk length"),
        ("*1\r\n$18446744073709551617\r\n", "invalid bulk length"), ("*1\r\n$536870913\r\n", "invalid bulk length"),
        ("*1\r\nx3\r\n", "expected '$', got 'x'"), ("*1\r\n*1\r\n", "expected '$', got '*'"), ("*1\r\n\r\n", "expected '$', got ' '"),
        ("ECHO \"a\r\n", "unbalanced quotes in request"), ("ECHO 'a\r\n", "unbalanced quotes in request"),
        ("ECHO \"a\"b\r\n", "unbalanced quotes in request"),
        (String(repeating: "x", count: 65_600), "too big inline request"),
        ("*" + String(repeating: "1", count: 65_600), "too big mbulk count string"),
        ("*1\r\n$" + String(repeating: "1", count: 65_600), "too big bulk count string"),
    ])
    func protocolErrorsAreToldAfterEarlierRepliesThenTheConnectionCloses(_ bytes: String, _ reason: String) throws {
        try SharedDaemon.use { client in
            try client.send(Array("PING\r\n".utf8) + request(["ECHO", "x"]) + Array(bytes.utf8))
            try #expect(client.readToEnd() == "+PONG\r\n" + bulk("x") + Self.refusal(reason))
        }
    }

    /// A promise of two thousand million arguments costs nothing until they come.
    @Test func anAnnouncedCountReservesNothing() throws {
        let daemon = try Daemon(["--workers", "1"])
        let other = try daemon.connect()
        let before = try residentKilobytes(of: daemon)
        let clients = try (0..<20).map { _ in
            let client = try daemon.connect()
            try client.send("*2147483647\r\n$536870912\r\nx")
            return client
        }
        for _ in 0..<3 { _ = try other.ask("PING") }
        #expect(try residentKilobytes(of: daemon) - before < 20 * 1024)
        withExtendedLifetime(clients) {}
    }

    private func residentKilobytes(of daemon: Daemon) throws -> Int {
        let status = try ScratchDirectory.read("/proc/\(daemon.process.pid)/status")
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? line.split(separator: "\t").compactMap { Int($0) }.first ?? 0
    }

    @Test(arguments: ["POST / HTTP/1.1\r\nHost: x\r\n\r\n", "Host: x\r\n", "post /\r\n"])
    func aBrowserIsCutOffWithoutAWord(_ bytes: String) throws {
        let daemon = try Daemon()
        let client = try daemon.connect()
        try client.send(bytes)
        try #expect(client.readToEnd() == "")
        try #expect(daemon.connect().ask("PING") == "+PONG\r\n")
        #expect(daemon.stop() == .exited(0))
        #expect(daemon.process.errors().contains("attack"))
    }

    @Test func aBrowserIsCutOffBeforeItsBodyIsRun() throws {
        let daemon = try Daemon()
        let client = try daemon.connect()
        try client.send("GET / HTTP/1.1\r\nHost: x\r\nSET smuggled yes\r\n\r\n")
        _ = try client.readToEnd()
        try #expect(daemon.connect().ask("EXISTS", "smuggled") == ":0\r\n")
    }
}
