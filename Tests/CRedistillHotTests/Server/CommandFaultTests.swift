import CHotProbe
import CRedistillHot
import Testing

/// Each allocation that a command or a connection makes fails once: it gets an error or its connection ends, nothing
/// leaks, and the daemon goes on.
@Suite struct CommandFaultTests {
    @Test(arguments: FaultScenario.all, Fault.Extent.allCases)
    func eachAllocationThatFails(scenario: FaultScenario, extent: Fault.Extent) throws {
        var nth = 0, refused = 0, passes = 0, runs = 0
        /* Where keys fall is new in every run, and so is how many allocations they take: none, where all of a few keys
           fall into a shard that has its table. */
        while passes < 2 || refused == 0 {
            (nth, runs) = (nth + 1, runs + 1)
            let fault = Fault()
            let outcome = try FaultRun(scenario, fault).run(nth, extent)
            if !outcome.struck { (passes, nth) = (passes + 1, refused == 0 ? 0 : nth) }
            refused += outcome.refused ? 1 : 0
            #expect(fault.leak == nil, "allocation \(nth) at \(fault.site)")
            try #require(runs < 1000, "nothing is refused, or no end of allocations")
        }
    }
}

/// One server for one failing allocation.
private struct FaultRun {
    let scenario: FaultScenario, fault: Fault, server: Server, bystander: Client

    init(_ scenario: FaultScenario, _ fault: Fault) throws {
        (self.scenario, self.fault) = (scenario, fault)
        let slow = (RD_SET_SLOWLOG_SLOWER_THAN, scenario.logsAll ? Int64(0) : 10_000)
        let large = [RD_SET_LARGE_REQUEST, RD_SET_LARGE_REPLY].map { ($0, scenario.logsAll ? Int64(0) : 1 << 20) }
        server = try Server(.init(workers: 1, shards: 4, policy: scenario.policy,
                                  scripts: Scripts(),
                                  settings: large + [slow, (RD_SET_MAX_MEMORY, scenario.limit), (RD_SET_SCRIPT_TIME_LIMIT, scenario.scriptLimit)],
                                  fault: fault))
        bystander = try server.connect()
    }

    func run(_ nth: Int, _ extent: Fault.Extent) throws -> (struck: Bool, refused: Bool) {
        for step in scenario.before { _ = try #require(ask(bystander, step).refused == false) }
        let victim = try server.connect(receiveBuffer: scenario.receiveBuffer)
        victim.ask(bytes("PING\r\n"), "+PONG\r\n")
        fault.arm(nth, extent)
        var refused = false, isOpen = true
        for step in scenario.steps where isOpen {
            let (stepRefused, open) = ask(victim, step)
            (refused, isOpen) = (refused || stepRefused || !open, open)
        }
        let struck = fault.disarm()
        #expect(struck || !refused, "refused without a reason")
        if isOpen { isServedOrEnds(victim) }
        victim.close()
        try goesOn(nth)
        return (struck, refused)
    }

    /// Messages may come before the reply, and one of which memory was short ends the connection.
    private func isServedOrEnds(_ client: Client) {
        let start = ContinuousClock().now
        client.send(bytes("PING\r\n"))
        while let reply = client.receiveReply(), reply != bytes("+PONG\r\n"), reply != bytes("$4\r\nPONG\r\n") {}
        #expect(ContinuousClock().now - start < .seconds(10), "neither a reply nor an end, \(fault.site)")
    }

    /// The next client is served, what there is of keys is one of the two that they may be, and all can be given back.
    private func goesOn(_ nth: Int) throws {
        let other = try server.connect()
        untilNoScriptRuns(other)
        other.ask(bytes("PING\r\n"), "+PONG\r\n")
        bystander.ask(bytes("SET bystander value\r\nGET bystander\r\n"), "+OK\r\n$5\r\nvalue\r\n")
        for step in scenario.after { #expect(ask(other, step).refused == false, "allocation \(nth) at \(fault.site)") }
        #expect(server.isSound, "allocation \(nth) at \(fault.site)")
        other.close()
        bystander.ask(bytes("FLUSHALL\r\nDBSIZE\r\nSLOWLOG RESET\r\n"), "+OK\r\n:0\r\n+OK\r\n")
        #expect(server.wait { $0.connections_active == 1 && $0.memory_values == 0 }, "allocation \(nth) at \(fault.site)")
        #expect(server.isSound)
    }

    /// The victim's may run on without it.
    private func untilNoScriptRuns(_ client: Client) {
        repeat { client.send(bytes("PING\r\n")) } while client.receiveReply()?.starts(with: bytes("-BUSY")) == true
    }

    /// Sends the step's request and looks at its replies; an error for want of memory is always allowed.
    private func ask(_ client: Client, _ step: FaultScenario.Step) -> (refused: Bool, open: Bool) {
        var refused = false
        let arrived = server.statistics.bytes_in
        if step.cut > 0 {
            client.send(Array(step.request.prefix(step.cut)))
            _ = server.wait { $0.bytes_in >= arrived + UInt64(step.cut) || $0.connections_active == 1 }
        }
        client.send(Array(step.request.dropFirst(step.cut)))
        for _ in 0..<step.count {
            let start = ContinuousClock().now
            guard let reply = client.receiveReply() else {
                #expect(ContinuousClock().now - start < .seconds(10), "neither a reply nor an end, \(fault.site)")
                return (true, false)
            }
            let isRefusal = reply.starts(with: bytes("-OOM")) || reply.starts(with: bytes("-ERR Insufficient memory"))
                || reply.starts(with: bytes("-EXECABORT"))
            refused = refused || isRefusal
            if !isRefusal && !step.allowed.isEmpty {
                #expect(step.allowed.contains(reply), "\(text(step.request.prefix(60))): \(text(reply.prefix(200))) \(fault.site)")
            }
        }
        return (refused, true)
    }
}
