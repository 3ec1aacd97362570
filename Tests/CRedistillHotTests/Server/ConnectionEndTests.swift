import CHotProbe
import CRedistillHot
import Testing

@Suite struct ConnectionEndTests {
    @Test(arguments: PipelineTests.workers)
    func clientThatSendsAndHalfClosesGetsItsReplies(workers: UInt32) throws {
        let server = try Server(workers: workers)
        for count in [1, 100, 20_000] {
            let client = try server.connect()
            client.ask(bytes("DEL counter\r\n"), count == 1 ? ":0\r\n" : ":1\r\n")
            let requests = Array(repeating: multibulk("INCR", "counter"), count: count).flatMap { $0 }
            client.send(requests)
            client.endSending()
            #expect(client.receiveToTheEnd() == (1...count).flatMap { bytes(":\($0)\r\n") })
        }
        #expect(server.wait { $0.connections_active == 0 })
    }

    @Test(arguments: PipelineTests.workers)
    func halfClosedSlowReaderGetsEveryByte(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect(receiveBuffer: 4096)
        let value = [UInt8](repeating: 7, count: 2_000_000)
        client.ask(multibulk([bytes("SET"), bytes("key"), value]), "+OK\r\n")
        client.send(bytes(String(repeating: "GET key\r\nPING\r\n", count: 10)))
        client.endSending()
        let reply = try #require(client.receiveToTheEnd())
        #expect(reply == Array(repeating: bulk(value) + bytes("+PONG\r\n"), count: 10).flatMap { $0 })
        #expect(server.wait { $0.connections_active == 0 })
    }

    @Test func quitIsAnsweredAfterEarlierRepliesAndEndsTheConnection() throws {
        let server = try Server(workers: 1), client = try server.connect()
        #expect(client.askForTheEnd(bytes("SET k 1\r\nINCR k\r\nQUIT\r\nINCR k\r\n")) == "+OK\r\n:2\r\n+OK\r\n")
        #expect(server.counter("k") == 2)
        #expect(server.wait { $0.connections_active == 0 })
    }

    @Test(arguments: [
        ("*3000000000\r\nPING\r\n", "invalid multibulk length"),
        ("*2\r\n$3\r\nGET\r\n$-1\r\n", "invalid bulk length"),
        ("*2\r\n$3\r\nGET\r\n$999999999999\r\n", "invalid bulk length"),
        ("*1\r\nfoo\r\n", "expected '$', got 'f'"),
        ("GET 'a\r\nPING\r\n", "unbalanced quotes in request"),
        (String(repeating: "a", count: 70_000), "too big inline request"),
        ("*" + String(repeating: "1", count: 70_000), "too big mbulk count string"),
    ])
    func protocolErrorIsAnsweredAfterEarlierRepliesAndEndsTheConnection(request: String, error: String) throws {
        let server = try Server(workers: 1)
        for before in [0, 1, 200] {
            let client = try server.connect()
            let reply = client.askForTheEnd(bytes(String(repeating: "PING\r\n", count: before) + request))
            #expect(reply == String(repeating: "+PONG\r\n", count: before) + "-ERR Protocol error: \(error)\r\n")
        }
        #expect(server.statistics.closed_protocol_error == 3)
        #expect(server.wait { $0.connections_active == 0 })
    }

    @Test(arguments: ["POST / HTTP/1.1\r\nHost: a\r\n\r\n", "Host: a\r\n", "PING\r\npost x\r\nPING\r\n"])
    func webBrowserIsCutOffWithoutAWord(request: String) throws {
        let server = try Server(workers: 1), client = try server.connect()
        let reply = client.askForTheEnd(bytes(request))
        #expect(reply == "" || reply == "+PONG\r\n")
        #expect(server.wait { $0.connections_active == 0 })
    }

    @Test(arguments: PipelineTests.workers)
    func resetInTheMiddleOfAReplyLeavesNothing(workers: UInt32) throws {
        let server = try Server(workers: workers), keeper = try server.connect()
        keeper.ask(multibulk([bytes("SET"), bytes("key"), Array(repeating: 1, count: 1_000_000)]), "+OK\r\n")
        for round in 0..<50 {
            let client = try server.connect(receiveBuffer: 4096)
            client.send(bytes(String(repeating: "GET key\r\n", count: 10)))
            if round % 2 == 0 { _ = client.exchange([], wanted: 5000) }
            client.reset()
        }
        #expect(server.wait { $0.connections_active == 1 })
        keeper.ask(bytes("DEL key\r\n"), ":1\r\n")
        #expect(server.wait { $0.memory_values == 0 })
    }

    @Test(arguments: PipelineTests.workers)
    func connectionsThatComeAndGoLeaveNoDescriptor(workers: UInt32) throws {
        let server = try Server(workers: workers)
        for number in 0..<1000 {
            let client = try server.connect()
            switch number % 4 {
            case 0: client.close()
            case 1: client.reset()
            case 2: client.ask(bytes("PING\r\n"), "+PONG\r\n")
            default: client.send(bytes("*2\r\n$3\r\nGE"))
            }
        }
        #expect(server.wait {
            $0.connections_active == 0 && $0.connections_received == 1000 && $0.memory_connections == 0
        })
        #expect(probe_connected_sockets(server.port) == 0)
    }
}
