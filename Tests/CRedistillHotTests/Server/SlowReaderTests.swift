import CHotProbe
import CRedistillHot
import Glibc
import Testing

@Suite struct SlowReaderTests {
    @Test(arguments: PipelineTests.workers)
    func repliesHoldTheValueOfTheirTimeWhateverHappensToTheKey(workers: UInt32) throws {
        let server = try Server(workers: workers), writer = try server.connect()
        var random = SeededRandom(seed: 1)
        let changes = ["SET key small", "DEL key", "APPEND key more", "FLUSHALL", "PEXPIRE key 1"]
        for change in changes {
            let value = random.bytes(3_000_000)
            writer.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
            let reader = try server.connect(receiveBuffer: 4096)
            let executed = server.statistics.commands_processed
            reader.send(bytes(String(repeating: "GET key\r\n", count: 8)))
            try #require(server.wait { $0.commands_processed == executed + 8 })
            _ = writer.exchange(bytes(change + "\r\n"), wanted: 4)
            reader.ask(bytes("PING\r\n"), Array(repeating: bulk(value), count: 8).flatMap { $0 } + bytes("+PONG\r\n"))
            reader.close()
            _ = writer.exchange(bytes("FLUSHALL\r\nECHO end-of-change\r\n"), wanted: 1 << 12, until: "end-of-change\r\n")
        }
        #expect(server.wait { $0.memory_values == 0 })
        #expect(server.isSound)
    }

    @Test(arguments: PipelineTests.workers)
    func peerThatDoesNotReadIsNotReadFromAndLosesNothing(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect(receiveBuffer: 4096)
        client.ask(multibulk([bytes("SET"), bytes("key"), Array(repeating: 0x61, count: 100)]), "+OK\r\n")
        let request = multibulk("GET", "key") + multibulk("INCR", "counter")
        let piece = Array(repeating: request, count: 500).flatMap { $0 }
        var sent = 0
        /* Buffers of both systems fill first; a server that went on reading would take this for ever. */
        while sent < 8000, client.send(piece, patience: 500) { sent += 1 }
        #expect(sent < 8000)
        let statistics = server.statistics
        #expect(statistics.bytes_in < UInt64(sent + 2) * UInt64(piece.count))
        let other = try server.connect()
        other.ask(bytes("PING\r\n"), "+PONG\r\n")
        var expected: [UInt8] = [], value = bulk(Array(repeating: 0x61, count: 100))
        value += bytes(":")
        for number in 1...sent * 500 { expected += value + bytes("\(number)\r\n") }
        #expect(client.exchange([], wanted: expected.count).reply == expected)
    }

    @Test func peerOverTheOutputLimitIsClosedAndCountedAndOthersAreServed() throws {
        let server = try Server(workers: 1, (RD_SET_OUTPUT_LIMIT, 1 << 20)), other = try server.connect()
        other.ask(multibulk([bytes("SET"), bytes("key"), Array(repeating: 1, count: 900_000)]), "+OK\r\n")
        let client = try server.connect(receiveBuffer: 4096)
        client.send(bytes(String(repeating: "GET key\r\n", count: 20)))
        #expect(server.wait { $0.closed_output_limit == 1 && $0.connections_active == 1 })
        other.ask(bytes("PING\r\n"), "+PONG\r\n")
    }

    @Test func unauthenticatedPeerThatNeverReadsIsBounded() throws {
        let server = try Server(workers: 1, (RD_SET_AUTH_REQUIRED, 1)), client = try server.connect(receiveBuffer: 4096)
        let piece = bytes(String(repeating: "GET key\r\n", count: 10_000))
        var sent = 0
        while sent < 1000, client.send(piece, patience: 500) { sent += 1 }
        #expect(sent < 1000)
        #expect(server.statistics.memory_client_input + server.statistics.memory_client_output < 1 << 20)
    }

    /// Idle is who neither sends nor takes: a reader that takes its time over a long reply is neither.
    @Test func peerThatTakesItsRepliesSlowlyIsNotIdle() throws {
        let server = try Server(workers: 1, (RD_SET_IDLE_TIMEOUT, 2000)), client = try server.connect(receiveBuffer: 4096)
        let value = [UInt8](repeating: 1, count: 32_000_000)
        client.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        client.send(bytes("GET key\r\n"))
        var came = 0, piece = [CChar](repeating: 0, count: 200_000)
        let wanted = bulk(value).count, clock = ContinuousClock(), start = clock.now
        while came < wanted {
            /* Spread over twice the timeout; what the system keeps for the last part is too little to be idle over. */
            while clock.now < start + .milliseconds(4000 * came / wanted) { sched_yield() }
            let count = probe_receive(client.fd, &piece, min(piece.count, wanted - came), Client.patience)
            try #require(count > 0)
            came += count
        }
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
    }
}
