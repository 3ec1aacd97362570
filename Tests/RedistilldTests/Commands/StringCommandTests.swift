import Testing

@Suite struct StringCommandTests {
    @Test(arguments: [
        Exchange.null("GET k"),
        Exchange("GET k", bulk("v"), after: "SET k v"),
        Exchange("GET k", bulk(""), after: "SET k \"\""),
        Exchange("GET \"\"", bulk("v"), after: "SET \"\" v"),
        Exchange("get K", bulk("v"), after: "set K v"),
        Exchange.arity("GET"), .arity("GET a b"),
        Exchange("SET k v", "+OK\r\n"),
        Exchange("TTL k", ":-1\r\n", after: "SET k v EX 100", "SET k w"),
        Exchange.arity("SET"), .arity("SET k"),
        Exchange("STRLEN k", ":0\r\n"),
        Exchange("STRLEN k", ":5\r\n", after: "SET k hello"),
        Exchange.arity("STRLEN"), .arity("STRLEN a b"),
        Exchange("APPEND k v", ":1\r\n"),
        Exchange("APPEND k \"\"", ":0\r\n"),
        Exchange("GET k", bulk("vw"), after: "SET k v", "APPEND k w"),
        Exchange("APPEND k \"\"", ":1\r\n", after: "SET k v"),
        Exchange("TTL k", ":100\r\n", after: "SET k v EX 100", "APPEND k w"),
        Exchange("GET k", bulk("12"), after: "INCR k", "APPEND k 2"),
        Exchange.arity("APPEND k"), .arity("APPEND k v w"),
    ])
    func singleKey(_ exchange: Exchange) throws { try exchange.check() }

    @Test(arguments: [
        Exchange("MGET a", "*1\r\n$-1\r\n", resp3: "*1\r\n_\r\n"),
        Exchange("MGET a b a", "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n1\r\n", resp3: "*3\r\n$1\r\n1\r\n_\r\n$1\r\n1\r\n", after: "SET a 1"),
        Exchange.arity("MGET"),
        Exchange("MSET a 1", "+OK\r\n"),
        Exchange("MGET a b", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n", after: "MSET a 1 b 2"),
        Exchange("GET a", bulk("2"), after: "MSET a 1 a 2"),
        Exchange("TTL a", ":-1\r\n", after: "SET a 1 EX 100", "MSET a 2"),
        Exchange.arity("MSET"), .arity("MSET a"), .arity("MSET a 1 b"),
    ])
    func manyKeys(_ exchange: Exchange) throws { try exchange.check() }

    @Test func everyByteIsKept() throws {
        try SharedDaemon.use { client in
            let key = Array((0...255).map { UInt8($0) }), value = Array(key.reversed())
            try client.send(request([Array("SET".utf8), key, value]) + request([Array("GET".utf8), key]))
            try #expect(client.readReply() == "+OK\r\n")
            try #expect(client.readReplyBytes() == Array("$256\r\n".utf8) + value + [13, 10])
        }
    }

    @Test(arguments: [1, 255, 256, 4095, 4096, 16384, 65535, 65536, 65537, 1 << 20, 20 << 20])
    func valuesOfEverySizeComeBack(_ size: Int) throws {
        try SharedDaemon.use { client in
            let value = pattern(size)
            try client.send(request([Array("SET".utf8), Array("k".utf8), value]))
            try #expect(client.readReply() == "+OK\r\n")
            try #expect(client.ask("STRLEN", "k") == ":\(size)\r\n")
            try client.send(request(["GET", "k"]))
            try #expect(client.readReplyBytes() == Array("$\(size)\r\n".utf8) + value + [13, 10])
        }
    }

    @Test(arguments: [1, 255, 256, 4096, 65536, 70_000, 1 << 20])
    func keysOfEverySizeAreFound(_ size: Int) throws {
        try SharedDaemon.use { client in
            let key = String(repeating: "k", count: size)
            try converse(client, [
                ("SET \(key) v", "+OK\r\n"), ("GET \(key)", bulk("v")), ("GET \(key)x", "$-1\r\n"),
                ("KEYS *", "*1\r\n" + bulk(key)), ("DEL \(key)", ":1\r\n"), ("DBSIZE", ":0\r\n"),
            ])
        }
    }

    @Test func appendGrowsAcrossEverySizeClass() throws {
        try SharedDaemon.use { client in
            var expected = ""
            for size in [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] {
                let part = String(repeating: Character(Unicode.Scalar(UInt8(97 + size % 26))), count: size)
                expected += part
                try #expect(client.ask("APPEND", "k", part) == ":\(expected.utf8.count)\r\n")
                try #expect(client.ask("GET", "k") == bulk(expected))
            }
        }
    }
}
