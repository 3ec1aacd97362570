import CHotProbe
import CRedistillHot
import Testing

/// What is queued since MULTI is kept as it came, whatever happens to the buffers that it came in.
@Suite struct TransactionTests {
    /// On both sides of the length from which an argument may be received into a blob of its own; the last ones always are.
    static let lengths = [1, 32_767, 32_768, 32_769, 33_000, 40_000, 200_000]

    /// Other clients' unfinished requests, which take the memory that the queued one's input gave back.
    private static func leaveUnfinished(_ clients: [Client], length: Int) {
        for client in clients {
            client.send(bytes("PING\r\n*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$\(length + 9)\r\n") + Array(repeating: 0x23, count: length))
        }
        for client in clients { client.ask([], "+PONG\r\n") }
    }

    @Test(arguments: lengths, PipelineTests.workers)
    func largeArgumentsOfAQueuedCommandAreStoredAsTheyCame(first: Int, workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        var random = SeededRandom(seed: UInt64(first))
        for second in Self.lengths {
            for piece in [0, 30_000] {
                let a = random.bytes(first), b = random.bytes(second), c = random.bytes(first)
                client.ask(bytes("MULTI\r\n"), "+OK\r\n")
                client.ask(multibulk([bytes("MSET"), bytes("k1"), a, bytes("k2"), b, bytes("k3"), c]), piece: piece,
                           bytes("+QUEUED\r\n"))
                let others = try (0..<8).map { _ in try server.connect() }
                Self.leaveUnfinished(others, length: min(first, 31_000))
                client.ask(bytes("EXEC\r\n"), "*1\r\n+OK\r\n")
                client.ask(bytes("MGET k1 k2 k3\r\n"), bytes("*3\r\n") + bulk(a) + bulk(b) + bulk(c))
            }
        }
        #expect(server.isSound)
    }

    @Test(arguments: PipelineTests.workers)
    func transactionInOneWriteStoresWhatItWasSent(workers: UInt32) throws {
        let server = try Server(workers: workers)
        var random = SeededRandom(seed: 5)
        for round in 0..<40 {
            let client = try server.connect(), first = Self.lengths[round % 7], second = Self.lengths[round / 7 % 7]
            let a = random.bytes(first), b = random.bytes(second)
            client.ask(bytes("MULTI\r\n") + multibulk([bytes("MSET"), bytes("k1"), a, bytes("k2"), b]) + multibulk("PING")
                       + bytes("EXEC\r\nMGET k1 k2\r\n"),
                       bytes("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+PONG\r\n*2\r\n") + bulk(a) + bulk(b))
        }
        #expect(server.isSound)
    }

    @Test func everyBlobOfALongQueuedCommandFindsItsKey() throws {
        let server = try Server(workers: 2), client = try server.connect()
        var random = SeededRandom(seed: 6), arguments = [bytes("MSET")], names = [bytes("MGET")], reply: [UInt8] = []
        for number in 0..<200 {
            let key = bytes("key:\(number % 190)"), value = random.bytes(number % 3 == 0 ? 40 : 33_000)
            arguments += [key, value]
            if number < 10 { continue } // these are overwritten by the last ten
            names.append(key)
            reply += bulk(value)
        }
        client.ask(bytes("MULTI\r\n") + multibulk(arguments) + bytes("EXEC\r\n"), piece: 100_000,
                   bytes("+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n"))
        client.ask(multibulk(names), bytes("*190\r\n") + reply)
        client.ask(multibulk([bytes("UNLINK")] + names.dropFirst()), ":190\r\n")
        #expect(server.statistics.memory_values == 0)
        #expect(server.isSound)
    }
}
