import CHotProbe
import CRedistillHot
import Testing

/// A monotonic clock of the server's threads that only a test moves.
final class StoodClock {
    private let fault: Fault
    private var ahead: Int64 = 0

    init(_ fault: Fault) {
        self.fault = fault
        fault.setMonotonic(ahead: 0)
    }

    func jump(_ ms: Int64) {
        ahead += ms
        fault.setMonotonic(ahead: ahead)
    }

    /// Time goes by, in which the server is held or not, and then every worker looks at its connections.
    func pass(_ ms: Int64, in server: Server, held: (() -> Void)? = nil) {
        held?()
        let workers = 0..<rd_server_workers(server.handle)
        let before = workers.map { probe_worker_tick_ms(server.handle, $0) }
        jump(ms)
        if held != nil { probe_server_release(server.handle) }
        #expect(
            server.wait { _ in
                zip(workers, before).allSatisfy { probe_worker_tick_ms(server.handle, $0) > $1 }
            })
    }
}
