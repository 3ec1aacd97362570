import CHotProbe
import CRedistillHot
import Glibc
import Testing

@Suite struct AdmissionTests {
    @Test(arguments: PipelineTests.workers)
    func connectionBeyondTheMostIsToldWhyAndCounted(workers: UInt32) throws {
        let server = try Server(workers: workers, (RD_SET_MAX_CONNECTIONS, 5))
        var clients = try (0..<5).map { _ in try server.connect() }
        for client in clients { client.ask(bytes("PING\r\n"), "+PONG\r\n") }
        #expect(try server.connect().askForTheEnd([]) == "-ERR max number of clients reached\r\n")
        #expect(server.statistics.rejected_max_connections == 1)
        clients.removeLast()
        #expect(server.wait { $0.connections_active == 4 })
        /* Its place is free once its socket is closed, which is after it stopped counting. */
        #expect(server.wait { _ in (try? server.connect().exchange(bytes("PING\r\n"), wanted: 7).0) == bytes("+PONG\r\n") })
    }

    @Test func connectionsSpreadEvenlyOverTheWorkers() throws {
        let server = try Server(workers: 4)
        let clients = try (0..<40).map { _ in try server.connect() }
        for client in clients { client.ask(bytes("PING\r\n"), "+PONG\r\n") }
        withExtendedLifetime(clients) {
            for worker: UInt32 in 0..<4 { #expect(probe_worker_connections(server.handle, worker) == 10) }
        }
    }

    @Test func withoutThePasswordNothingIsReadOrWritten() throws {
        let server = try Server(workers: 1, (RD_SET_AUTH_REQUIRED, 1)), client = try server.connect()
        client.ask(bytes("SET k v\r\nGET k\r\nKEYS *\r\nINFO\r\nCLIENT LIST\r\n"),
                   String(repeating: "-NOAUTH Authentication required.\r\n", count: 5))
        client.ask(bytes("AUTH wrong\r\nGET k\r\n"),
                   "-WRONGPASS invalid username-password pair or user is disabled.\r\n-NOAUTH Authentication required.\r\n")
        #expect(server.statistics.auth_failures == 1)
        client.ask(bytes("AUTH secret\r\nSET k v\r\nGET k\r\n"), "+OK\r\n+OK\r\n$1\r\nv\r\n")
    }

    @Test func largeRequestsAreRefusedBeforeThePasswordAndTakenInTheSamePipelineAfterIt() throws {
        let server = try Server(workers: 1, (RD_SET_AUTH_REQUIRED, 1))
        let large = [UInt8](repeating: 0x61, count: 20_000), set = multibulk([bytes("SET"), bytes("k"), large])
        #expect(try server.connect().askForTheEnd(set) == "-ERR Protocol error: unauthenticated bulk length\r\n")
        let many = multibulk(Array(repeating: bytes("a"), count: 11))
        #expect(try server.connect().askForTheEnd(many) == "-ERR Protocol error: unauthenticated multibulk length\r\n")
        try server.connect().ask(multibulk("AUTH", "secret") + set + multibulk("STRLEN", "k"), "+OK\r\n+OK\r\n:20000\r\n")
    }

    @Test func connectionWithoutThePasswordIsClosedInTime() throws {
        let server = try Server(workers: 1, (RD_SET_AUTH_REQUIRED, 1), (RD_SET_AUTH_TIMEOUT, 1000))
        let silent = try server.connect(), known = try server.connect()
        known.ask(bytes("AUTH secret\r\n"), "+OK\r\n")
        #expect(silent.receiveToTheEnd() == [])
        #expect(server.statistics.closed_auth_timeout == 1)
        known.ask(bytes("PING\r\n"), "+PONG\r\n")
    }

    @Test func resetGivesWhoHasNotSaidThePasswordNoMoreTime() throws {
        let fault = Fault(), clock = StoodClock(fault), settings = [(RD_SET_AUTH_REQUIRED, Int64(1)), (RD_SET_AUTH_TIMEOUT, 1000)]
        let server = try Server(.init(settings: settings, fault: fault)), client = try server.connect()
        for _ in 1...2 {
            client.ask(bytes("RESET\r\n"), "+RESET\r\n")
            clock.pass(400, in: server)
        }
        clock.pass(400, in: server)
        #expect(client.receiveToTheEnd() == [] && server.statistics.closed_auth_timeout == 1)
    }

    @Test func timeForThePasswordBeginsAnewWithTheResetOfWhoHadSaidIt() throws {
        let fault = Fault(), clock = StoodClock(fault), settings = [(RD_SET_AUTH_REQUIRED, Int64(1)), (RD_SET_AUTH_TIMEOUT, 1000)]
        let server = try Server(.init(settings: settings, fault: fault)), client = try server.connect()
        client.ask(bytes("AUTH secret\r\n"), "+OK\r\n")
        for _ in 1...3 { clock.pass(400, in: server) }
        client.ask(bytes("RESET\r\n"), "+RESET\r\n")
        for _ in 1...2 { clock.pass(400, in: server) }
        client.ask(bytes("AUTH secret\r\n"), "+OK\r\n")
    }

    @Test func userIsToldButNotThePassword() throws {
        let server = try Server(workers: 1, (RD_SET_AUTH_REQUIRED, 1)), client = try server.connect()
        client.ask(bytes("ACL LIST\r\nAUTH secret\r\nACL LIST\r\n"),
                   "-NOAUTH Authentication required.\r\n+OK\r\n*1\r\n$39\r\nuser default on #(redacted) ~* &* +@all\r\n")
    }

    @Test func silentConnectionIsClosedWhenIdle() throws {
        let server = try Server(workers: 1, (RD_SET_IDLE_TIMEOUT, 1000)), client = try server.connect()
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
        #expect(client.receiveToTheEnd() == [])
        #expect(server.statistics.closed_idle == 1)
    }

    /// With its line end, as in Redis.
    @Test(arguments: [(1_048_574, true), (1_048_575, false), (5_000_000, false)])
    func argumentBeyondTheQueryBufferLimitIsClosedAndCounted(length: Int, isTaken: Bool) throws {
        let server = try Server(workers: 1, (RD_SET_QUERY_BUFFER_LIMIT, 1 << 20)), client = try server.connect()
        let request = multibulk([bytes("SET"), bytes("key"), [UInt8](repeating: 0x61, count: length)])
        if isTaken {
            client.ask(request, piece: 100_000, bytes("+OK\r\n"))
        } else {
            client.send(request)
            #expect(client.receiveToTheEnd() == nil || server.statistics.keys == 0)
            #expect(server.wait { $0.closed_query_limit == 1 && $0.connections_active == 0 && $0.memory_values == 0 })
        }
    }

    /// Of any size: whole arguments are no rest of a request. They are, where MULTI has queued them.
    @Test func requestOfManyArgumentsIsWithinTheQueryBufferLimit() throws {
        let server = try Server(workers: 1, (RD_SET_QUERY_BUFFER_LIMIT, 1 << 20)), client = try server.connect()
        let value = [UInt8](repeating: 0x61, count: 1000), large = [UInt8](repeating: 0x61, count: 900_000)
        let many = [bytes("MSET")] + (0..<4000).flatMap { [bytes("key:\($0)"), value] }
        client.ask(multibulk(many), piece: 50_000, bytes("+OK\r\n"))
        client.ask(multibulk([bytes("MSET"), bytes("a"), large, bytes("b"), large]), piece: 50_000, bytes("+OK\r\n"))
        client.ask(multibulk("MULTI"), "+OK\r\n")
        client.send((0..<60).flatMap { _ in multibulk([bytes("SET"), bytes("a"), large.prefix(20_000) + []]) })
        #expect(server.wait { $0.closed_query_limit == 1 && $0.connections_active == 0 })
    }

    @Test func connectionsHaveTheOptionsOfTCPThatAreInForceWhenTheyCome() throws {
        let server = try Server(workers: 1, (RD_SET_TCP_KEEPALIVE, 90))
        var clients: [Client] = []
        func come() throws -> [Int32] {
            clients.append(try server.connect())
            clients[clients.count - 1].ask(bytes("PING\r\n"), "+PONG\r\n")
            return [(IPPROTO_TCP, TCP_NODELAY), (Int(SOL_SOCKET), SO_KEEPALIVE), (IPPROTO_TCP, TCP_KEEPIDLE),
                    (IPPROTO_TCP, TCP_KEEPINTVL), (IPPROTO_TCP, TCP_KEEPCNT)]
                .map { probe_newest_socket_option(server.handle, Int32($0.0), $0.1) }
        }
        #expect(try come() == [1, 1, 90, 30, 3])
        #expect(rd_server_set(server.handle, RD_SET_TCP_KEEPALIVE, 300) == RD_OK)
        #expect(try come() == [1, 1, 300, 100, 3])
        #expect(rd_server_set(server.handle, RD_SET_TCP_NODELAY, 0) == RD_OK)
        #expect(rd_server_set(server.handle, RD_SET_TCP_KEEPALIVE, 0) == RD_OK)
        #expect(try come().prefix(2) == [0, 0])
    }
}
