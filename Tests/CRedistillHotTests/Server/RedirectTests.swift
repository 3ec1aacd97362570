import CHotProbe
import CRedistillHot
import Testing

@Suite struct RedirectTests {
    /// Trackers and those they redirect to come and go on all workers while keys change.
    @Test func redirectionsComeAndGoWhileKeysChange() throws {
        let server = try Server(workers: 4), writer = try server.connect()
        var random = SeededRandom(seed: 5)
        var trackers: [Client] = [], listeners: [(client: Client, id: Int)] = []
        for round in 0..<150 {
            if listeners.count < 6 { listeners.append(try listener(of: server)) }
            if trackers.count < 8 { trackers.append(try server.connect()) }
            let tracker = trackers[random.below(trackers.count)], target = listeners[random.below(listeners.count)]
            let options = round % 3 == 0 ? " BCAST" : ""
            tracker.ask(bytes("CLIENT TRACKING OFF\r\nCLIENT TRACKING ON REDIRECT \(target.id)\(options)\r\nCLIENT GETREDIR\r\n"),
                        "+OK\r\n+OK\r\n:\(target.id)\r\n")
            tracker.ask(bytes("GET a\r\nGET b\r\n"), "$-1\r\n$-1\r\n")
            writer.ask(bytes("SET a 1\r\nSET b 2\r\nDEL a b\r\n"), "+OK\r\n+OK\r\n:2\r\n")
            _ = writer.exchange(bytes("CLIENT LIST\r\nECHO end-of-list\r\n"), wanted: 1 << 16, until: "end-of-list\r\n")
            switch random.below(6) {
            case 0: listeners.remove(at: random.below(listeners.count)).client.close()
            case 1: trackers.remove(at: random.below(trackers.count)).close()
            case 2:
                let gone = listeners.remove(at: random.below(listeners.count))
                writer.ask(bytes("CLIENT KILL ID \(gone.id)\r\n"), ":1\r\n")
            default: break
            }
        }
        #expect(server.isSound)
        let last = try listener(of: server), tracker = try server.connect()
        tracker.ask(bytes("CLIENT TRACKING ON REDIRECT \(last.id)\r\nGET last\r\n"), "+OK\r\n$-1\r\n")
        writer.ask(bytes("SET last 1\r\n"), "+OK\r\n")
        last.client.ask([], ">2\r\n$10\r\ninvalidate\r\n*1\r\n$4\r\nlast\r\n")
        #expect(server.isSound)
    }

    private func listener(of server: Server) throws -> (client: Client, id: Int) {
        let client = try server.connect()
        let reply = client.exchange(bytes("HELLO 3\r\nECHO end-of-hello\r\n"), wanted: 1 << 12, until: "end-of-hello\r\n")
        #expect(reply.first == UInt8(ascii: "%"))
        let id = client.exchange(bytes("CLIENT ID\r\n"), wanted: 30, until: "\r\n")
        return (client, try #require(Int(text(Array(id.dropFirst().dropLast(2))))))
    }
}
