import CHotProbe
import CRedistillHot
import Testing

/// Somebody sets the machine's clock while the daemon runs.
@Suite struct WallClockTests {
    static let day: Int64 = 86_400

    @Test(arguments: PipelineTests.workers)
    func clockThatJumpsForwardExpiresWhatIsDueAndNothingElse(workers: UInt32) throws {
        let fault = Fault(), patience = (RD_SET_IDLE_TIMEOUT, Int64(60_000))
        let server = try Server(.init(workers: workers, settings: [patience], fault: fault))
        let client = try server.connect(), idle = try server.connect()
        idle.ask(bytes("PING\r\n"), "+PONG\r\n")
        client.ask(bytes("SET kept v\r\nSET soon v EX 100\r\nSET later v EX 1000000\r\nSET swept v EX 100\r\n"),
                   String(repeating: "+OK\r\n", count: 4))
        fault.setClock(ahead: Self.day)
        client.ask(bytes("GET kept\r\nGET soon\r\nGET later\r\n"), "$1\r\nv\r\n$-1\r\n$1\r\nv\r\n")
        client.ask(bytes("SET new v EX 100\r\nTTL new\r\nOBJECT IDLETIME kept\r\n"), "+OK\r\n:100\r\n:0\r\n")
        /* The tick that sweeps looks for idle connections first: a day of silence it was not. */
        #expect(server.wait { $0.keys == 3 })
        idle.ask(bytes("PING\r\n"), "+PONG\r\n")
        #expect(server.statistics.closed_idle == 0 && server.isSound)
    }

    @Test(arguments: PipelineTests.workers)
    func sweepRemovesWhatAJumpMadeExpire(workers: UInt32) throws {
        let fault = Fault(), server = try Server(.init(workers: workers, fault: fault)), client = try server.connect()
        let requests = (0..<3000).flatMap { number in
            number % 3 == 0 ? multibulk("SET", "key:\(number)", "v") : multibulk("SETEX", "key:\(number)", "100", "v")
        }
        client.ask(requests, String(repeating: "+OK\r\n", count: 3000))
        fault.setClock(ahead: Self.day)
        #expect(server.wait { $0.keys == 1000 })
        #expect(server.statistics.expired == 2000 && server.isSound)
    }

    /// A key then lives longer by as much; nothing ends early, and nothing hangs.
    @Test(arguments: PipelineTests.workers)
    func clockThatJumpsBackLosesNothing(workers: UInt32) throws {
        let fault = Fault(), server = try Server(.init(workers: workers, fault: fault)), client = try server.connect()
        client.ask(bytes("SET kept v\r\nSET soon v EX 100\r\nCLIENT PAUSE 10 WRITE\r\n"), "+OK\r\n+OK\r\n+OK\r\n")
        fault.setClock(ahead: -Self.day)
        client.ask(bytes("SET new v EX 10\r\nTTL new\r\nGET kept\r\nGET soon\r\n"), "+OK\r\n:10\r\n$1\r\nv\r\n$1\r\nv\r\n")
        let left = text(client.exchange(bytes("TTL soon\r\n"), wanted: 8).reply)
        #expect(left == ":86500\r\n" || left == ":86499\r\n")
        client.ask(bytes("EXPIRE soon 50\r\nPERSIST soon\r\nOBJECT IDLETIME kept\r\n"), ":1\r\n:1\r\n:0\r\n")
        fault.setClock(ahead: 0)
        client.ask(bytes("GET kept\r\nGET soon\r\nGET new\r\n"), "$1\r\nv\r\n$1\r\nv\r\n$-1\r\n")
        #expect(server.isSound)
    }
}
