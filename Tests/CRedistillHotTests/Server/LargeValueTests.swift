import CHotProbe
import CRedistillHot
import Testing

@Suite struct LargeValueTests {
    /// On both sides of every length from which a value or a reply is treated apart, and of the read buffer's.
    static let lengths = [
        1023, 1057, 4095, 4097, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 100_000,
        262_100, 262_143, 262_144, 262_145, 1_000_000,
    ]

    @Test(arguments: PipelineTests.workers)
    func hundredMegabytesGoInAndOutAsTheyAre(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        var random = SeededRandom(seed: 1)
        let value = random.bytes(100_000_000)
        client.ask(multibulk([bytes("SET"), bytes("key"), value]), piece: 1_000_000, bytes("+OK\r\n"))
        client.ask(bytes("STRLEN key\r\n"), ":100000000\r\n")
        client.ask(bytes("GET key\r\n"), bulk(value))
        client.ask(bytes("SET key small\r\n"), "+OK\r\n")
        #expect(server.statistics.memory_values == 0)
        #expect(server.isSound)
    }

    @Test(arguments: [0, 1000, 65_536], PipelineTests.workers)
    func valueOfEveryLengthInAPipelineComesBack(piece: Int, workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        var random = SeededRandom(seed: 2), requests: [UInt8] = [], replies: [UInt8] = []
        for (number, length) in Self.lengths.enumerated() {
            let value = random.bytes(length)
            requests += bytes("PING\r\n") + multibulk([bytes("SET"), bytes("key:\(number)"), value, bytes("PX"), bytes("9999999")])
            requests += multibulk("GET", "key:\(number)") + multibulk([bytes("ECHO"), value])
            requests += multibulk([bytes("SET"), bytes("key:\(number)"), value, bytes("GET"), bytes("KEEPTTL")])
            replies += bytes("+PONG\r\n+OK\r\n") + bulk(value) + bulk(value) + bulk(value)
        }
        client.ask(requests, piece: piece, replies)
        #expect(server.isSound)
    }

    @Test func severalLargeArgumentsOfOneCommandEachFindTheirPlace() throws {
        let server = try Server(workers: 2), client = try server.connect()
        var random = SeededRandom(seed: 3), arguments = [bytes("MSET")], names = [bytes("MGET")], reply: [UInt8] = []
        for (number, length) in Self.lengths.enumerated() {
            /* Keys, too, may be large enough to be received on their own. */
            let key = bytes("key:\(number)") + random.bytes(number % 3 == 0 ? 40_000 : 5), value = random.bytes(length)
            arguments += [key, value]
            names.append(key)
            reply += bulk(value)
        }
        for piece in [0, 3000] {
            client.ask(multibulk(arguments), piece: piece, bytes("+OK\r\n"))
            client.ask(multibulk(names), piece: piece, bytes("*\(Self.lengths.count)\r\n") + reply)
        }
        client.ask(multibulk([bytes("UNLINK")] + names.dropFirst()), ":\(Self.lengths.count)\r\n")
        #expect(server.statistics.memory_values == 0)
        #expect(server.isSound)
    }

    @Test func largeArgumentWhereNoneIsKeptIsReadAndForgotten() throws {
        let server = try Server(workers: 1), client = try server.connect()
        let large = [UInt8](repeating: 0x61, count: 50_000)
        client.ask(multibulk([large, bytes("x")]) + bytes("PING\r\n"),
                   "-ERR unknown command '\(text(Array(large.prefix(128))))', with args beginning with: 'x' \r\n+PONG\r\n")
        client.ask(multibulk([bytes("GET"), large, large]) + bytes("PING\r\n"),
                   "-ERR wrong number of arguments for 'get' command\r\n+PONG\r\n")
        client.ask(multibulk([bytes("SET"), bytes("key"), large, large]), "-ERR syntax error\r\n")
        client.ask(multibulk([bytes("SET"), bytes("key"), large, bytes("XX")]), "$-1\r\n")
        client.ask(multibulk([bytes("INCRBY"), bytes("key"), large]), "-ERR value is not an integer or out of range\r\n")
        client.ask(bytes("DBSIZE\r\n"), ":0\r\n")
        #expect(server.statistics.memory_values == 0)
    }

    @Test func largeArgumentWithoutItsLineEndIsAProtocolError() throws {
        let server = try Server(workers: 1), client = try server.connect()
        let request = bytes("PING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000\r\n") + Array(repeating: 0x61, count: 50_010)
        #expect(client.askForTheEnd(request) == "+PONG\r\n-ERR Protocol error: expected CRLF after bulk\r\n")
        #expect(server.statistics.closed_protocol_error == 1)
        #expect(server.wait { $0.memory_client_values == 0 })
    }

    @Test func connectionThatDiesInALargeArgumentLeavesNothing() throws {
        let server = try Server(workers: 1)
        for reset in [false, true] {
            let client = try server.connect()
            client.send(bytes("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000000\r\n") + Array(repeating: 0x61, count: 3_000_000))
            #expect(server.wait { $0.memory_client_values > 2_900_000 })
            #expect(server.statistics.memory_client_values < 10_000_000)
            if reset { client.reset() } else { client.close() }
            #expect(server.wait { $0.connections_active == 0 && $0.memory_client_values == 0 && $0.memory_values == 0 })
        }
        #expect(server.statistics.keys == 0)
    }

    @Test func announcedLengthReservesNothing() throws {
        let server = try Server(workers: 1)
        let clients = try (0..<50).map { _ in try server.connect() }
        for client in clients { client.send(bytes("PING\r\n*2\r\n$3\r\nGET\r\n$536870912\r\nabc")) }
        for client in clients { client.ask([], "+PONG\r\n") }
        #expect(server.statistics.memory_client_values < 50 << 20)
    }

    @Test func appendGrowsPastEveryLayoutOverTheWire() throws {
        let server = try Server(workers: 1), client = try server.connect()
        var random = SeededRandom(seed: 4), value: [UInt8] = []
        for length in [0, 1, 10, 500, 600, 20_000, 40_000, 300_000, 1] {
            let added = random.bytes(length)
            value += added
            client.ask(multibulk([bytes("APPEND"), bytes("key"), added]), bytes(":\(value.count)\r\n"))
            client.ask(bytes("GET key\r\n"), bulk(value))
        }
        #expect(server.isSound)
    }

    @Test func appendBeyondTheLargestValueIsRefused() throws {
        let server = try Server(workers: 1, (RD_SET_MAX_BULK_LENGTH, 100_000)), client = try server.connect()
        let half = [UInt8](repeating: 1, count: 60_000)
        client.ask(multibulk([bytes("APPEND"), bytes("key"), half]), ":60000\r\n")
        client.ask(multibulk([bytes("APPEND"), bytes("key"), half]),
                   "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n")
        client.ask(bytes("STRLEN key\r\n"), ":60000\r\n")
        #expect(client.askForTheEnd(bytes("*1\r\n$100001\r\n")) == "-ERR Protocol error: invalid bulk length\r\n")
    }
}
