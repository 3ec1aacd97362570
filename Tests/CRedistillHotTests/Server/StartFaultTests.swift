import CHotProbe
import CRedistillHot
import Testing

@Suite struct StartFaultTests {
    /// It starts, or says that it can't; in both cases it gives everything back.
    @Test(arguments: [(1, false), (4, false), (1, true)] as [(UInt32, Bool)], Fault.Extent.allCases)
    func serverThatLacksMemoryAtItsStartSaysSoAndLeavesNothing(server: (workers: UInt32, http: Bool), extent: Fault.Extent) throws {
        var nth = 0, refused = 0, struck = true
        while struck {
            let fault = Fault()
            nth += 1
            fault.arm(nth, extent)
            let started = try startAndServe(.init(workers: server.workers, shards: 4, shares: [1: 10], http: server.http, fault: fault)) { struck = fault.disarm() }
            if !started { refused += 1 }
            #expect(fault.leak == nil, "allocation \(nth) at \(fault.site)")
        }
        #expect(refused > 30)
    }

    private func startAndServe(_ options: Server.Options, _ whenStarted: () -> Void) throws -> Bool {
        let server = try Server.ifItStarts(options)
        whenStarted()
        guard let server else { return false }
        try server.connect().ask(bytes("SET key value\r\nGET key\r\n"), "+OK\r\n$5\r\nvalue\r\n")
        #expect(server.isSound)
        return true
    }
}
