import CHotProbe
import CRedistillHot
import Testing

/// Headers of the PROXY protocol, where they are awaited and where not.
@Suite struct ProxyHeaderTests {
    private static let signature = bytes("\r\n\r\n\0\r\nQUIT\n")

    private static func block(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 255)] + rest
    }

    private static let v4: [UInt8] = [192, 0, 2, 7, 127, 0, 0, 1, 0x30, 0x39, 0x18, 0xEB]
    private static let v6: [UInt8] =
        [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [9] + [UInt8](repeating: 0, count: 16)
        + [0x30, 0x39, 0x18, 0xEB]
    private static let extras: [UInt8] = [0x04, 0, 5, 0, 0, 0, 0, 0, 0xE0, 0, 3, 1, 2, 3]

    /// The header, and the client's address after it; nil: the socket's own.
    private static let headers: [([UInt8], String?)] = [
        (bytes("PROXY TCP4 192.0.2.7 127.0.0.1 12345 6379\r\n"), "192.0.2.7:12345"),
        (bytes("PROXY TCP6 2001:db8::9 ::1 12345 6379\r\n"), "[2001:db8::9]:12345"),
        (bytes("PROXY UNKNOWN\r\n"), nil),
        (bytes("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"), nil),
        (block(0x21, 0x11, v4), "192.0.2.7:12345"),
        (block(0x21, 0x11, v4 + extras), "192.0.2.7:12345"),
        (block(0x21, 0x21, v6), "[2001:db8::9]:12345"),
        (block(0x21, 0x21, v6 + [UInt8](repeating: 0, count: 1900)), "[2001:db8::9]:12345"),
        (block(0x21, 0x31, [UInt8](repeating: 0, count: 216)), nil),
        (block(0x21, 0x00, []), nil),
        (block(0x20, 0x00, []), nil),
        (block(0x20, 0x11, v4 + extras), nil),
    ]

    private static let malformed: [[UInt8]] = [
        bytes("PING\r\n"), bytes("*1\r\n$4\r\nPING\r\n"), bytes("PROXY\r\n"), bytes("PROXY \r\n"), bytes("proxy UNKNOWN\r\n"),
        bytes("PROXY TCP4 192.0.2.7 127.0.0.1 12345\r\n"), bytes("PROXY TCP4 192.0.2.7 127.0.0.1 12345 6379 1\r\n"),
        bytes("PROXY TCP4 192.0.2.256 127.0.0.1 12345 6379\r\n"), bytes("PROXY TCP4 192.0.2.7 127.0.0.1 65536 6379\r\n"),
        bytes("PROXY TCP4 192.0.2.7 127.0.0.1 -1 6379\r\n"), bytes("PROXY TCP4  192.0.2.7 127.0.0.1 1 6379\r\n"),
        bytes("PROXY TCP6 192.0.2.7 ::1 1 6379\r\n"), bytes("PROXY TCP5 ::1 ::1 1 6379\r\n"), bytes("PROXY UNKNOWN\n"),
        bytes("PROXY TCP4 192.0.2.7\0 127.0.0.1 12345 6379\r\n"), bytes("PROXY " + String(repeating: "x", count: 200)),
        block(0x11, 0x11, v4), block(0x22, 0x11, v4), block(0x21, 0x11, Array(v4.dropLast())), block(0x21, 0x41, v4),
        block(0x21, 0x21, Array(v6.dropLast())), signature + [0x21, 0x11, 0xFF, 0xFF], bytes("\r\n\r\n\0\r\nQUIT\r"),
        [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0],
    ]

    @Test(arguments: headers.indices, [0, 1, 7])
    func addressOfTheHeaderIsTheClients(number: Int, piece: Int) throws {
        let (header, address) = Self.headers[number]
        let server = try Server(.init(proxy: true, settings: [(RD_SET_PROTECTED_MODE, Int64(0))])), client = try server.connect()
        client.ask(header + bytes("PING\r\n"), piece: piece, bytes("+PONG\r\n"))
        client.send(bytes("CLIENT INFO\r\n"))
        let line = text(try #require(client.receiveReply()))
        #expect(line.contains(" addr=\(address ?? "127.0.0.1:")"))
        #expect(server.statistics.rejected_no_proxy_header == 0)
    }

    @Test(arguments: malformed.indices, [0, 1])
    func connectionWithoutARightHeaderEndsWithoutAWord(number: Int, piece: Int) throws {
        let server = try Server(.init(proxy: true)), client = try server.connect()
        let (reply, closed) = client.exchange(Self.malformed[number], wanted: 100, piece: piece)
        #expect(reply == [] && closed)
        #expect(server.statistics.rejected_no_proxy_header == 1)
        #expect(server.wait { $0.connections_active == 0 && $0.memory_connections == 0 })
    }

    @Test func headerThatDoesNotComeInTimeEndsTheConnection() throws {
        let fault = Fault(), clock = StoodClock(fault), settings = [(RD_SET_TLS_HANDSHAKE_TIMEOUT, Int64(1000))]
        let server = try Server(.init(proxy: true, settings: settings, fault: fault))
        let silent = try server.connect(), slow = try server.connect()
        slow.send(bytes("PROXY TCP4 192.0"))
        #expect(server.wait { $0.connections_active == 2 })
        for _ in 1...4 { clock.pass(400, in: server) }
        #expect(silent.receiveToTheEnd() == [] && slow.receiveToTheEnd() == [])
        #expect(server.statistics.rejected_no_proxy_header == 2)
    }

    @Test func protectedModeAsksForTheClientsAddress() throws {
        let server = try Server(.init(proxy: true)), local = try server.connect(), foreign = try server.connect()
        local.ask(bytes("PROXY TCP4 127.0.0.9 127.0.0.1 1 2\r\nPING\r\n"), "+PONG\r\n")
        #expect(foreign.askForTheEnd(bytes("PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\nPING\r\n")) == "")
        #expect(server.statistics.rejected_protected_mode == 1)
    }

    @Test(arguments: [1, 4])
    func headerComesBeforeTheHandshake(number: Int) throws {
        let (header, address) = Self.headers[number]
        let server = try Server(.init(tls: true, proxy: true, settings: [(RD_SET_PROTECTED_MODE, Int64(0))]))
        let client = try TLSClient(to: server, first: header)
        client.send(bytes("CLIENT INFO\r\n"))
        #expect(text(client.receive(80)).contains(" addr=\(try #require(address))"))
        #expect(server.statistics.tls_handshakes_active == 0)
    }

    /// At every moment of the server's turn that reads the header, the last as well: as it looks what comes next.
    @Test func handshakeBeginsWhileTheHeaderIsRead() throws {
        let server = try Server(.init(tls: true, proxy: true, settings: [(RD_SET_PROTECTED_MODE, Int64(0))]))
        for round in 0..<1000 {
            let client = try TLSClient(to: server, first: Self.headers[0].0, pause: Int64(round % 100 * 1000))
            client.send(bytes("PING\r\n"))
            #expect(text(client.receive(7)) == "+PONG\r\n")
        }
        #expect(server.statistics.rejected_plain_on_tls == 0 && server.statistics.tls_handshakes_failed == 0)
    }

    @Test(arguments: headers.indices, [0, 1, 7])
    func headerWhereNoneIsAwaitedEndsTheConnectionWithoutAWord(number: Int, piece: Int) throws {
        let server = try Server(workers: 1), client = try server.connect()
        let (reply, closed) = client.exchange(Self.headers[number].0 + bytes("PING\r\n"), wanted: 100, piece: piece)
        #expect(reply == [] && closed)
        #expect(server.statistics.rejected_proxy_header == 1)
        #expect(server.wait { $0.connections_active == 0 && $0.memory_connections == 0 })
    }

    @Test(arguments: [0, 4])
    func headerOnATLSPortEndsTheConnectionWithoutAWord(number: Int) throws {
        let server = try Server(.init(tls: true)), client = try server.connect()
        let (reply, closed) = client.exchange(Self.headers[number].0, wanted: 100)
        #expect(reply == [] && closed)
        #expect(server.statistics.rejected_proxy_header == 1 && server.statistics.rejected_plain_on_tls == 0)
        #expect(server.wait { $0.connections_active == 0 && $0.tls_handshakes_active == 0 })
    }

    @Test(arguments: [
        ("PING\r\n", "+PONG\r\n"), ("\r\n\r\nPING\r\n", "+PONG\r\n"), ("\r\n\r\n\r\nECHO a\r\n", "$1\r\na\r\n"),
        ("PROXY a\r\n", "-ERR unknown command 'PROXY', with args beginning with: 'a' \r\n"),
        ("PERSIST a\r\n", ":0\r\n"),
        ("PING\r\nPROXY TCP4 \r\n", "+PONG\r\n-ERR unknown command 'PROXY', with args beginning with: 'TCP4' \r\n"),
    ], [0, 1])
    func whatOnlyBeginsLikeAHeaderIsServed(exchange: (request: String, reply: String), piece: Int) throws {
        let server = try Server(workers: 1), client = try server.connect()
        client.ask(bytes(exchange.request), piece: piece, bytes(exchange.reply))
        #expect(server.statistics.rejected_proxy_header == 0)
    }
}
