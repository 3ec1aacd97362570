import Testing

@Suite struct PipelineTests {
    @Test func aHundredThousandCommandsInOneWriteAreAnsweredInOrder() throws {
        let daemon = try Daemon(["--workers", "2"])
        let client = try daemon.connect()
        let count = 100_000
        let bytes = (0..<count).flatMap { request(["ECHO", "\($0)"]) }
        try withThreads(1, { _ in try client.send(bytes) }, meanwhile: {
            for number in 0..<count {
                guard try client.readReply() == bulk("\(number)") else { throw TestFailure("reply \(number) is out of order") }
            }
        })
    }

    @Test func aHundredThousandKeysAreKept() throws {
        let daemon = try Daemon(["--workers", "2"])
        let client = try daemon.connect()
        let count = 100_000
        try withThreads(1, { _ in
            var bytes: [UInt8] = []
            for number in 0..<count { bytes += request(["SET", "key:\(number)", "value:\(number)"]) }
            for number in 0..<count { bytes += request(["GET", "key:\(number)"]) }
            bytes += request(["DBSIZE"])
            try client.send(bytes)
        }, meanwhile: {
            for _ in 0..<count { guard try client.readReply() == "+OK\r\n" else { throw TestFailure("SET failed") } }
            for number in 0..<count {
                guard try client.readReply() == bulk("value:\(number)") else { throw TestFailure("value \(number) is wrong") }
            }
            try #expect(client.readReply() == ":\(count)\r\n")
        })
    }

    @Test func anErrorStopsNothing() throws {
        try SharedDaemon.use { client in
            let lines = ["SET k v", "INCR k", "NOPE", "GET", "SET k 1", "INCR k", "SELECT 16", "GET k"]
            try client.send(lines.flatMap { request(words($0)) })
            let replies = try lines.map { _ in try client.readReply() }
            #expect(replies == [
                "+OK\r\n", "-ERR value is not an integer or out of range\r\n",
                "-ERR unknown command 'NOPE', with args beginning with: \r\n",
                "-ERR wrong number of arguments for 'get' command\r\n", "+OK\r\n", ":2\r\n",
                "-ERR DB index is out of range\r\n", bulk("2"),
            ])
        }
    }

    @Test(arguments: [1, 100, 10_000])
    func aClientThatHalfClosesGetsAllReplies(_ count: Int) throws {
        try SharedDaemon.use { client in
            try client.send((0..<count).flatMap { request(["INCRBY", "k", "\($0)"]) })
            client.halfClose()
            var sum = 0
            let expected = (0..<count).map { number -> String in
                sum += number
                return ":\(sum)\r\n"
            }.joined()
            try #expect(client.readToEnd() == expected)
        }
    }

    /// Replies of many times what the sockets hold, to a client that reads only when all is sent.
    @Test func aLateReaderGetsEverything() throws {
        let daemon = try Daemon(["--workers", "1"])
        let client = try daemon.connect()
        let value = String(repeating: "v", count: 100_000)
        try #expect(client.ask("SET", "k", value) == "+OK\r\n")
        try client.send((0..<500).flatMap { _ in request(["GET", "k"]) })
        // Others of the same worker are served meanwhile.
        try #expect(daemon.connect().ask("PING") == "+PONG\r\n")
        let expected = Array(bulk(value).utf8)
        for _ in 0..<500 { try #expect(client.readReplyBytes() == expected) }
    }

    @Test func aValueThatIsReplacedWhileItIsSentStaysWhole() throws {
        let daemon = try Daemon(["--workers", "2"])
        let client = try daemon.connect(), writer = try daemon.connect()
        let size = 8 << 20
        for round in 0..<5 {
            let old = String(repeating: Character(Unicode.Scalar(UInt8(97 + round))), count: size)
            try #expect(writer.ask("SET", "k", old) == "+OK\r\n")
            try client.send(request(["GET", "k"]))
            try #expect(client.readLineOnly() == "$\(size)")
            try #expect(writer.ask("SET", "k", "short") == "+OK\r\n")
            try #expect(writer.ask("DEL", "k") == ":1\r\n")
            try #expect(client.readBody(size) == old + "\r\n")
        }
    }

    @Test func manyConnectionsOfManyWorkersCountTogether() throws {
        let daemon = try Daemon(["--workers", "4"])
        try withThreads(8, { _ in
            let client = try daemon.connect()
            for _ in 0..<20 {
                try client.send((0..<500).flatMap { request(["INCR", "k\($0 % 5)"]) })
                for _ in 0..<500 { _ = try client.readReply() }
            }
        })
        try #expect(bulks(of: daemon.connect().ask("MGET", "k0", "k1", "k2", "k3", "k4")) == Array(repeating: "16000", count: 5))
    }
}
