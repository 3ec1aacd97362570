import CHotProbe
import CRedistillHot
import Testing

/// A reply that becomes too long while it is built ends its own connection, and nobody else's.
@Suite struct ReplyLimitTests {
    static let value = [UInt8](repeating: 0x61, count: 15_000)

    /// Ten clients whose requests are read in one turn; those that ask for too much are in the middle.
    @Test(arguments: [
        "MGET " + String(repeating: "key ", count: 2000), "MULTI\r\n" + String(repeating: "GET key\r\n", count: 200) + "EXEC", "KEYS *",
    ])
    func replyThatIsTooLongEndsItsOwnConnectionOnly(request: String) throws {
        let server = try Server(workers: 1, (RD_SET_OUTPUT_LIMIT, 1 << 20)), writer = try server.connect()
        writer.ask(multibulk([bytes("SET"), bytes("key"), Self.value]), "+OK\r\n")
        let names = (0..<60_000).flatMap { multibulk("SET", "a-key-with-a-name-that-is-rather-long:\($0)", "") }
        writer.ask(names, bytes(String(repeating: "+OK\r\n", count: 60_000)))
        let clients = try (0..<10).map { number in try server.connect(receiveBuffer: number % 3 == 1 ? 4096 : 0) }
        for client in clients { client.ask(bytes("PING\r\n"), "+PONG\r\n") }
        probe_server_hold(server.handle)
        for (number, client) in clients.enumerated() {
            client.send(bytes(number % 3 == 1 ? request + "\r\nINCR late\r\n" : "ECHO \(number)\r\nGET key\r\n"))
        }
        probe_server_release(server.handle)
        for (number, client) in clients.enumerated() where number % 3 != 1 {
            client.ask([], bulk(bytes("\(number)")) + bulk(Self.value))
        }
        #expect(server.wait { $0.closed_output_limit == 3 && $0.connections_active == 8 })
        for (number, client) in clients.enumerated() where number % 3 != 1 { client.ask(bytes("PING\r\n"), "+PONG\r\n") }
        writer.ask(bytes("GET late\r\n"), "$-1\r\n") // what stood behind was not executed
        #expect(server.isSound)
    }

    /// A transaction is done as a whole, though its client is gone for what it asked.
    @Test func everyWriteOfATransactionWhoseReplyIsCutOffIsDone() throws {
        let server = try Server(workers: 1, (RD_SET_OUTPUT_LIMIT, 1 << 20)), writer = try server.connect()
        writer.ask(multibulk([bytes("SET"), bytes("key"), Self.value]), "+OK\r\n")
        let client = try server.connect(receiveBuffer: 4096)
        let pairs = (0..<400).map { "GET key\r\nSET made:\($0) 1\r\n" }.joined()
        client.send(bytes("MULTI\r\n" + pairs + "EXEC\r\n"))
        #expect(server.wait { $0.closed_output_limit == 1 })
        writer.ask(bytes("DBSIZE\r\n"), ":401\r\n")
    }

    /// Who wants no replies is not closed for their length.
    @Test func replyThatNobodyWantsIsNotTooLong() throws {
        let server = try Server(workers: 1, (RD_SET_OUTPUT_LIMIT, 1 << 20)), client = try server.connect()
        client.ask(multibulk([bytes("SET"), bytes("key"), Self.value]), "+OK\r\n")
        let long = multibulk([bytes("MGET")] + Array(repeating: bytes("key"), count: 200))
        let transaction = bytes("MULTI\r\n" + String(repeating: "GET key\r\n", count: 200) + "INCR made\r\nEXEC\r\n")
        client.ask(bytes("CLIENT REPLY OFF\r\n") + long + bytes("INCR made\r\n") + transaction + bytes("CLIENT REPLY ON\r\nGET made\r\n"),
                   "+OK\r\n$1\r\n2\r\n")
        client.ask(bytes("CLIENT REPLY SKIP\r\n") + long + bytes("PING\r\n"), "+PONG\r\n")
        #expect(server.statistics.closed_output_limit == 0)
    }

    @Test func referencesCountAndNotWhatTheyReferTo() throws {
        let server = try Server(workers: 1, (RD_SET_OUTPUT_LIMIT, 64 << 20)), client = try server.connect()
        var random = SeededRandom(seed: 1)
        let value = random.bytes(1_000_000)
        client.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        client.ask(multibulk([bytes("MGET")] + Array(repeating: bytes("key"), count: 60)),
                   bytes("*60\r\n") + Array(repeating: bulk(value), count: 60).flatMap { $0 })
        client.ask(bytes("GETRANGE key 3 500000\r\nSUBSTR key -20000 -1\r\n"),
                   bulk(Array(value[3...500_000])) + bulk(Array(value.suffix(20_000))))
        #expect(server.isSound)
    }

    /// Parts of a value of every length around the thresholds, cut off anywhere by a reader that is slow.
    @Test(arguments: [16_383, 16_384, 16_385, 70_000, 300_000])
    func partsOfValuesComeWholeToASlowReader(length: Int) throws {
        let server = try Server(workers: 1), writer = try server.connect(), reader = try server.connect(receiveBuffer: 4096)
        var random = SeededRandom(seed: UInt64(length)), requests: [UInt8] = [], expected: [UInt8] = []
        let value = random.bytes(400_000)
        writer.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        for start in stride(from: 0, to: 100_000, by: 3331) {
            requests += multibulk("GETRANGE", "key", "\(start)", "\(start + length - 1)")
            expected += bulk(Array(value[start..<min(start + length, value.count)]))
        }
        reader.ask(requests, expected)
        #expect(server.isSound)
    }
}
