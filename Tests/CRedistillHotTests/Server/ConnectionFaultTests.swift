import CHotProbe
import CRedistillHot
import Testing

/// Connections that come while memory is short.
@Suite struct ConnectionFaultTests {
    @Test(arguments: Fault.Extent.allCases)
    func connectionThatFindsNoMemoryIsServedOrEndsAndTheNextIsServed(extent: Fault.Extent) throws {
        var nth = 0, struck = true, ended = 0
        while struck {
            nth += 1
            let fault = Fault()
            try connect(fault, nth, extent, &struck, &ended)
            #expect(fault.leak == nil, "allocation \(nth) at \(fault.site)")
        }
        #expect(nth > 5 && ended > 0)
    }

    private func connect(_ fault: Fault, _ nth: Int, _ extent: Fault.Extent, _ struck: inout Bool, _ ended: inout Int) throws {
        let server = try Server(.init(shards: 4, fault: fault))
        fault.arm(nth, extent)
        let client = try server.connect()
        #expect(server.wait { $0.connections_received > 0 || $0.rejected_no_descriptors > 0 })
        /* With all allocations failing, accepting can't go on. */
        if server.statistics.rejected_no_descriptors > 0 { _ = fault.disarm() }
        let (reply, closed) = client.exchange(bytes("PING\r\n"), wanted: 7)
        struck = fault.disarm()
        #expect(reply == bytes("+PONG\r\n") || closed, "allocation \(nth) at \(fault.site)")
        if closed { ended += 1 }
        try server.connect().ask(bytes("SET key value\r\nGET key\r\n"), "+OK\r\n$5\r\nvalue\r\n")
    }

    /// What ends a connection must not want memory: more of them at once than a worker ever had to see to before.
    @Test func killedConnectionsEndWithoutAnyMemory() throws {
        let fault = Fault(), server = try Server(.init(shards: 4, fault: fault)), killer = try server.connect()
        let clients = try (0..<200).map { _ in try server.connect() }
        for client in clients + [killer] { client.ask(bytes("PING\r\n"), "+PONG\r\n") }
        fault.arm(1, .allAfterToo)
        killer.ask(bytes("CLIENT KILL TYPE NORMAL SKIPME YES\r\n"), ":200\r\n")
        #expect(server.wait { $0.connections_active == 1 })
        _ = fault.disarm()
        for client in clients { #expect(client.receiveToTheEnd() == []) }
    }
}
