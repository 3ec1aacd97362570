import CHotProbe
import CRedistillHot
import Glibc
import Testing

/// Databases by number: apart from each other in everything, and exchanged or emptied in one moment.
@Suite struct DatabaseTests {
    private func statistics(_ server: Server, _ number: UInt32) -> rd_database_statistics {
        var one = rd_database_statistics()
        #expect(rd_server_database_statistics(server.handle, number, &one))
        return one
    }

    private func fill(_ client: Client, keys: Int, valueLength: Int, named name: String = "", options: [String] = []) {
        let value = [UInt8](repeating: 0x76, count: valueLength)
        for first in stride(from: 0, to: keys, by: 500) {
            let requests = (first..<first + 500).map {
                multibulk([bytes("SET"), bytes("\(name)\($0)"), value] + options.map(bytes))
            }
            client.ask(Array(requests.joined()), String(repeating: "+OK\r\n", count: 500))
        }
    }

    private func expectTransaction(of client: Client, _ reply: String, location: SourceLocation = #_sourceLocation) {
        client.ask(bytes("MULTI\r\nPING\r\nEXEC\r\n"), "+OK\r\n+QUEUED\r\n" + reply, location: location)
    }

    @Test(arguments: PipelineTests.workers)
    func commandsOfOnePipelineAreInTheDatabaseThatWasSelectedBeforeThem(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        let numbers = 0..<16
        client.ask(
            bytes(numbers.map { "SELECT \($0)\r\nSET key \($0)\r\n" }.joined()),
            numbers.map { _ in "+OK\r\n+OK\r\n" }.joined())
        client.ask(
            bytes(numbers.map { "SELECT \($0)\r\nGET key\r\n" }.joined()),
            numbers.map { "+OK\r\n$\("\($0)".count)\r\n\($0)\r\n" }.joined())
        #expect(server.statistics.keys == 16)
        for number in numbers { #expect(statistics(server, UInt32(number)).keys == 1) }
        var none = rd_database_statistics()
        #expect(!rd_server_database_statistics(server.handle, 16, &none))
    }

    /// Keys and values of each layout: inline, in blobs, with an expiry.
    @Test(arguments: PipelineTests.workers)
    func keysOfEveryShapeAreApart(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        let keys = [0, 1, 2, 253, 254, 255, 256, 300, 70_000].map { [UInt8](repeating: 0x6b, count: $0) }
        let lengths = [0, 1, 100, 1000, 1092, 1093, 40_000]
        for number in [0, 1, 15, 1, 0] {
            client.ask(bytes("SELECT \(number)\r\n"), "+OK\r\n")
            for (index, key) in keys.enumerated() {
                let value = [UInt8](repeating: UInt8(0x61 + number), count: lengths[index % lengths.count])
                client.ask(multibulk([bytes("SET"), key, value, bytes("EX"), bytes("1000")]), "+OK\r\n")
                client.ask(multibulk([bytes("PERSIST"), key]), ":1\r\n")
                client.ask(multibulk([bytes("APPEND"), key, bytes("!")]), ":\(value.count + 1)\r\n")
                client.ask(multibulk([bytes("PEXPIRE"), key, bytes("1000000")]), ":1\r\n")
                client.ask(multibulk([bytes("GET"), key]), bulk(value + bytes("!")))
            }
            #expect(statistics(server, UInt32(number)).keys_with_ttl == 9)
        }
        #expect(server.statistics.keys == 27 && server.isSound)
        client.ask(bytes("SELECT 15\r\n"), "+OK\r\n")
        for key in keys { client.ask(multibulk([bytes("DEL"), key]), ":1\r\n") }
        #expect(server.statistics.keys == 18 && server.isSound)
    }

    @Test(arguments: PipelineTests.workers)
    func flushOfOneAmongManyIsAtOnceAndItsMemoryGoesBack(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        for number in 0...2 {
            client.ask(bytes("SELECT \(number)\r\n"), "+OK\r\n")
            fill(client, keys: 20_000, valueLength: 100)
        }
        let full = server.statistics.memory_dataset
        for number in [1, 0] {
            client.ask(bytes("SELECT \(number)\r\nFLUSHDB\r\nDBSIZE\r\nKEYS *\r\n"), "+OK\r\n+OK\r\n:0\r\n*0\r\n")
            #expect(statistics(server, UInt32(number)).keys == 0)
            client.ask(bytes("SET first 1\r\nGET first\r\nDEL first\r\n"), "+OK\r\n$1\r\n1\r\n:1\r\n")
        }
        #expect(server.wait { $0.memory_dataset <= full * 2 / 5 })
        client.ask(bytes("SELECT 2\r\nDBSIZE\r\n"), "+OK\r\n:20000\r\n")
        #expect(server.isSound)
    }

    /// More flushes than there are keyspaces, faster than what they leave is gone.
    @Test(arguments: PipelineTests.workers)
    func flushesInSuccessionFindAnEmptyDatabaseEachTime(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        client.ask(bytes("SET other 1\r\nSELECT 1\r\n"), "+OK\r\n+OK\r\n")
        for round in 0..<600 {
            client.ask(
                bytes("SET key \(round)\r\nSET more \(round)\r\nDBSIZE\r\nFLUSHDB\r\nDBSIZE\r\nGET key\r\n"),
                "+OK\r\n+OK\r\n:2\r\n+OK\r\n:0\r\n$-1\r\n")
        }
        #expect(server.wait { $0.keys == 1 } && server.isSound)
    }

    @Test(arguments: PipelineTests.workers)
    func swapMovesWhatOthersSee(workers: UInt32) throws {
        let server = try Server(workers: workers), one = try server.connect(), other = try server.connect()
        one.ask(bytes("SET a 0\r\nSELECT 3\r\nSET b 3\r\n"), "+OK\r\n+OK\r\n+OK\r\n")
        other.ask(bytes("MGET a b\r\n"), "*2\r\n$1\r\n0\r\n$-1\r\n")
        one.ask(bytes("SWAPDB 0 3\r\nMGET a b\r\n"), "+OK\r\n*2\r\n$1\r\n0\r\n$-1\r\n")
        other.ask(bytes("MGET a b\r\n"), "*2\r\n$-1\r\n$1\r\n3\r\n")
        one.ask(bytes("FLUSHALL\r\nDBSIZE\r\n"), "+OK\r\n:0\r\n")
        other.ask(bytes("DBSIZE\r\nSET a 1\r\nDBSIZE\r\n"), ":0\r\n+OK\r\n:1\r\n")
        one.ask(bytes("DBSIZE\r\n"), ":0\r\n")
    }

    /// No reader sees half of an exchange: both keys of a database are of one side.
    @Test func swapIsOneMoment() throws {
        let server = try Server(workers: 2), swapper = try server.connect(), reader = try server.connect()
        swapper.ask(
            bytes("MSET x 0 y 0\r\nSELECT 1\r\nMSET x 1 y 1\r\n"), "+OK\r\n+OK\r\n+OK\r\n")
        for _ in 0..<200 {
            swapper.send(bytes(String(repeating: "SWAPDB 0 1\r\n", count: 5)))
            let seen = text(reader.exchange(bytes("MGET x y\r\n"), wanted: 18).reply)
            #expect(seen == "*2\r\n$1\r\n0\r\n$1\r\n0\r\n" || seen == "*2\r\n$1\r\n1\r\n$1\r\n1\r\n")
            swapper.ask([], String(repeating: "+OK\r\n", count: 5))
        }
    }

    @Test(arguments: PipelineTests.workers)
    func watchGoesWithItsDatabase(workers: UInt32) throws {
        let server = try Server(workers: workers), watcher = try server.connect(), other = try server.connect()
        other.ask(bytes("SELECT 1\r\nSET other 1\r\n"), "+OK\r\n+OK\r\n")
        // Neither database has the key: the exchange is no change of it.
        watcher.ask(bytes("WATCH key\r\n"), "+OK\r\n")
        other.ask(bytes("SWAPDB 0 1\r\nSET key 1\r\n"), "+OK\r\n+OK\r\n") // of database 1 now
        expectTransaction(of: watcher, "*1\r\n+PONG\r\n")
        watcher.ask(bytes("WATCH absent\r\n"), "+OK\r\n")
        other.ask(bytes("SWAPDB 0 1\r\nSELECT 0\r\nSET absent 1\r\n"), "+OK\r\n+OK\r\n+OK\r\n")
        expectTransaction(of: watcher, "*-1\r\n")
        watcher.ask(bytes("WATCH absent\r\n"), "+OK\r\n")
        other.ask(bytes("FLUSHDB\r\n"), "+OK\r\n")
        expectTransaction(of: watcher, "*-1\r\n")
        watcher.ask(bytes("WATCH absent\r\n"), "+OK\r\n")
        other.ask(bytes("FLUSHDB\r\nSET absent 1\r\n"), "+OK\r\n+OK\r\n")
        expectTransaction(of: watcher, "*-1\r\n")
        #expect(server.wait { $0.keys_watched == 0 })
    }

    /// A watch that ends on one worker, while another moves it to the keyspace that its database has now.
    @Test func watchesEndWhileDatabasesAreExchanged() throws {
        let server = try Server(workers: 4), swapper = try server.connect()
        let watchers = try (0..<3).map { _ in try server.connect() }
        swapper.ask(bytes("SET other 1\r\n"), "+OK\r\n")
        let names = (0..<40).map { "key\($0)" }.joined(separator: " ")
        for _ in 0..<60 {
            swapper.send(bytes(String(repeating: "SWAPDB 0 1\r\nSET other 1\r\nSELECT 1\r\nSET k 1\r\nFLUSHDB\r\nSELECT 0\r\n", count: 4)))
            for watcher in watchers { watcher.send(bytes("WATCH \(names)\r\nWATCH \(names)\r\nUNWATCH\r\nWATCH \(names)\r\nMULTI\r\nPING\r\nEXEC\r\n")) }
            for watcher in watchers {
                for reply in ["+OK", "+OK", "+OK", "+OK", "+OK", "+QUEUED"] { #expect(watcher.receiveReply() == bytes(reply + "\r\n")) }
                #expect(watcher.receiveReply() != nil)
            }
            swapper.ask([], String(repeating: "+OK\r\n", count: 24))
        }
        #expect(server.wait { $0.keys_watched == 0 } && server.isSound)
    }

    @Test(arguments: PipelineTests.workers, ["allkeys-lru", "allkeys-random", "allkeys-lfu", "volatile-ttl", "allkeys-s3fifo"])
    func keysOfAllDatabasesAreEvicted(workers: UInt32, policy: String) throws {
        let server = try Server(.init(workers: workers, policy: policy, settings: [(RD_SET_MAX_MEMORY, 8 << 20)]))
        let client = try server.connect()
        for round in 0..<4 {
            for number in 0...2 {
                client.ask(bytes("SELECT \(number)\r\n"), "+OK\r\n")
                fill(client, keys: 4000, valueLength: 500, named: "\(round):", options: ["EX", "100000"])
                if round == 2, number == 1 { client.ask(bytes("FLUSHDB\r\n"), "+OK\r\n") }
            }
        }
        #expect(server.statistics.evicted > 10_000 && server.isSound)
    }

    /// What has expired and is still there is no key: an exchange brings nothing to who watches its absence.
    @Test func watchersOfNothingAreNotTouchedByWhatHasExpired() throws {
        let server = try Server(workers: 1, (RD_SET_DEBUG_COMMAND, Int64(RD_DEBUG_YES.rawValue))), client = try server.connect()
        client.ask(bytes("DEBUG SET-ACTIVE-EXPIRE 0\r\nSET x old PX 1\r\n"), "+OK\r\n+OK\r\n")
        usleep(5000)
        client.ask(
            bytes("DBSIZE\r\nSELECT 1\r\nWATCH x\r\nSWAPDB 0 1\r\nMULTI\r\nPING\r\nEXEC\r\n"),
            ":1\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n")
        #expect(server.isSound)
    }
}
