import CHotProbe
import CRedistillHot
import Testing

/// Client-side caching between workers, under any interleaving that comes up: run it under the sanitizers.
@Suite struct TrackingTests {
    private static let kinds = [
        "CLIENT TRACKING ON\r\n", "CLIENT TRACKING ON NOLOOP\r\n", "CLIENT TRACKING ON BCAST\r\n",
        "CLIENT TRACKING ON BCAST PREFIX k:1 NOLOOP\r\n",
    ]

    /// Takes replies and messages until the reply to ECHO with this text.
    private static func drain(_ client: Client, until end: String) -> Bool {
        while let reply = client.receiveReply() {
            if reply == bulk(bytes(end)) { return true }
        }
        return false
    }

    @Test(arguments: PipelineTests.workers)
    func clientsThatTrackWatchChangeAndGoLeaveNothingBehind(workers: UInt32) throws {
        let server = try Server(Server.Options(workers: workers, shards: 4))
        var random = SeededRandom(seed: UInt64(workers))
        var clients: [Client] = []
        for round in 0..<300 {
            if clients.count < 12 {
                let client = try server.connect()
                client.send(bytes("HELLO 3\r\n" + Self.kinds[round % Self.kinds.count]))
                clients.append(client)
            }
            for (index, client) in clients.enumerated() {
                var requests = ""
                for _ in 0..<8 {
                    let a = "k:\(random.next() % 40)", b = "k:\(random.next() % 40)"
                    switch random.next() % 12 {
                    case 0...3: requests += "MGET \(a) \(b)\r\n"
                    case 4: requests += "GET \(a)\r\n"
                    case 5: requests += "SET \(a) 1\r\n"
                    case 6: requests += "MSET \(a) 1 \(b) 2\r\n"
                    case 7: requests += "WATCH \(a) \(b)\r\nMULTI\r\nGET \(a)\r\nDEL \(b)\r\nEXEC\r\n"
                    case 8: requests += "SET \(a) 1 PX 1\r\n"
                    case 9: requests += "MULTI\r\nCLIENT TRACKING OFF\r\nGET \(a)\r\n\(Self.kinds[index % 4])GET \(b)\r\nEXEC\r\n"
                    case 10: requests += round % 50 == 0 ? "FLUSHALL\r\n" : "WATCH \(a) \(a)\r\n"
                    default: requests += "UNWATCH\r\nDEL \(a)\r\n"
                    }
                }
                client.send(bytes(requests + "ECHO end\(round)\r\n"))
            }
            for client in clients { #expect(Self.drain(client, until: "end\(round)")) }
            if round % 5 == 4 {
                let leaving = clients.remove(at: Int(random.next() % UInt64(clients.count)))
                if round % 2 == 0 { leaving.reset() } else { leaving.send(bytes("QUIT\r\n")) }
            }
        }
        clients = []
        #expect(server.wait { $0.connections_active == 0 && $0.connections_tracking == 0 && $0.keys_tracked == 0 })
        #expect(server.isSound)
    }

    @Test func prefixesAreCountedWhileTheyAreAdded() throws {
        let server = try Server(workers: 1), client = try server.connect()
        client.send(bytes("HELLO 3\r\n" + (100..<400).map { "CLIENT TRACKING ON BCAST PREFIX \($0):\r\n" }.joined()))
        #expect(server.wait { $0.prefixes_tracked == 300 })
    }

    @Test func manyWhoTrackOneKeyAreEachToldOnceAndHoldNobodyUp() throws {
        let server = try Server(workers: 2), writer = try server.connect(), others = 400
        let clients = try (0..<others).map { _ in try server.connect() }
        for client in clients { client.send(bytes("HELLO 3\r\nCLIENT TRACKING ON\r\nGET k\r\nECHO one\r\n")) }
        for client in clients { #expect(Self.drain(client, until: "one")) }
        #expect(server.statistics.keys_tracked == UInt64(others))
        writer.ask(bytes("SET k 1\r\n"), "+OK\r\n")
        let message = bytes(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n")
        for client in clients { client.ask([], message) }
        #expect(server.statistics.keys_tracked == 0)
        writer.ask(bytes("SET k 2\r\n"), "+OK\r\n")
        for client in clients { client.ask(bytes("PING\r\n"), "+PONG\r\n") }
    }

    @Test func whoHasTrackedManyKeysGoesBitByBitWhileTheyChange() throws {
        let server = try Server(workers: 2), writer = try server.connect()
        let keys = (0..<20_000).map { "k\($0)" }
        for _ in 0..<3 {
            let client = try server.connect()
            client.send(bytes("HELLO 3\r\nCLIENT TRACKING ON\r\n") + multibulk([bytes("MGET")] + keys.map { bytes($0) })
                        + bytes("ECHO read\r\n"))
            #expect(Self.drain(client, until: "read"))
            client.send(bytes("CLIENT TRACKING OFF\r\nCLIENT TRACKING ON\r\nGET k1\r\nECHO again\r\n"))
            writer.send(multibulk([bytes("MSET")] + keys.flatMap { [bytes($0), bytes("1")] }))
            #expect(Self.drain(client, until: "again"))
            #expect(writer.receiveReply() == bytes("+OK\r\n"))
            client.close()
            #expect(server.wait { $0.connections_active == 1 && $0.keys_tracked == 0 })
        }
        #expect(server.isSound)
    }
}
