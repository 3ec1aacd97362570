import CHotProbe
import CRedistillHot
import Testing

/// How long nodes have for a change of their maps: clients are sent to ask, and what was served to who asked is kept.
@Suite struct AskingTests {
    private static let minute: Int64 = 60_000
    private static let ask = "-ASK 16287 192.0.2.1:2\r\n", moved = "-MOVED 16287 192.0.2.1:2\r\n"

    private func server(_ owner: Server.Owner, _ fault: Fault) throws -> Server {
        try Server(.init(workers: 4, owner: owner, fault: fault))
    }

    @Test func whatWasServedToWhoAskedGoesAfterAMinute() throws {
        let fault = Fault(), clock = StoodClock(fault)
        let server = try server(.other, fault), client = try server.connect()
        client.ask(bytes("SET x 1\r\n"), Self.moved)
        client.ask(bytes("ASKING\r\nSET x 1\r\nGET x\r\n"), "+OK\r\n+OK\r\n" + Self.moved)
        clock.pass(Self.minute - 1000, in: server)
        client.ask(bytes("ASKING\r\nGET x\r\n"), "+OK\r\n$1\r\n1\r\n")
        clock.pass(1000, in: server)
        #expect(server.wait { $0.strays_removed == 1 && $0.stray_slots == 0 })
        client.ask(bytes("ASKING\r\nGET x\r\nDBSIZE\r\n"), "+OK\r\n$-1\r\n:0\r\n")
    }

    @Test func whatWasServedToWhoAskedStaysWhenTheSlotComesInTime() throws {
        let fault = Fault(), clock = StoodClock(fault)
        let server = try server(.other, fault), client = try server.connect()
        client.ask(bytes("ASKING\r\nSET x 1\r\n"), "+OK\r\n+OK\r\n")
        clock.pass(Self.minute - 1000, in: server)
        server.setOwner(.itself)
        for _ in 1...3 { clock.pass(Self.minute, in: server) }
        client.ask(bytes("GET x\r\n"), "$1\r\n1\r\n")
        #expect(server.statistics.strays_removed == 0)
    }

    @Test func clientsAreSentToAskForAMinute() throws {
        let fault = Fault(), clock = StoodClock(fault)
        let server = try server(.itself, fault), client = try server.connect()
        client.ask(bytes("SET x 1\r\n"), "+OK\r\n")
        server.setOwner(.other)
        #expect(server.wait { $0.strays_removed == 1 && $0.stray_slots == 0 })
        client.ask(bytes("GET x\r\nASKING\r\nGET x\r\n"), Self.ask + "+OK\r\n" + Self.ask)
        clock.pass(Self.minute - 1000, in: server)
        client.ask(bytes("GET x\r\n"), Self.ask)
        clock.pass(1000, in: server)
        client.ask(bytes("GET x\r\n"), Self.moved)
        server.setOwner(.other)
        clock.pass(1000, in: server)
        client.ask(bytes("GET x\r\nASKING\r\nGET x\r\n"), Self.moved + "+OK\r\n$-1\r\n")
    }
}
