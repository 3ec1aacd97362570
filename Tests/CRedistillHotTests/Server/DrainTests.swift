import CHotProbe
import CRedistillHot
import Testing

@Suite struct DrainTests {
    @Test(arguments: PipelineTests.workers)
    func whatWasExecutedIsAnsweredAndThenEveryConnectionCloses(workers: UInt32) throws {
        let server = try Server(workers: workers)
        let clients = try (0..<20).map { _ in try server.connect() }
        let idle = try (0..<20).map { _ in try server.connect() }
        for client in clients + idle { client.ask(bytes("PING\r\n"), "+PONG\r\n") }
        let requests = Array(repeating: multibulk("INCR", "counter"), count: 2000).flatMap { $0 }
        for client in clients { client.send(requests) }
        rd_server_begin_drain(server.handle)
        var replies = 0
        for client in clients {
            let reply = try #require(client.receiveToTheEnd())
            #expect(reply.last == 10)
            replies += reply.count { $0 == 10 }
        }
        for client in idle { #expect(client.receiveToTheEnd() == []) }
        #expect(rd_server_wait_drained(server.handle, 20_000) == RD_OK)
        #expect(replies == server.counter("counter"))
        /* All of it had arrived: loopback delivers before send returns. */
        #expect(replies == clients.count * 2000)
        #expect(probe_connect(server.port, 0) == -1)
    }

    @Test(arguments: PipelineTests.workers)
    func slowReaderGetsItsRepliesAndIsThenClosed(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect(receiveBuffer: 4096)
        let value = [UInt8](repeating: 7, count: 4_000_000)
        client.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        let executed = server.statistics.commands_processed
        client.send(bytes("GET key\r\nGET key\r\n"))
        #expect(server.wait { $0.commands_processed == executed + 2 })
        rd_server_begin_drain(server.handle)
        #expect(rd_server_wait_drained(server.handle, 50) == RD_ERR_TIMEOUT)
        #expect(client.receiveToTheEnd() == bulk(value) + bulk(value))
        #expect(rd_server_wait_drained(server.handle, 20_000) == RD_OK)
    }

    @Test func peerThatNeverStopsSendingDoesNotHoldUpTheStop() throws {
        let server = try Server(workers: 1), client = try server.connect()
        let piece = Array(repeating: multibulk("INCR", "counter"), count: 20_000).flatMap { $0 }
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
        rd_server_begin_drain(server.handle)
        var closed = false, rounds = 0
        while !closed && rounds < 1000 {
            closed = client.exchange(piece, wanted: 1).closed
            _ = client.exchange([], wanted: 1 << 20)
            rounds += 1
        }
        #expect(rd_server_wait_drained(server.handle, 20_000) == RD_OK)
    }

    /// What waits unread in the server's socket is more than the drain grants: the rest is dropped, unanswered, and
    /// the connection ends.
    @Test func peerWithMoreToReadThanTheDrainGrantsIsClosed() throws {
        let server = try Server(workers: 1), client = try server.connect(receiveBuffer: 4096)
        let value = [UInt8](repeating: 0x61, count: 8_000_000)
        client.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        client.send(bytes("GET key\r\n"))
        let piece = Array(repeating: multibulk("INCR", "counter"), count: 1000).flatMap { $0 }
        var sent = 0
        while sent < 1000, client.send(piece, patience: 300) { sent += 1 }
        #expect(sent * piece.count > 64 * 65_536 / 2)
        rd_server_begin_drain(server.handle)
        let reply = try #require(client.receiveToTheEnd())
        #expect(reply.starts(with: bulk(value)))
        #expect(reply.dropFirst(bulk(value).count).count { $0 == 10 } == max(server.counter("counter"), 0))
        #expect(rd_server_wait_drained(server.handle, 20_000) == RD_OK)
    }

    @Test func peerThatTakesNothingIsGivenUpAtTheDeadline() throws {
        let server = try Server(workers: 1), client = try server.connect(receiveBuffer: 4096)
        client.ask(multibulk([bytes("SET"), bytes("key"), Array(repeating: 1, count: 8_000_000)]), "+OK\r\n")
        let executed = server.statistics.commands_processed
        client.send(bytes("GET key\r\n"))
        #expect(server.wait { $0.commands_processed == executed + 1 })
        rd_server_begin_drain(server.handle)
        #expect(rd_server_wait_drained(server.handle, 100) == RD_ERR_TIMEOUT)
    }

    @Test func stoppingUnderLoadFreesEverything() throws {
        for workers: UInt32 in [1, 4] {
            let server = try Server(workers: workers)
            let clients = try (0..<30).map { _ in try server.connect() }
            for (number, client) in clients.enumerated() {
                client.send(bytes("SET k\(number) v\r\n*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$1000000\r\nabc"))
            }
        }
    }

    @Test func serverThatNeverStartedIsDestroyedToo() throws {
        var options = rd_options(), callbacks = rd_callbacks(), server: OpaquePointer?, error = rd_error()
        #expect(rd_server_create(&options, &callbacks, &server, &error) == RD_ERR_INVALID)
        #expect(server == nil)
        rd_server_destroy(nil)
    }
}
