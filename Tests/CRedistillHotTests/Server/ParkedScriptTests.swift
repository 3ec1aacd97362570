import CHotProbe
import CRedistillHot
import Testing

/// A script that runs for too long: whoever it is, and everybody else.
@Suite struct ParkedScriptTests {
    static let workers: [UInt32] = [1, 2, 3]

    @Test(arguments: workers)
    func othersAreToldBusyAndItsConnectionIsAnsweredInOrder(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        busy.park(client, bytes("SET a 1\r\n") + eval("get a;gate;incr a;incr a") + bytes("GET a\r\nPING\r\n"))
        client.send(bytes("GET a\r\n"))
        for other in busy.others {
            other.ask(bytes("GET a\r\nSET a 5\r\nMULTI\r\nGET a\r\nDISCARD\r\nKEYS *\r\nFLUSHALL\r\n") + eval("get a"),
                      BusyServer.busy + BusyServer.busy + "+OK\r\n" + BusyServer.busy + "+OK\r\n" + BusyServer.busy + BusyServer.busy
                          + BusyServer.busy)
        }
        busy.scripts.letPass()
        client.ask([], "+OK\r\n:3\r\n$1\r\n3\r\n+PONG\r\n$1\r\n3\r\n")
        busy.untilIdle()
        for other in busy.others { other.ask(bytes("GET a\r\n"), "$1\r\n3\r\n") }
        #expect(busy.server.isSound)
    }

    @Test(arguments: workers)
    func killEndsItUnlessItHasWritten(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect(), other = busy.others[0]
        busy.park(client, eval("get a;gate;set a 1") + bytes("PING\r\n"))
        other.ask(multibulk("SCRIPT", "KILL"), "+OK\r\n")
        client.ask([], "-ERR Script killed by user with SCRIPT KILL.\r\n+PONG\r\n")
        busy.untilIdle()
        other.ask(bytes("GET a\r\nSCRIPT KILL\r\n"), "$-1\r\n-NOTBUSY No scripts in execution right now.\r\n")
        busy.scripts.letPass()
        busy.park(client, eval("set a 1;gate;get a"))
        other.send(multibulk("SCRIPT", "KILL"))
        #expect(try #require(other.receiveReply()).starts(with: bytes("-UNKILLABLE ")))
        busy.scripts.letPass()
        client.ask([], "$1\r\n1\r\n")
        busy.untilIdle()
    }

    /// As in Redis, where nobody is heard before a script has run for too long.
    @Test(arguments: workers.dropFirst())
    func killSparesAScriptThatIsWithinItsTime(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        let before = busy.scripts.atGate, commands = busy.server.statistics.commands_processed
        client.send(eval("get a;gate;set a 1;get a"))
        busy.waitForGate(before + 1)
        for other in busy.others { other.send(multibulk("SCRIPT", "KILL")) } /* the script's own worker hears of it later */
        #expect(busy.server.wait { $0.commands_processed >= commands + UInt64(workers) - 1 })
        busy.scripts.letPass()
        client.ask([], "$1\r\n1\r\n")
        for other in busy.others { other.ask([], "-NOTBUSY No scripts in execution right now.\r\n") }
    }

    @Test(arguments: workers)
    func afterTwiceTheTimeItEndsWhateverItHasDone(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        busy.park(client, eval("set a 1;gate;set a 2"))
        busy.passLimit()
        client.ask([], "-ERR script ran for more than twice 'script_time_limit' and was ended\r\n")
        busy.untilIdle()
        busy.others[0].ask(bytes("GET a\r\n"), "$1\r\n1\r\n")
    }

    @Test(arguments: workers, [true, false])
    func itsConnectionMayEndMeanwhile(workers: UInt32, withReset: Bool) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        busy.park(client, bytes("WATCH w\r\n") + eval("set a 1;gate;set a 2;reply value 300000") + bytes("SET b 1\r\n"))
        if withReset { client.reset() } else { client.close() }
        busy.untilBusy(busy.others[0])
        busy.scripts.letPass()
        #expect(busy.server.wait { $0.connections_active == UInt64(workers) })
        busy.untilIdle()
        busy.others[0].ask(bytes("GET a\r\nEXISTS b\r\n"), "$1\r\n2\r\n:0\r\n")
        #expect(busy.server.isSound)
        #expect(busy.server.wait { $0.memory_client_input == 0 && $0.memory_client_queues == 0 })
    }

    private func watchAndTrack(_ client: Client) {
        client.send(bytes("HELLO 3\r\nMGET a d e f g\r\nWATCH a b c\r\nCLIENT TRACKING ON BCAST PREFIX x\r\n"))
        for _ in 0..<4 { #expect(client.receiveReply()?[0] != 0x2d) }
    }

    @Test(arguments: workers)
    func othersThatWatchAndTrackMayEndMeanwhile(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        let watchers = try (0..<6).map { _ in try busy.server.connect() }
        for watcher in watchers { watchAndTrack(watcher) }
        busy.park(client, eval("set a 1;gate;set a 2"))
        watchers[0].ask(bytes("QUIT\r\nRESET\r\nUNWATCH\r\n"), BusyServer.busy + BusyServer.busy + BusyServer.busy)
        for (number, watcher) in watchers.enumerated() { if number % 2 == 0 { watcher.close() } else { watcher.reset() } }
        busy.untilBusy(busy.others[0])
        busy.scripts.letPass()
        client.ask([], "+OK\r\n")
        #expect(busy.server.wait { $0.connections_active == UInt64(workers) + 1 })
        #expect(busy.server.isSound)
    }

    @Test(arguments: workers)
    func largestClientThatIsClosedForMemoryMayBeItsOwn(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        let rest = bytes(String(repeating: "SET behind 1\r\n", count: 3000))
        busy.park(client, eval("set a 1;gate;set a 2") + rest)
        #expect(busy.server.wait { $0.memory_client_input > 20_000 })
        #expect(rd_server_set(busy.server.handle, RD_SET_MAX_CLIENT_MEMORY, 20_000) == RD_OK)
        #expect(busy.server.wait { $0.evicted_clients == 1 })
        busy.scripts.letPass()
        #expect(busy.server.wait { $0.connections_active == UInt64(workers) })
        busy.untilIdle()
        busy.others[0].ask(bytes("MGET a behind\r\n"), "*2\r\n$1\r\n2\r\n$-1\r\n")
    }

    @Test(arguments: workers)
    func drainWaitsForIt(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        busy.park(client, eval("set a 1;gate;get a") + bytes("INCR a\r\n"))
        rd_server_begin_drain(busy.server.handle)
        for other in busy.others { _ = other.receiveToTheEnd() }
        busy.scripts.letPass()
        #expect(client.receiveToTheEnd() == bytes("$1\r\n1\r\n:2\r\n"))
        #expect(rd_server_wait_drained(busy.server.handle, 20_000) == RD_OK)
    }

    @Test(arguments: workers, [true, false])
    func serverThatEndsEndsIt(workers: UInt32, drains: Bool) throws {
        let fault = Fault(), scripts = Scripts()
        do {
            let server = try Server(.init(workers: workers, scripts: scripts, settings: [(RD_SET_SCRIPT_TIME_LIMIT, Int64(100_000))], fault: fault))
            let clients = try (0..<3).map { _ in try server.connect() }
            for client in clients { watchAndTrack(client) }
            clients[0].send(eval("set a 1;gate"))
            #expect(server.wait { _ in scripts.atGate == 1 })
            fault.jumpMonotonic(101_000)
            if drains { rd_server_begin_drain(server.handle) }
        }
        #expect(fault.leak == nil)
    }

    @Test(arguments: workers)
    func earlierRepliesAreSentAlsoWhenItsOwnIsNotWanted(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect(receiveBuffer: 4096)
        let value = [UInt8](repeating: 0x76, count: 8_000_000)
        client.ask(multibulk([bytes("SET"), bytes("big"), value]), "+OK\r\n")
        for (mode, reply) in [("SKIP", ""), ("OFF", "")] {
            busy.park(client, bytes("GET big\r\nCLIENT REPLY \(mode)\r\n") + eval("gate;reply int 1"))
            busy.scripts.letPass()
            busy.untilIdle()
            client.ask([], bulk(value) + bytes(reply))
            client.ask(bytes("CLIENT REPLY ON\r\nPING\r\n"), "+OK\r\n+PONG\r\n")
        }
    }

    @Test func skipWithinItsTransactionIsForTheNextCommand() throws {
        let busy = try BusyServer(workers: 2), client = try busy.server.connect()
        for park in [false, true] {
            let script = park ? "gate;get a" : "get a"
            client.ask(bytes("MULTI\r\n") + eval(script) + bytes("CLIENT REPLY SKIP\r\n"),
                       "+OK\r\n+QUEUED\r\n+QUEUED\r\n")
            let request = bytes("EXEC\r\nECHO 1\r\nECHO 2\r\nECHO 3\r\n")
            if park { busy.park(client, request) } else { client.send(request) }
            if park { busy.scripts.letPass() }
            let end = client.exchange([], wanted: 1000, until: "$1\r\n3\r\n")
            #expect(text(end) == "*2\r\n$-1\r\n$1\r\n2\r\n$1\r\n3\r\n")
            busy.untilIdle()
        }
    }

    @Test(arguments: workers)
    func execThatIsRefusedEndsItsTransaction(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        let waiting = try (0..<6).map { _ in try busy.server.connect() }
        for other in waiting { other.ask(bytes("WATCH a b c d e\r\nMULTI\r\nSET a 9\r\n"), "+OK\r\n+OK\r\n+QUEUED\r\n") }
        busy.park(client, eval("set b 1;gate;set b 2"))
        let refused = "-EXECABORT Transaction discarded because of: " + BusyServer.busy.dropFirst()
        for other in waiting { other.ask(bytes("EXEC\r\n"), refused) }
        for other in busy.others { other.ask(bytes("MULTI\r\nEXEC\r\n"), "+OK\r\n" + refused) }
        busy.scripts.letPass()
        client.ask([], "+OK\r\n")
        busy.untilIdle()
        for other in waiting + busy.others {
            other.ask(bytes("PING\r\nEXEC\r\nGET a\r\n"), "+PONG\r\n-ERR EXEC without MULTI\r\n$-1\r\n")
            /* What it watched before does not count for its next transaction. */
            other.ask(bytes("MULTI\r\nPING\r\nEXEC\r\n"), "+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n")
        }
        #expect(busy.server.isSound)
    }

    @Test(arguments: workers)
    func execOfTheWrongArityDoesNotWaitForItsWatches(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        let waiting = try (0..<6).map { _ in try busy.server.connect() }
        for other in waiting { other.ask(bytes("WATCH a b c d e\r\nMULTI\r\n"), "+OK\r\n+OK\r\n") }
        busy.park(client, eval("set b 1;gate;set b 2"))
        for other in waiting {
            other.ask(bytes("EXEC x\r\n"), "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n")
        }
        busy.untilBusy(busy.others[0])
        busy.scripts.letPass()
        client.ask([], "+OK\r\n")
        busy.untilIdle()
        for other in waiting { other.ask(bytes("PING\r\n"), "+PONG\r\n") }
    }

    @Test(arguments: workers)
    func whatItReadsIsTrackedAsItsClientAsked(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        client.send(bytes("HELLO 3\r\nCLIENT TRACKING ON OPTIN\r\nCLIENT CACHING YES\r\n"))
        for _ in 0..<3 { #expect(try #require(client.receiveReply())[0] != 0x2d) }
        busy.park(client, eval("get early;gate;get late"))
        busy.scripts.letPass()
        client.ask([], "_\r\n")
        busy.untilIdle()
        for key in ["early", "late"] {
            busy.others[0].ask(multibulk("SET", key, "1"), "+OK\r\n")
            client.ask([], ">2\r\n$10\r\ninvalidate\r\n*1\r\n$\(key.count)\r\n\(key)\r\n")
        }
        client.ask(bytes("GET later\r\n"), "_\r\n")
        busy.others[0].ask(multibulk("SET", "later", "1"), "+OK\r\n")
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
    }

    @Test(arguments: workers)
    func monitorsMayComeAndGoMeanwhile(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect(), staying = try busy.server.connect()
        let leaving = try (0..<4).map { _ in try busy.server.connect() }
        for monitor in leaving + [staying] { monitor.ask(bytes("MONITOR\r\n"), "+OK\r\n") }
        client.ask(bytes("MULTI\r\n") + eval("set a 1;gate;set a 2"), "+OK\r\n+QUEUED\r\n")
        busy.park(client, bytes("EXEC\r\n"))
        for monitor in leaving { monitor.close() }
        busy.untilBusy(busy.others[0])
        busy.scripts.letPass()
        client.ask([], "*1\r\n+OK\r\n")
        busy.untilIdle()
        busy.others[0].ask(bytes("ECHO over\r\n"), "$4\r\nover\r\n")
        let feed = text(staying.exchange([], wanted: 1 << 20, until: "\"ECHO\" \"over\"\r\n"))
        #expect(feed.contains("lua] \"set\" \"a\" \"1\"") && feed.contains("lua] \"set\" \"a\" \"2\"") && feed.contains("\"EXEC\"\r\n"))
    }

    /// Time passes in pieces that no worker takes for a standstill, unless the machine stands still as well: until who
    /// was idle has gone.
    @Test func longCallIsNoIdleness() throws {
        let busy = try BusyServer(workers: 1, (RD_SET_IDLE_TIMEOUT, 5000)), client = try busy.server.connect()
        busy.park(client, eval("gate;reply int 1"))
        for _ in 0..<500 where busy.server.statistics.closed_idle == 0 {
            waitForTick(of: busy) { busy.fault.jumpMonotonic(250) }
        }
        busy.scripts.letPass()
        client.ask([], ":1\r\n")
        for _ in 0..<2 { waitForTick(of: busy) {} }
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
        #expect(busy.server.statistics.closed_idle == 1)
    }

    private func waitForTick(of busy: BusyServer, after change: () -> Void) {
        let before = probe_worker_tick_ms(busy.server.handle, 0)
        change()
        #expect(busy.server.wait { _ in probe_worker_tick_ms(busy.server.handle, 0) > before })
    }

    /// In one batch with it, or in its transaction.
    @Test(arguments: workers, [true, false])
    func wrongPasswordBesideItIsHeldForItsTimeAndNoLonger(workers: UInt32, inTransaction: Bool) throws {
        let busy = try BusyServer(workers: workers, (RD_SET_AUTH_FAILURE_DELAY, 50)), client = try busy.server.connect()
        /* The last of them is one too many. */
        let count = 11, wrong = bytes(String(repeating: "AUTH wrong\r\n", count: count))
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
        /* Those who came when there was none need no password. */
        #expect(rd_server_set(busy.server.handle, RD_SET_AUTH_REQUIRED, 1) == RD_OK)
        let refused = String(repeating: "-WRONGPASS invalid username-password pair or user is disabled.\r\n", count: count)
        if inTransaction {
            client.ask(bytes("MULTI\r\n") + eval("gate;reply int 1") + wrong, "+OK\r\n" + String(repeating: "+QUEUED\r\n", count: count + 1))
            busy.park(client, bytes("EXEC\r\nAUTH secret\r\nPING\r\n"))
        } else {
            busy.park(client, wrong + eval("gate;reply int 1") + bytes("AUTH secret\r\nPING\r\n"))
        }
        busy.scripts.letPass()
        client.ask([], (inTransaction ? "*\(count + 1)\r\n:1\r\n" + refused : refused + ":1\r\n") + "+OK\r\n+PONG\r\n")
        #expect(busy.server.statistics.auth_delayed == 1)
        busy.untilIdle()
    }

    @Test(arguments: workers)
    func slowLogAndCountersKnowItOnce(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect()
        busy.park(client, eval("try get;gate;get a"))
        for other in busy.others { other.ask(bytes("GET a\r\n"), BusyServer.busy) }
        busy.scripts.letPass()
        client.ask([], "$-1\r\n")
        busy.untilIdle()
        #expect(busy.calls(of: "eval") == (1, 0))
        client.ask(bytes("SLOWLOG LEN\r\nMULTI\r\n") + eval("gate;get a"), ":1\r\n+OK\r\n+QUEUED\r\n")
        busy.park(client, bytes("EXEC\r\n"))
        for other in busy.others { other.ask(bytes("GET a\r\n"), BusyServer.busy) }
        busy.scripts.letPass()
        client.ask([], "*1\r\n$-1\r\n")
        busy.untilIdle()
        #expect(busy.calls(of: "eval") == (2, 0) && busy.calls(of: "exec") == (1, 0))
    }

    @Test(arguments: workers)
    func requestsBehindItWaitForAPauseStill(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect(), other = busy.others[0]
        other.ask(bytes("CLIENT PAUSE 100000000 WRITE\r\n"), "+OK\r\n")
        busy.park(client, eval("gate;reply int 1", as: "EVAL_RO") + bytes("GET a\r\nSET a 1\r\nGET a\r\n"))
        busy.scripts.letPass()
        client.ask([], ":1\r\n$-1\r\n")
        busy.untilIdle()
        other.ask(bytes("EXISTS a\r\nCLIENT UNPAUSE\r\n"), ":0\r\n+OK\r\n")
        client.ask([], "+OK\r\n$1\r\n1\r\n")
    }

    @Test func severalMayRunForTooLongAtOnce() throws {
        // So many shards that two of three keys are never in one.
        let busy = try BusyServer(workers: 3, shards: 16_384), clients = try (0..<3).map { _ in try busy.server.connect() }
        for (number, client) in clients.enumerated() {
            client.send(eval("#k;try incr K1;gate;get K1", keys: ["key\(number)"]) + bytes("PING\r\n"))
            busy.waitForGate(UInt32(number) + 1)
        }
        busy.passLimit()
        for other in busy.others { busy.untilBusy(other) }
        busy.scripts.letPass(2)
        for client in clients.prefix(2) { client.ask([], "$1\r\n1\r\n" + BusyServer.busy) }
        for other in busy.others { other.ask(bytes("GET a\r\n"), BusyServer.busy) }
        busy.scripts.letPass()
        clients[2].ask([], "$1\r\n1\r\n")
        busy.untilIdle()
        #expect(busy.server.isSound)
    }

    /// The worker that waits for a shard of a script which then runs for too long gives up.
    @Test func whoeverWaitsForItsShardsIsToldBusyToo() throws {
        let busy = try BusyServer(workers: 2), client = try busy.server.connect()
        client.ask(bytes("SET a 1\r\n"), "+OK\r\n")
        let requests = ["GET a", "SET a 1", "MGET a b", "DEL a b", "KEYS *", "SCAN 0 COUNT 100000", "FLUSHALL", "WATCH a", "RANDOMKEY", "COPY a b"]
        for request in requests {
            let before = busy.scripts.atGate
            client.send(eval("#k;try get K1;gate;get K1", keys: ["a"]))
            busy.waitForGate(before + 1)
            busy.others[1].send(bytes(request + "\r\n"))
            busy.passLimit()
            #expect(text(try #require(busy.others[1].receiveReply())) == BusyServer.busy, "\(request)")
            busy.scripts.letPass()
            client.ask([], "$1\r\n1\r\n")
            busy.untilIdle()
        }
        #expect(busy.server.isSound)
    }

    @Test(arguments: workers)
    func itIsTheSameOverTLS(workers: UInt32) throws {
        let fault = Fault(), scripts = Scripts(), server = try Server(.init(
            workers: workers, tls: true, scripts: scripts, settings: [(RD_SET_SCRIPT_TIME_LIMIT, Int64(100_000))], fault: fault))
        let client = try TLSClient(to: server), other = try TLSClient(to: server)
        let value = [UInt8](repeating: 0x78, count: 100_000)
        client.send(bytes("SET a 1\r\n") + eval("gate;reply value 100000") + bytes("GET a\r\n"))
        #expect(server.wait { _ in scripts.atGate == 1 })
        fault.jumpMonotonic(101_000)
        other.send(bytes("QUIT\r\n"))
        #expect(other.receive(5) == bytes("+OK\r\n"))
        client.send(bytes("INCR a\r\n"))
        scripts.letPass()
        let expected = bytes("+OK\r\n") + bulk(value)
        #expect(client.receive(expected.count) == expected)
        /* The GET came before the script ended or after it: the first is always so with what was sent together. */
        #expect(client.receive(11) == bytes("$1\r\n1\r\n:2\r\n"))
    }

    @Test(arguments: workers)
    func replyMayBeLargeOrTooLong(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers, (RD_SET_OUTPUT_LIMIT, 4_000_000)), client = try busy.server.connect()
        let value = [UInt8](repeating: 0x76, count: 300_000)
        client.ask(multibulk([bytes("SET"), bytes("big"), value]), "+OK\r\n")
        busy.park(client, eval("gate;mget big big big") + bytes("GET big\r\n"))
        busy.scripts.letPass()
        client.ask([], bytes("*3\r\n") + bulk(value) + bulk(value) + bulk(value) + bulk(value))
        busy.untilIdle()
        client.ask(bytes("MULTI\r\n") + eval("gate;get big") + bytes("GET big\r\n"), "+OK\r\n+QUEUED\r\n+QUEUED\r\n")
        busy.park(client, bytes("EXEC\r\n"))
        busy.scripts.letPass()
        client.ask([], bytes("*2\r\n") + bulk(value) + bulk(value))
        busy.untilIdle()
        busy.park(client, eval("gate;reply value 5000000"))
        busy.scripts.letPass()
        #expect(client.receiveToTheEnd() == [])
        busy.untilIdle()
        #expect(busy.server.statistics.closed_output_limit == 1)
        busy.others[0].ask(bytes("FLUSHALL\r\n"), "+OK\r\n")
        #expect(busy.server.wait { $0.memory_values == 0 && $0.memory_orphans == 0 })
    }

    @Test(arguments: workers)
    func itMayChangeWhatDatabasesThereAre(workers: UInt32) throws {
        let busy = try BusyServer(workers: workers), client = try busy.server.connect(), watcher = try busy.server.connect()
        watcher.ask(bytes("SET a 0\r\nWATCH a\r\nMULTI\r\nPING\r\n"), "+OK\r\n+OK\r\n+OK\r\n+QUEUED\r\n")
        busy.park(client, eval("select 2;set a 2;gate;swapdb 0 2;flushdb;set b 2;select 0;get a"))
        busy.scripts.letPass()
        client.ask([], "$1\r\n2\r\n")
        busy.untilIdle()
        client.ask(bytes("GET a\r\nSELECT 2\r\nGET b\r\nGET a\r\n"), "$1\r\n2\r\n+OK\r\n$1\r\n2\r\n$-1\r\n")
        watcher.ask(bytes("EXEC\r\n"), "*-1\r\n")
        #expect(busy.server.isSound)
    }
}
