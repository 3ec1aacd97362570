import Glibc
import Synchronization
import Testing

@Suite struct StopTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func anIdleDaemonStopsAtOnceWithStatistics(_ signal: Int32) throws {
        let daemon = try Daemon()
        let client = try daemon.connect()
        try #expect(client.ask("SET", "k", "v") == "+OK\r\n")
        let start = Clock.seconds
        #expect(daemon.stop(signal) == .exited(0))
        #expect(Clock.seconds - start < 5, "an idle connection must not be waited for")
        try #expect(client.isClosed())
        let log = daemon.process.errors()
        #expect(log.contains("stopping") && log.contains(signal == SIGTERM ? "SIGTERM" : "SIGINT"))
        #expect(statistic("commands", in: log) == 1 && statistic("keys", in: log) == 1)
    }

    @Test func shutdownStops() throws {
        let daemon = try Daemon()
        let client = try daemon.connect()
        try client.send(request(["SHUTDOWN"]))
        #expect(daemon.process.wait() == .exited(0))
        try #expect(client.isClosed())
    }

    private final class Count: Sendable {
        let replies = Atomic(0)
        let isOver = Atomic(false)
    }

    /// Writers are always thousands of requests ahead of the replies, so that requests are under way in every part of the path when the stop
    /// comes. Whatever was executed must have been answered: the daemon's own count is the number of replies.
    @Test(arguments: [1, 4])
    func aStopUnderLoadLosesNoReply(workers: Int) throws {
        let daemon = try Daemon(["--workers", "\(workers)", "--shutdown-timeout", "1h"])
        let counts = (0..<8).map { _ in Count() }
        let clients = try (0..<8).map { _ in try daemon.connect() }
        // Writers and readers in turn: thread 2n writes to connection n, thread 2n + 1 reads from it.
        try withThreads(2 * clients.count, { number in
            let client = clients[number / 2], count = counts[number / 2]
            if number % 2 == 0 {
                let burst = (0..<50).flatMap { _ in request(["INCR", "k\(number)"]) }
                var sent = 0
                // The end comes as an error of send, or as the reader's.
                while (try? client.send(burst)) != nil {
                    sent += 50
                    while sent - count.replies.load(ordering: .relaxed) > 20_000 {
                        if count.isOver.load(ordering: .relaxed) { return }
                        usleep(200)
                    }
                }
                return
            }
            var expected = 1
            defer { count.isOver.store(true, ordering: .relaxed) }
            while true {
                do {
                    let reply = try client.readReply()
                    guard reply == ":\(expected)\r\n" else { throw TestFailure("\(reply) instead of \(expected)") }
                } catch let failure as TestFailure where failure.description.hasPrefix("the connection ended instead") {
                    return
                }
                expected += 1
                count.replies.wrappingAdd(1, ordering: .relaxed)
            }
        }, meanwhile: {
            let deadline = Clock.seconds + ChildProcess.patience
            while counts.contains(where: { $0.replies.load(ordering: .relaxed) < 1000 }), Clock.seconds < deadline { usleep(1000) }
            #expect(daemon.stop() == .exited(0))
        })
        #expect(statistic("commands", in: daemon.process.errors()) == counts.reduce(0) { $0 + $1.replies.load(ordering: .relaxed) })
    }

    @Test func thePortIsFreeAtOnce() throws {
        let daemon = try Daemon()
        let port = daemon.port
        let clients = try (0..<20).map { _ in try daemon.connect() }
        for client in clients { _ = try client.ask("PING") }
        #expect(daemon.stop() == .exited(0))
        let next = try Daemon(["--port", "\(port)"], choosesPort: false)
        #expect(next.port == port)
        try #expect(next.connect().ask("PING") == "+PONG\r\n")
        next.process.signal(SIGKILL)
        #expect(next.process.wait() == .killed(signal: SIGKILL))
        try #expect(Daemon(["--port", "\(port)"], choosesPort: false).connect().ask("PING") == "+PONG\r\n")
    }

    /// A client that takes no replies holds a stop up until shutdown_timeout, or until the second signal.
    private func daemonWithAStubbornClient(_ flags: [String]) throws -> (Daemon, RawClient) {
        let daemon = try Daemon(flags)
        let client = try daemon.connect()
        let value = String(repeating: "v", count: 1 << 20)
        try #expect(client.ask("SET", "k", value) == "+OK\r\n")
        try client.send((0..<200).flatMap { _ in request(["GET", "k"]) })
        // An answer to another tells that the first of them have been executed.
        try #expect(daemon.connect().ask("PING") == "+PONG\r\n")
        return (daemon, client)
    }

    @Test func aStubbornClientIsGivenUpAtTheDeadline() throws {
        let (daemon, client) = try daemonWithAStubbornClient(["--shutdown-timeout", "500ms"])
        let start = Clock.seconds
        #expect(daemon.stop() == .exited(0))
        #expect(Clock.seconds - start >= 0.4)
        #expect(daemon.process.errors().contains("shutdown_timeout"))
        withExtendedLifetime(client) {}
    }

    @Test func aSecondSignalEndsAtOnce() throws {
        let (daemon, client) = try daemonWithAStubbornClient(["--shutdown-timeout", "1h"])
        daemon.process.signal(SIGTERM)
        while !daemon.process.errors().contains("stopping") { usleep(1000) }
        let start = Clock.seconds
        #expect(daemon.stop() == .exited(1))
        #expect(Clock.seconds - start < 5)
        withExtendedLifetime(client) {}
    }

    @Test func nobodyIsLetInWhileStopping() throws {
        let (daemon, client) = try daemonWithAStubbornClient(["--shutdown-timeout", "1h"])
        daemon.process.signal(SIGTERM)
        while !daemon.process.errors().contains("stopping") { usleep(1000) }
        let deadline = Clock.seconds + ChildProcess.patience
        while Clock.seconds < deadline, let late = try? daemon.connect(), (try? late.ask("PING")) != nil { usleep(1000) }
        #expect(Clock.seconds < deadline)
        // The stubborn one changes its mind, and gets all that it asked for.
        for _ in 0..<200 { try #expect(client.readReplyBytes().count == (1 << 20) + 12) }
        #expect(daemon.process.wait() == .exited(0))
    }

    /// After 64 large values the replies go out, and what does not fit holds the rest of the requests back. When they
    /// are answered at last, nothing more comes from the socket that could lead to the connection's end.
    @Test func aRequestThatWasHeldBackEndsItsConnection() throws {
        let daemon = try Daemon(["--shutdown-timeout", "1h"])
        let client = try daemon.connect()
        try #expect(client.ask("SET", "k", String(repeating: "v", count: 1 << 20)) == "+OK\r\n")
        try client.send((0..<64).flatMap { _ in request(["GET", "k"]) } + request(["PING"]))
        try #expect(daemon.connect().ask("PING") == "+PONG\r\n")
        daemon.process.signal(SIGTERM)
        while !daemon.process.errors().contains("stopping") { usleep(1000) }
        for _ in 0..<64 { try #expect(client.readReplyBytes().count == (1 << 20) + 12) }
        try #expect(client.readToEnd() == "+PONG\r\n")
        #expect(daemon.process.wait() == .exited(0))
    }

    private func statistic(_ name: String, in log: String) -> Int? {
        let line = log.split(whereSeparator: \.isNewline).last { $0.contains("final statistics") } ?? ""
        return line.split(separator: " ").first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
    }
}
