import Glibc
import Synchronization
import Testing

@Suite struct ScanCommandTests {
    @Test(arguments: [
        Exchange("SCAN 0 COUNT 100000", "*2\r\n$1\r\n0\r\n*0\r\n"),
        Exchange("SCAN 0 COUNT 100000", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n", after: "SET k v"),
        Exchange("SCAN 0 COUNT 100000 TYPE string", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n", after: "SET k v"),
        Exchange("SCAN 0 COUNT 100000 TYPE list", "*2\r\n$1\r\n0\r\n*0\r\n", after: "SET k v"),
        Exchange("SCAN 0 TYPE nonsense COUNT 100000", "*2\r\n$1\r\n0\r\n*0\r\n", after: "SET k v"),
        Exchange("SCAN 0 count 100000 match x*", "*2\r\n$1\r\n0\r\n*0\r\n", after: "SET k v"),
        Exchange("SCAN x", "-ERR invalid cursor\r\n"), Exchange("SCAN -1", "-ERR invalid cursor\r\n"),
        Exchange("SCAN 1.5", "-ERR invalid cursor\r\n"),
        Exchange.syntaxError("SCAN 0 COUNT 0"), .syntaxError("SCAN 0 COUNT -1"), .syntaxError("SCAN 0 COUNT"),
        Exchange.syntaxError("SCAN 0 MATCH"), .syntaxError("SCAN 0 WHAT x"), .notAnInteger("SCAN 0 COUNT x"),
        Exchange.arity("SCAN"), .arity("KEYS"), .arity("KEYS a b"),
    ])
    func replies(_ exchange: Exchange) throws { try exchange.check() }

    /// The cursor is an unsigned 64-bit number: any of them is answered.
    @Test(arguments: ["18446744073709551615", "9223372036854775808", "4294967295", "12345"])
    func anyCursorIsAnswered(_ cursor: String) throws {
        try SharedDaemon.use { client in
            try #expect(client.ask("SCAN", cursor).hasPrefix("*2\r\n"))
        }
    }

    @Test(arguments: [1, 10, 1000])
    func everyKeyIsFound(_ count: Int) throws {
        try SharedDaemon.use { client in
            let names = (0..<20_000).map { "key:\($0)" }
            try fill(client, names)
            try #expect(scan(client, ["COUNT", "\(count)"]) == Set(names))
        }
    }

    /// Keys that are there throughout are returned, however much the table grows, shrinks and moves meanwhile.
    @Test func keysThatStayAreFoundUnderConcurrentWrites() throws {
        let daemon = try Daemon(["--workers", "4", "--num-shards", "8"])
        let client = try daemon.connect()
        let names = (0..<5000).map { "stays:\($0)" }
        try fill(client, names)
        let isOver = Atomic(false)
        try withThreads(4, { number in
            let writer = try daemon.connect()
            var round = 0
            while !isOver.load(ordering: .relaxed) {
                let others = (0..<200).map { "comes:\(number):\(round % 50):\($0)" }
                try fill(writer, others)
                if round % 3 == 2 { _ = try writer.ask(["DEL"] + others) }
                // The same keys, written anew with other sizes: entries move, keys stay.
                let value = String(repeating: "v", count: round % 400)
                for name in names[(number * 1250)..<(number * 1250 + 200)] { try writer.send(request(["SET", name, value])) }
                for _ in 0..<200 { _ = try writer.readReply() }
                round += 1
            }
        }, meanwhile: {
            defer { isOver.store(true, ordering: .relaxed) }
            for round in 0..<10 {
                let missing = Set(names).subtracting(try scan(client, ["MATCH", "stays:*", "COUNT", "\(10 << (round % 4))"]))
                #expect(missing.isEmpty)
            }
        })
    }

    private func fill(_ client: RawClient, _ names: [String]) throws {
        try client.send(names.flatMap { request(["SET", $0, "v"]) })
        for _ in names { guard try client.readReply() == "+OK\r\n" else { throw TestFailure("SET failed") } }
    }
}
