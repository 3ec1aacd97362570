import CHotProbe
import CRedistillHot
import Testing

/// The HTTP port as strangers use it; nothing is at any path here.
@Suite struct HTTPPortTests {
    private func connect(to server: Server) throws -> Client {
        let fd = probe_connect(rd_server_http_port(server.handle), 0)
        try #require(fd >= 0)
        return Client(fd: fd)
    }

    /// The status line and the rest of an answer, after which the server says that nothing more comes.
    private func answer(_ request: String, piece: Int, from server: Server) throws -> (status: Int, text: String) {
        let client = try connect(to: server)
        let (reply, closed) = client.exchange(bytes(request), wanted: 4096, piece: piece)
        let answer = text(reply)
        #expect(closed && answer.hasPrefix("HTTP/1.1 "))
        return (Int(answer.dropFirst(9).prefix(3)) ?? 0, answer)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 404), ("HEAD / HTTP/1.1\r\n\r\n", 404), ("GET / HTTP/1.0\n\n", 404),
        ("\r\nGET / HTTP/1.1\r\n\r\n", 404), ("GET /a%20b?x=1#y HTTP/1.1\r\nA:b\r\nC: \t d \t\r\n\r\n", 404),
        ("GET http://host/x HTTP/1.1\r\n\r\n", 404), ("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 404),
        ("BREW / HTTP/1.1\r\n\r\n", 404), ("GET / HTTP/2.0\r\n\r\n", 505), ("GET /\r\n\r\n", 400),
        ("GET\r\n\r\n", 400), (" / HTTP/1.1\r\n\r\n", 400), ("get / HTTP/1.1\r\n\r\n", 400), ("GET * HTTP/1.1\r\n\r\n", 400),
        ("GET http://host HTTP/1.1\r\n\r\n", 400), ("GET / FTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA : b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n: b\r\n\r\n", 400), ("GET /%00 HTTP/1.1\r\n\r\n", 400), ("GET /\0 HTTP/1.1\r\n\r\n", 400),
        ("PING\r\n\r\n", 400), ("GET /" + String(repeating: "a", count: 8150) + " HTTP/1.1\r\n\r\n", 404),
        ("GET /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nA: " + String(repeating: "b", count: 8200) + "\r\n\r\n", 431),
    ], [0, 1])
    func requestGetsItsStatusAndTheConnectionEnds(exchange: (request: String, status: Int), piece: Int) throws {
        let server = try Server(.init(http: true))
        let (status, text) = try answer(exchange.request, piece: piece == 0 || exchange.request.count > 9000 ? 0 : piece, from: server)
        #expect(status == exchange.status)
        #expect(text.contains("\r\nConnection: close\r\n") && text.contains("\r\nContent-Length: 0\r\n"))
        #expect(server.wait { $0.memory_connections == 0 })
    }

    @Test func oneConnectionTooManyClosesTheOldest() throws {
        let server = try Server(.init(http: true, settings: [(RD_SET_HTTP_CONNECTIONS, Int64(4))]))
        let halves = try (0..<4).map { _ in
            let client = try connect(to: server)
            client.send(bytes("GET / HTTP/1.1\r\nHos"))
            return client
        }
        #expect(server.wait { $0.memory_connections > 0 })
        #expect(try answer("GET / HTTP/1.1\r\n\r\n", piece: 0, from: server).status == 404)
        #expect(halves[0].receiveToTheEnd() == [])
        #expect(server.statistics.rejected_http == 1)
        let reply = text(halves[1].exchange(bytes("t: a\r\n\r\n"), wanted: 4096).reply)
        #expect(reply.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
    }

    @Test func connectionsUnderWayEndWithTheServer() throws {
        let fault = Fault(), clients: [Client]
        do {
            let server = try Server(.init(http: true, fault: fault))
            clients = try (0..<10).map { _ in try connect(to: server) }
            for client in clients { client.send(bytes("GET / HT")) }
            #expect(try answer("GET / HTTP/1.1\r\n\r\n", piece: 0, from: server).status == 404)
        }
        for client in clients { #expect(client.receiveToTheEnd() == []) }
        #expect(fault.leak == nil)
    }

    /// Each allocation on the way of a request fails once: it is answered, or its connection ends.
    @Test func requestForWhichMemoryIsOutIsAnsweredOrEnds() throws {
        var nth = 1, struck = true, ended = 0
        while struck {
            let fault = Fault()
            do {
                let server = try Server(.init(http: true, fault: fault))
                fault.arm(nth, .one)
                let reply = try connect(to: server).exchange(bytes("GET / HTTP/1.1\r\n\r\n"), wanted: 4096)
                struck = fault.disarm()
                #expect(reply.closed && (reply.reply == [] || text(reply.reply).hasPrefix("HTTP/1.1 404")))
                ended += reply.reply == [] ? 1 : 0
                #expect(try answer("GET / HTTP/1.1\r\n\r\n", piece: 0, from: server).status == 404)
            }
            #expect(fault.leak == nil, "allocation \(nth) at \(fault.site)")
            nth += 1
        }
        #expect(ended > 3)
    }
}
