import CHotProbe
import CRedistillHot
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
        try server.connect().ask(bytes("PING\r\n"), "+PONG\r\n")
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

    @Test func silentConnectionIsClosedWhenIdle() throws {
        let server = try Server(workers: 1, (RD_SET_IDLE_TIMEOUT, 1000)), client = try server.connect()
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
        #expect(client.receiveToTheEnd() == [])
        #expect(server.statistics.closed_idle == 1)
    }

    @Test func unfinishedRequestBeyondTheLimitIsClosedAndCounted() throws {
        let server = try Server(workers: 1, (RD_SET_QUERY_BUFFER_LIMIT, 1 << 20)), client = try server.connect()
        let many = bytes("*1000000\r\n") + (0..<400_000).flatMap { _ in bytes("$1\r\na\r\n") }
        client.send(many)
        #expect(client.receiveToTheEnd() == [])
        #expect(server.statistics.closed_query_limit == 1)
        #expect(server.wait { $0.connections_active == 0 })
    }
}
