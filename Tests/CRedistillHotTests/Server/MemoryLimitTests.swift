import CHotProbe
import CRedistillHot
import Testing

@Suite struct MemoryLimitTests {
    static let oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"

    private func server(limit: Int64, policy: String, workers: UInt32 = 1) throws -> Server {
        try Server(.init(workers: workers, policy: policy, settings: [(RD_SET_MAX_MEMORY, limit)]))
    }

    /// A shard of a small cache must not be so small that its own oldest entry is not among the oldest of all.
    @Test(arguments: [
        (0, 1, 16), (0, 2, 32), (0, 16, 256), (20, 1, 16), (20, 2, 16), (64, 1, 16), (127, 2, 16), (128, 2, 32),
        (600, 2, 32), (1024, 1, 16), (100 << 10, 5, 128), (200 << 10, 1, 64), (20, 3, 32), (20, 8, 64), (20, 40, 512),
    ])
    func shardsAreSixteenAWorkerAndHalfOfThatWhereTheyWouldBeSmall(limit: Int64, workers: UInt32, shards: Int) throws {
        let server = try Server(.init(workers: workers, shards: 0, settings: [(RD_SET_MAX_MEMORY, limit << 20)]))
        #expect(server.shards == shards)
    }

    /// Small, and large enough to be received straight into its place.
    @Test(arguments: [("SET", 10_000), ("SET", 50_000), ("MSET", 10_000), ("MSET", 50_000)])
    func withoutEvictionTheWriteThatDoesNotFitIsRefused(command: String, length: Int) throws {
        let server = try server(limit: 8 << 20, policy: "noeviction"), client = try server.connect()
        let value = [UInt8](repeating: 1, count: length)
        var stored = 0, refused = false
        while !refused && stored < 2000 {
            let reply = text(client.exchange(multibulk([bytes(command), bytes("key:\(stored)"), value]), wanted: 100, until: "\r\n"))
            #expect(reply == "+OK\r\n" || reply == Self.oom)
            refused = reply == Self.oom
            stored += refused ? 0 : 1
        }
        #expect(refused)
        #expect(server.statistics.memory_used <= 8 << 20)
        client.ask(bytes("STRLEN key:0\r\nDEL key:0\r\nDBSIZE\r\n"), ":\(length)\r\n:1\r\n:\(stored - 1)\r\n")
        #expect(server.isSound)
    }

    @Test func appendIsHeldToTheLimit() throws {
        let server = try server(limit: 8 << 20, policy: "noeviction"), client = try server.connect()
        client.ask(bytes("SET key small\r\n"), "+OK\r\n")
        client.ask(multibulk([bytes("APPEND"), bytes("key"), Array(repeating: 1, count: 20 << 20)]), Self.oom)
        client.ask(bytes("GET key\r\n"), "$5\r\nsmall\r\n")
        #expect(server.wait { $0.memory_used < 8 << 20 })
    }

    @Test(arguments: ["allkeys-lru", "allkeys-random"], PipelineTests.workers)
    func withEvictionEveryWriteThatFitsIsTaken(policy: String, workers: UInt32) throws {
        let server = try server(limit: 8 << 20, policy: policy, workers: workers), client = try server.connect()
        var random = SeededRandom(seed: 1)
        for number in 0..<3000 {
            let value = random.bytes(number % 20 == 0 ? 50_000 + random.below(200_000) : random.below(4000))
            client.ask(multibulk([bytes("SET"), bytes("key:\(number)"), value]), "+OK\r\n")
            client.ask(multibulk("GET", "key:\(number)"), bulk(value))
        }
        #expect(server.statistics.evicted > 0)
        #expect(server.statistics.memory_used <= 9 << 20)
        #expect(server.isSound)
    }

    /// It is not even read into memory: whatever comes of it passes by, and the connection goes on.
    @Test(arguments: ["allkeys-lru", "noeviction"], PipelineTests.workers)
    func valueThatNeverFitsIsRefusedBeforeItIsRead(policy: String, workers: UInt32) throws {
        let server = try server(limit: 8 << 20, policy: policy, workers: workers), client = try server.connect()
        for number in 0..<100 { client.ask(bytes("SET key:\(number) v\r\n"), "+OK\r\n") }
        let huge = [UInt8](repeating: 1, count: 10 << 20)
        client.send(bytes("*3\r\n$3\r\nSET\r\n$4\r\nhuge\r\n$\(huge.count)\r\n") + huge.dropLast(1000))
        #expect(server.wait { $0.bytes_in > 9 << 20 })
        #expect(server.statistics.memory_values == 0)
        client.ask(Array(huge.suffix(1000)) + bytes("\r\nPING\r\n"), Self.oom + "+PONG\r\n")
        client.ask(bytes("PING\r\n") + multibulk([bytes("MSET"), bytes("a"), huge, bytes("b"), bytes("1")]) + bytes("GET b\r\nDBSIZE\r\n"),
                   "+PONG\r\n" + Self.oom + "$-1\r\n:100\r\n")
        #expect(server.isSound)
    }

    @Test func refusedArgumentWithoutItsLineEndIsAProtocolError() throws {
        let server = try server(limit: 8 << 20, policy: "allkeys-lru"), client = try server.connect()
        let request = bytes("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$9000000\r\n") + Array(repeating: 0x61, count: 9_000_010)
        #expect(client.askForTheEnd(request) == "-ERR Protocol error: expected CRLF after bulk\r\n")
    }

    /// The line end behind what is skipped, in two packets and cut wherever it can be.
    @Test(arguments: [36_000, 39_999], [-1, 0, 1, 2])
    func refusedArgumentMayComeCutAtItsEnd(limit: Int64, beyondItsEnd: Int) throws {
        let server = try server(limit: limit, policy: "noeviction"), client = try server.connect()
        let request = multibulk([bytes("SET"), bytes("k"), [UInt8](repeating: 0x61, count: 40_000)])
        let cut = request.count - 2 + beyondItsEnd
        client.send(Array(request[..<cut]))
        try #require(server.wait { $0.bytes_in == cut })
        client.ask(Array(request[cut...]) + bytes("PING\r\n"), Self.oom + "+PONG\r\n")
    }

    /// Values on their way in count: many of them at once don't outgrow the limit either.
    @Test(arguments: PipelineTests.workers)
    func withoutEvictionNoMoreIsReceivedThanFits(workers: UInt32) throws {
        let server = try server(limit: 8 << 20, policy: "noeviction", workers: workers)
        let value = [UInt8](repeating: 1, count: 5 << 20)
        let clients = try (0..<6).map { _ in try server.connect() }
        for (number, client) in clients.enumerated() {
            client.send(bytes("*3\r\n$3\r\nSET\r\n$1\r\n\(number)\r\n$\(value.count)\r\n") + value)
        }
        #expect(server.wait { $0.bytes_in > 6 * UInt64(value.count) })
        #expect(server.statistics.memory_used <= 8 << 20)
        var stored: UInt64 = 0
        for client in clients where client.exchange(bytes("\r\n"), wanted: 100, until: "\r\n") == bytes("+OK\r\n") { stored += 1 }
        #expect(stored <= 1)
        #expect(server.statistics.keys == stored)
        #expect(server.isSound)
    }

    @Test(arguments: PipelineTests.workers)
    func withEvictionLargeValuesTakeThePlaceOfSmallOnes(workers: UInt32) throws {
        let server = try server(limit: 8 << 20, policy: "allkeys-lru", workers: workers), client = try server.connect()
        let fill = (0..<60_000).flatMap { multibulk("SET", "key:\($0)", String(repeating: "v", count: 100)) }
        client.ask(fill, bytes(String(repeating: "+OK\r\n", count: 60_000)))
        let value = [UInt8](repeating: 1, count: 6 << 20)
        client.ask(multibulk([bytes("SET"), bytes("large"), value]), "+OK\r\n")
        client.ask(bytes("STRLEN large\r\n"), ":\(value.count)\r\n")
        #expect(server.wait { $0.memory_used <= 8 << 20 })
        #expect(server.isSound)
    }

    @Test(arguments: PipelineTests.workers)
    func aReaderOfAnEvictedValueGetsAllOfIt(workers: UInt32) throws {
        let server = try server(limit: 16 << 20, policy: "allkeys-lru", workers: workers), writer = try server.connect()
        var random = SeededRandom(seed: 1)
        let value = random.bytes(3_000_000), reader = try server.connect(receiveBuffer: 4096)
        writer.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        let executed = server.statistics.commands_processed
        reader.send(bytes("GET key\r\nGET key\r\nGET key\r\n"))
        try #require(server.wait { $0.commands_processed == executed + 3 })
        for number in 0..<4000 {
            writer.ask(multibulk([bytes("SET"), bytes("other:\(number)"), random.bytes(20_000)]), "+OK\r\n")
        }
        writer.ask(bytes("EXISTS key\r\n"), ":0\r\n")
        reader.ask([], bulk(value) + bulk(value) + bulk(value))
        #expect(server.isSound)
    }

    /// As in Redis, whose EXISTS and its like do not count as use.
    @Test(arguments: ["EXISTS", "TYPE", "TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"])
    func askingAboutAKeyDoesNotKeepItFromEviction(command: String) throws {
        let server = try server(limit: 4 << 20, policy: "allkeys-lru"), client = try server.connect()
        let value = [UInt8](repeating: 1, count: 10_000)
        for key in ["asked", "used"] { client.ask(multibulk([bytes("SET"), bytes(key), value]), "+OK\r\n") }
        for number in 0..<2000 {
            client.ask(multibulk([bytes("SET"), bytes("other:\(number)"), value]), "+OK\r\n")
            client.send(bytes("\(command) asked\r\n"))
            #expect(client.receiveReply() != nil)
            client.ask(bytes("STRLEN used\r\n"), ":10000\r\n")
        }
        client.ask(bytes("STRLEN asked\r\n"), ":0\r\n")
    }

    /// The keys are gone at once, their memory a little later.
    @Test(arguments: PipelineTests.workers)
    func flushGivesAllMemoryBack(workers: UInt32) throws {
        let server = try server(limit: 0, policy: "noeviction", workers: workers), client = try server.connect()
        let empty = server.statistics
        var fill: [UInt8] = []
        for number in 0..<20_000 { fill += multibulk("SET", "key:\(number)", String(repeating: "v", count: number % 3000)) }
        for flush in ["FLUSHALL", "FLUSHALL ASYNC", "FLUSHDB SYNC"] {
            client.ask(fill, bytes(String(repeating: "+OK\r\n", count: 20_000)))
            client.ask(bytes("SET key:1 again\r\n\(flush)\r\nDBSIZE\r\nGET key:1\r\n"), "+OK\r\n+OK\r\n:0\r\n$-1\r\n")
            #expect(server.wait { $0.memory_used == empty.memory_used && $0.memory_values == 0 })
            #expect(server.isSound)
        }
    }
}
