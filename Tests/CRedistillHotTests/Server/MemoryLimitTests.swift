import CHotProbe
import CRedistillHot
import Testing

@Suite struct MemoryLimitTests {
    static let oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"

    private func server(limit: Int64, policy: String, workers: UInt32 = 1) throws -> Server {
        try Server(.init(workers: workers, policy: policy, settings: [(RD_SET_MAX_MEMORY, limit)]))
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

    @Test func valueThatNeverFitsIsRefusedAndDrivesNothingOut() throws {
        let server = try server(limit: 8 << 20, policy: "allkeys-lru"), client = try server.connect()
        for number in 0..<100 { client.ask(bytes("SET key:\(number) v\r\n"), "+OK\r\n") }
        let huge = [UInt8](repeating: 1, count: 10 << 20)
        client.ask(multibulk([bytes("SET"), bytes("huge"), huge]), Self.oom)
        client.ask(bytes("DBSIZE\r\n"), ":100\r\n")
    }
}
