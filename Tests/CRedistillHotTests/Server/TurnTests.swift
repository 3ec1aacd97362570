import CHotProbe
import CRedistillHot
import Testing

/// What one connection may do before others of its worker have their turn.
@Suite struct TurnTests {
    private static let turn = 256 << 10

    private func totalOut(of id: Int, in list: String) -> Int? {
        let line = list.split(separator: "\n").first { $0.contains("id=\(id) ") }
        let field = line?.split(separator: " ").first { $0.hasPrefix("tot-net-out=") }
        return field.flatMap { Int($0.dropFirst("tot-net-out=".count)) }
    }

    @Test func pipelineOfMegabytesWaitsForOthersAfterItsShare() throws {
        let server = try Server(workers: 1), greedy = try server.connect(), other = try server.connect()
        let value = [UInt8](repeating: 0x61, count: 16_000), count = 500
        greedy.ask(multibulk([bytes("SET"), bytes("k"), value]) + bytes("CLIENT ID\r\n"), "+OK\r\n:1\r\n")
        other.ask(bytes("PING\r\n"), "+PONG\r\n")
        probe_server_hold(server.handle)
        greedy.send(bytes(String(repeating: "GET k\r\n", count: count)))
        other.send(bytes("CLIENT LIST\r\n"))
        probe_server_release(server.handle)
        let list = try #require(other.receiveReply())
        let sent = try #require(totalOut(of: 1, in: text(list)))
        #expect(sent <= 2 * Self.turn)
        greedy.ask(bytes("PING\r\n"), Array(repeating: bulk(value), count: count).flatMap { $0 } + bytes("+PONG\r\n"))
    }

    /// Replies that fill a turn exactly, nearly, and a little more; copied ones and those by reference.
    @Test(arguments: [false, true], [1000, 16_383, 16_384, 32_768, turn - 13, turn - 12, turn - 11, 3 * turn - 13, 1_000_000])
    func repliesAroundOneTurnArriveWholeAndInOrder(tls: Bool, size: Int) throws {
        let server = try Server(.init(tls: tls)), value = [UInt8](repeating: 0x62, count: size)
        let count = 4 * Self.turn / size + 4
        let request = multibulk([bytes("SET"), bytes("k"), value])
            + bytes((0..<count).map { "GET k\r\nINCR n\r\nECHO e\($0)\r\n" }.joined())
        var expected = bytes("+OK\r\n")
        for number in 0..<count {
            expected += bulk(value) + bytes(":\(number + 1)\r\n") + bulk(bytes("e\(number)"))
        }
        if tls {
            let client = try TLSClient(to: server)
            client.send(request)
            #expect(client.receive(expected.count) == expected)
        } else {
            try server.connect().ask(request, expected)
        }
        #expect(server.wait { $0.connections_active == 0 })
        #expect(server.isSound)
    }
}
