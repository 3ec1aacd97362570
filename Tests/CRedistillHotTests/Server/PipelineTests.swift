import CHotProbe
import CRedistillHot
import Testing

@Suite struct PipelineTests {
    static let workers: [UInt32] = [1, 4]

    @Test(arguments: workers)
    func hundredThousandCommandsAreAnsweredInOrder(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        var requests: [UInt8] = [], replies: [UInt8] = []
        for number in 1...25_000 {
            requests += multibulk("SET", "key:\(number % 1000)", "value:\(number)") + multibulk("INCR", "counter")
            requests += multibulk("GET", "key:\(number % 1000)") + bytes("ECHO \(number)\r\n")
            replies += bytes("+OK\r\n:\(number)\r\n") + bulk(bytes("value:\(number)")) + bulk(bytes("\(number)"))
        }
        client.ask(requests, replies)
        #expect(server.statistics.commands_processed == 100_000)
        #expect(server.isSound)
    }

    /// What the other tests ask must have the same answer while the workers write.
    @Test(arguments: workers, [false, true])
    func storeIsSoundWheneverItIsLookedAt(workers: UInt32, monitored: Bool) throws {
        let server = try Server(workers: workers), client = try server.connect(), watcher = try server.connect()
        if monitored { watcher.ask(bytes("MONITOR\r\n"), "+OK\r\n") }
        let value = String(repeating: "v", count: 600)
        let requests = (0..<10_000).flatMap { multibulk("SET", "key:\($0)", $0 % 3 == 0 ? "" : value) + multibulk("DEL", "key:\($0 / 2)") }
        client.send(requests)
        for _ in 0..<50 { #expect(server.isSound) }
        client.ask(bytes("ECHO end\r\n"), bytes((0..<10_000).map { "+OK\r\n:\($0 % 2 == 0 ? 1 : 0)\r\n" }.joined() + "$3\r\nend\r\n"))
    }

    @Test(arguments: workers)
    func errorInAPipelineStopsNothingAndKeepsItsPlace(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        let requests = bytes("SET k v\r\nINCR k\r\nNOSUCH a b\r\nGET\r\nGET k\r\nSET k v EX 0\r\n\r\n*0\r\nGET k\r\n")
        client.ask(requests, """
            +OK\r\n-ERR value is not an integer or out of range\r\n\
            -ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' \r\n\
            -ERR wrong number of arguments for 'get' command\r\n$1\r\nv\r\n\
            -ERR invalid expire time in 'set' command\r\n$1\r\nv\r\n
            """)
    }

    @Test func protocolChosenInAPipelineHoldsForTheRepliesAfterIt() throws {
        let server = try Server(workers: 1), client = try server.connect()
        let reply = text(client.exchange(bytes("GET no\r\nHELLO 3\r\nGET no\r\nHELLO 2\r\nGET no\r\nPING\r\n"), wanted: 1 << 16, until: "+PONG\r\n"))
        #expect(reply.hasPrefix("$-1\r\n%7\r\n"))
        #expect(reply.contains("*0\r\n_\r\n*14\r\n"))
        #expect(reply.hasSuffix("*0\r\n$-1\r\n+PONG\r\n"))
    }

    /// The cut is between two reads of the server, not only between two sends.
    @Test(arguments: workers)
    func requestsCutAtEveryByteAreAnsweredTheSame(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        let value = Array(repeating: UInt8(0x78), count: 40)
        let requests = multibulk([bytes("SET"), bytes("key"), value]) + bytes("PING\r\n*0\r\nset q \"a b\"\r\n")
            + multibulk("MGET", "key", "q", "none") + multibulk("DEL", "key", "q")
        let replies = bytes("+OK\r\n+PONG\r\n+OK\r\n*3\r\n") + bulk(value) + bulk(bytes("a b")) + bytes("$-1\r\n:2\r\n")
        for cut in 1..<requests.count {
            let before = server.statistics.bytes_in
            client.send(Array(requests[..<cut]))
            try #require(server.wait { $0.bytes_in == before + UInt64(cut) })
            client.ask(Array(requests[cut...]), replies)
        }
        #expect(server.isSound)
    }

    @Test(arguments: workers)
    func oneByteAtATimeIsAnsweredTheSame(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        let requests = multibulk("SET", "key", "value") + bytes("GET key\r\n") + multibulk("MGET", "key", "none")
        for byte in requests {
            let before = server.statistics.bytes_in
            client.send([byte])
            try #require(server.wait { $0.bytes_in == before + 1 })
        }
        client.ask([], "+OK\r\n$5\r\nvalue\r\n*2\r\n$5\r\nvalue\r\n$-1\r\n")
    }

    /// Many arguments, so that the request is cut over many reads and resumed where it stands.
    @Test(arguments: [1000, 100_000])
    func commandWithManyArgumentsIsOneCommand(count: Int) throws {
        let server = try Server(workers: 2), client = try server.connect()
        var arguments = [bytes("MSET")], names = [bytes("MGET")], reply = bytes("*\(count)\r\n")
        for number in 0..<count {
            arguments += [bytes("key:\(number)"), bytes("v\(number)")]
            names.append(bytes("key:\(number)"))
            reply += bulk(bytes("v\(number)"))
        }
        client.ask(multibulk(arguments), piece: 5000, bytes("+OK\r\n"))
        client.ask(multibulk(names), piece: 5000, reply)
        client.ask(multibulk([bytes("DEL")] + names.dropFirst()), ":\(count)\r\n")
        client.ask(bytes("DBSIZE\r\n"), ":0\r\n")
        #expect(server.isSound)
    }

    @Test(arguments: workers)
    func manyConnectionsAtOnceEachGetTheirOwnReplies(workers: UInt32) async throws {
        let server = try Server(workers: workers), rounds = 50, each = 40
        let clients = try (0..<60).map { _ in try server.connect() }
        for round in 0..<rounds {
            for (name, client) in clients.enumerated() {
                let requests = (0..<each).flatMap { number in
                    multibulk("SET", "\(name):\(number)", "\(name):\(round)") + multibulk("GET", "\(name):\(number)")
                }
                client.send(requests + multibulk("INCR", "all"))
            }
            for (name, client) in clients.enumerated() {
                let expected = (0..<each).flatMap { _ in bytes("+OK\r\n") + bulk(bytes("\(name):\(round)")) }
                client.ask([], expected)
                let counter = text(client.exchange([], wanted: 1 << 10, until: "\r\n"))
                #expect(counter.hasPrefix(":"))
            }
        }
        #expect(server.counter("all") == rounds * clients.count)
        #expect(server.isSound)
    }
}
