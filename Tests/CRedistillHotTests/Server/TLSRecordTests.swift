import CHotProbe
import CRedistillHot
import Glibc
import Testing

/// TLS records come in pieces, as a network or an attacker cuts them.
@Suite struct TLSRecordTests {
    /// Processor time of the only worker while this time passes.
    private func microseconds(of server: Server, during time: Duration) -> Int64 {
        let clock = ContinuousClock(), end = clock.now + time, before = probe_worker_us(server.handle, 0)
        while clock.now < end { usleep(10_000) }
        return probe_worker_us(server.handle, 0) - before
    }

    @Test(arguments: [0x0303, 0x0304] as [Int32], [1, 5, 12])
    func workerRestsWhilePartOfARecordIsAllThatCame(version: Int32, part: Int) throws {
        let server = try Server(.init(tls: true)), tls = try TLSClient(to: server, version: version)
        let whole = tls.seal(bytes("PING\r\n")), next = tls.seal(bytes("ECHO second\r\n"))
        tls.client.send(whole + next[..<part])
        #expect(tls.receive(7) == bytes("+PONG\r\n"))
        #expect(microseconds(of: server, during: .milliseconds(300)) < 100_000)
        tls.client.send(Array(next[part...]))
        #expect(tls.receive(12) == bytes("$6\r\nsecond\r\n"))
    }

    /// Records that come faster than a read has room for are read without another wake-up of the socket.
    @Test(arguments: [0x0303, 0x0304] as [Int32])
    func whatOneReadHasNoRoomForIsReadByTheNext(version: Int32) throws {
        let server = try Server(.init(tls: true)), tls = try TLSClient(to: server, version: version)
        for size in [16_000, 65_000, 65_536, 100_000, 300_000] {
            let value = [UInt8](repeating: 0x61, count: size)
            tls.send(multibulk([bytes("SET"), bytes("key"), value]) + bytes("PING\r\nSTRLEN key\r\n"))
            #expect(tls.receive(12 + ":\(size)\r\n".utf8.count) == bytes("+OK\r\n+PONG\r\n:\(size)\r\n"))
        }
        #expect(server.statistics.connections_active == 1)
    }

    /// Goodbye comes with the last request, and the socket stays open.
    @Test(arguments: [0x0303, 0x0304] as [Int32])
    func goodbyeBehindARequestEndsTheConnectionAfterItsReply(version: Int32) throws {
        let server = try Server(.init(tls: true)), tls = try TLSClient(to: server, version: version)
        tls.client.send(tls.seal(bytes("PING\r\n")) + tls.sealGoodbye())
        #expect(tls.receive(7) == bytes("+PONG\r\n"))
        #expect(server.wait { $0.connections_active == 0 })
    }

    /// Who leaves last of those that a certificate served frees it, and it was never counted with connections.
    @Test func certificateThatWasReplacedIsNoMemoryOfItsLastConnection() throws {
        let server = try Server(.init(tls: true))
        var kept: UInt64? // by OpenSSL for the worker's thread, since the first handshake
        for _ in 0..<5 {
            var client: TLSClient? = try TLSClient(to: server)
            client?.send(bytes("PING\r\n"))
            #expect(client?.receive(7) == bytes("+PONG\r\n"))
            rd_server_set_tls(server.handle, probe_tls_context())
            client = nil
            #expect(server.wait { $0.connections_active == 0 && $0.memory_connections == 0 })
            let left = server.statistics.memory_tls
            #expect(left == kept ?? left)
            kept = left
        }
    }
}
