import CHotProbe
import CRedistillHot
import Testing

/// HOTKEYS beside its own traffic: what it says is in Tests/Clients/test_hot_keys.py.
@Suite struct HotKeysTests {
    private static let start = multibulk("HOTKEYS", "START", "METRICS", "2", "CPU", "NET", "COUNT", "2")

    private func answers(_ client: Client, _ words: String...) throws -> [UInt8] {
        client.send(multibulk(words.map(bytes)))
        return try #require(client.receiveReply())
    }

    @Test func searchesBeginAndEndWhileWorkersWork() throws {
        let server = try Server(workers: 2), asker = try server.connect()
        let others = try (0..<4).map { _ in try server.connect() }
        let count = 5_000
        for (number, other) in others.enumerated() {
            other.send((0..<count).flatMap { multibulk("GET", $0 % 3 == 0 ? "hot" : "key \(number) \($0)") })
        }
        for _ in 0..<50 {
            asker.ask(Self.start, "+OK\r\n")
            #expect(try answers(asker, "HOTKEYS", "GET").starts(with: bytes("*1\r\n*24\r\n$15\r\ntracking-active\r\n:1\r\n")))
            asker.ask(multibulk("HOTKEYS", "STOP") + multibulk("HOTKEYS", "RESET") + multibulk("HOTKEYS", "GET"), "+OK\r\n+OK\r\n$-1\r\n")
        }
        for other in others { other.ask([], String(repeating: "$-1\r\n", count: count)) }
    }

    /// Also in a transaction, whose shards are locked meanwhile.
    @Test func aTransactionMaySearch() throws {
        let server = try Server(workers: 2), client = try server.connect()
        client.ask(bytes("MULTI\r\nSET a 1\r\n") + Self.start + bytes("GET a\r\nHOTKEYS STOP\r\nEXEC\r\n"),
                   "+OK\r\n" + String(repeating: "+QUEUED\r\n", count: 4) + "*4\r\n+OK\r\n+OK\r\n$1\r\n1\r\n+OK\r\n")
        #expect(try answers(client, "HOTKEYS", "GET").starts(with: bytes("*1\r\n*24\r\n$15\r\ntracking-active\r\n:0\r\n")))
    }
}
