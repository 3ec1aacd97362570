import CHotProbe
import CRedistillHot
import Glibc
import Testing

/// Time limits of connections, and a process that stands still as by SIGSTOP: its clock jumps, its clients' bytes wait.
@Suite struct StandstillTests {
    private static let second: Int64 = 1000

    /// Clients send while nothing is served, for a minute.
    private func standStill(_ server: Server, _ clock: StoodClock, meanwhile: @escaping () -> Void) {
        clock.pass(60_000, in: server) {
            probe_server_hold(server.handle)
            meanwhile()
        }
    }

    @Test(arguments: PipelineTests.workers)
    func whoAskedWhileTheProcessStoodStillIsAnswered(workers: UInt32) throws {
        let fault = Fault(), clock = StoodClock(fault)
        let server = try Server(.init(workers: workers, settings: [(RD_SET_IDLE_TIMEOUT, Self.second)], fault: fault))
        let clients = try (0..<100).map { _ in try server.connect() }
        #expect(server.wait { $0.connections_active == 100 })
        standStill(server, clock) {
            for client in clients { client.send(bytes("PING\r\n")) }
        }
        for client in clients { client.ask([], "+PONG\r\n") }
        for _ in 1...3 { clock.pass(400, in: server) }
        #expect(server.wait { $0.closed_idle == 100 })
        for client in clients { #expect(client.receiveToTheEnd() == []) }
    }

    @Test func passwordThatCameWhileTheProcessStoodStillCounts() throws {
        let fault = Fault(), clock = StoodClock(fault), settings = [(RD_SET_AUTH_REQUIRED, Int64(1)), (RD_SET_AUTH_TIMEOUT, 1000)]
        let server = try Server(.init(settings: settings, fault: fault))
        let clients = try (0..<100).map { _ in try server.connect() }
        #expect(server.wait { $0.connections_active == 100 })
        standStill(server, clock) {
            for client in clients { client.send(bytes("AUTH secret\r\n")) }
        }
        for client in clients { client.ask([], "+OK\r\n") }
        #expect(server.statistics.closed_auth_timeout == 0)
        let stranger = try server.connect()
        #expect(server.wait { $0.connections_received == 101 })
        for _ in 1...3 { clock.pass(400, in: server) }
        #expect(stranger.receiveToTheEnd() == [] && server.statistics.closed_auth_timeout == 1)
    }

    @Test func handshakeGoesOnAfterTheProcessStoodStill() throws {
        let fault = Fault(), clock = StoodClock(fault)
        let server = try Server(.init(tls: true, settings: [(RD_SET_TLS_HANDSHAKE_TIMEOUT, Self.second)], fault: fault))
        let client = try server.connect()
        #expect(server.wait { $0.tls_handshakes_active == 1 })
        standStill(server, clock) {}
        var silent = false
        let tls: OpaquePointer? = probe_tls_open(client.fd, Client.patience, &silent)
        #expect(tls != nil)
        tls.map(probe_tls_close)
        let stranger = try server.connect()
        #expect(server.wait { $0.connections_received == 2 && $0.tls_handshakes_active == 1 })
        for _ in 1...3 { clock.pass(400, in: server) }
        #expect(stranger.receiveToTheEnd() == [] && server.statistics.tls_handshakes_failed == 1)
    }

    @Test func replyThatIsBeingTakenIsNotGivenUpForAStandstill() throws {
        let fault = Fault(), clock = StoodClock(fault), settings = [(RD_SET_OUTPUT_SOFT_LIMIT, Int64(1000)), (RD_SET_OUTPUT_SOFT_TIME, 20_000)]
        let server = try Server(.init(settings: settings, fault: fault))
        let client = try server.connect(receiveBuffer: 4096), leaver = try server.connect(receiveBuffer: 4096)
        let value = [UInt8](repeating: 1, count: 8_000_000)
        client.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        client.send(bytes("GET key\r\n"))
        leaver.send(bytes("GET key\r\nQUIT\r\n"))
        #expect(server.wait { $0.commands_processed == 4 })
        standStill(server, clock) {}
        client.ask([], bulk(value))
        leaver.ask([], bulk(value) + bytes("+OK\r\n"))
        #expect(server.statistics.closed_output_limit == 0)
    }

    @Test func stopGoesOnWaitingAfterTheProcessStoodStill() async throws {
        let fault = Fault(), clock = StoodClock(fault), server = try Server(.init(fault: fault)), client = try server.connect(receiveBuffer: 4096)
        let value = [UInt8](repeating: 1, count: 8_000_000)
        client.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        client.send(bytes("GET key\r\n"))
        #expect(server.wait { $0.commands_processed == 2 })
        rd_server_begin_drain(server.handle)
        nonisolated(unsafe) let (handle, group) = (server.handle, fault)
        let waiting = Task.detached {
            group.enter()
            defer { group.leave() }
            return rd_server_wait_drained(handle, 20_000)
        }
        standStill(server, clock) {}
        client.ask([], bulk(value))
        #expect(await waiting.value == RD_OK)
    }

    /// However the requests lie to whole seconds.
    @Test func whoAsksOftenerThanTheTimeoutIsNeverIdle() throws {
        let fault = Fault(), clock = StoodClock(fault)
        let server = try Server(.init(settings: [(RD_SET_IDLE_TIMEOUT, Self.second)], fault: fault))
        let client = try server.connect()
        for _ in 1...12 {
            client.ask(bytes("PING\r\n"), "+PONG\r\n")
            clock.pass(400, in: server)
        }
        clock.pass(400, in: server)
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
        for _ in 1...3 { clock.pass(400, in: server) }
        #expect(client.receiveToTheEnd() == [] && server.statistics.closed_idle == 1)
    }
}
