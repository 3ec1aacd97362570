import CHotProbe
import CRedistillHot
import Testing

/// Each allocation of OpenSSL, and of the server around it, fails once on the way of a TLS connection.
@Suite struct TLSFaultTests {
    private static let value = [UInt8](repeating: 0x76, count: 100_000)
    private static let request =
        multibulk([bytes("SET"), bytes("key"), value]) + bytes(String(repeating: "GET key\r\n", count: 20))
    private static let reply = bytes("+OK\r\n") + Array(repeating: bulk(value), count: 20).flatMap { $0 }

    private enum Outcome { case served, ended, silent, wrong }

    /// One connection from its handshake to its last reply.
    private func talk(to server: Server) throws -> Outcome {
        let client = try server.connect()
        var silent = false
        guard let tls = probe_tls_open(client.fd, 10_000, &silent) else { return silent ? .silent : .ended }
        defer { probe_tls_close(tls) }
        guard withSlice(Self.request, { probe_tls_send(tls, $0.bytes, $0.length) }) else { return .ended }
        var received = [CChar](repeating: 0, count: Self.reply.count), came = 0
        /* The SET's reply by itself: an error for want of memory is the other one that it may have. */
        for wanted in [5, received.count] {
            received.withUnsafeMutableBufferPointer { buffer in
                came += probe_tls_receive(tls, buffer.baseAddress! + came, wanted - came, &silent)
            }
            if received.starts(with: "-OOM".utf8.map { CChar($0) }) { return .ended }
        }
        if silent { return .silent }
        let isRight = received.withUnsafeBytes { $0[..<came].elementsEqual(Self.reply[..<came]) }
        return !isRight ? .wrong : came == received.count ? .served : .ended
    }

    @Test(arguments: PipelineTests.workers)
    func connectionIsServedOrEndsAndTheNextIsServed(workers: UInt32) throws {
        /* What OpenSSL makes once for the process must not be what fails. */
        #expect(try talk(to: Server(.init(workers: workers, shards: 4, tls: true))) == .served)
        var nth = 1, struck = true, ended = 0
        while struck {
            let fault = Fault(), server = try Server(.init(workers: workers, shards: 4, tls: true, fault: fault))
            fault.arm(nth, .one)
            let outcome = try talk(to: server)
            struck = fault.disarm()
            #expect(outcome == .served || (struck && outcome == .ended), "allocation \(nth) at \(fault.site): \(outcome)")
            ended += outcome == .ended ? 1 : 0
            #expect(try talk(to: server) == .served, "allocation \(nth) at \(fault.site)")
            #expect(server.wait { $0.connections_active == 0 && $0.tls_handshakes_active == 0 })
            #expect(server.isSound)
            nth += 1 + nth / 40
        }
        #expect(nth > 100 && ended > 50)
    }
}
