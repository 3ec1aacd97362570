import CHotProbe
import CRedistillHot
import Testing

/// Shares of the memory limit that belong to one database alone: neither does it hold more, nor does anybody take it.
@Suite struct DatabaseShareTests {
    static let limit: Int64 = 32 << 20
    static let everyPolicy = EvictTests.policies.filter { $0.hasPrefix("allkeys-") }

    private func serve(
        _ policy: String, workers: UInt32 = 1, shares: [Int: UInt8] = [1: 20, 3: 25]
    ) throws -> (Server, Client) {
        let server = try Server(
            .init(workers: workers, policy: policy, shares: shares, settings: [(RD_SET_MAX_MEMORY, Self.limit)]))
        return (server, try server.connect())
    }

    private func select(_ client: Client, _ database: Int) {
        client.ask(bytes("SELECT \(database)\r\n"), "+OK\r\n")
    }

    /// Stores new keys, of which none may be refused, or counts those that are.
    @discardableResult
    private func store(
        _ client: Client, _ names: Range<Int>, _ length: Int = 1000, options: [String] = [], mayRefuse: Bool = false
    ) -> Int {
        let value = [UInt8](repeating: 0x73, count: length)
        var refused = 0
        for first in stride(from: names.lowerBound, to: names.upperBound, by: 200) {
            let some = first..<min(first + 200, names.upperBound)
            let requests = some.map { multibulk([bytes("SET"), bytes("key:\($0)"), value] + options.map(bytes)) }
            guard mayRefuse else {
                client.ask(Array(requests.joined()), String(repeating: "+OK\r\n", count: some.count))
                continue
            }
            client.send(Array(requests.joined()))
            for _ in some {
                let reply = client.receiveReply()
                if reply?.starts(with: bytes("-OOM")) == true { refused += 1 } else { #expect(reply == bytes("+OK\r\n")) }
            }
        }
        return refused
    }

    private func exists(_ client: Client, _ number: Int) -> Bool {
        client.send(bytes("EXISTS key:\(number)\r\n"))
        return client.receiveReply() == bytes(":1\r\n")
    }

    /// Once it has given what it owes.
    private func staysWithinItsShare(_ server: Server, _ database: Int) -> Bool {
        server.wait { _ in
            let database = server.statistics(ofDatabase: database)
            return database.memory_held <= database.memory_share
        }
    }

    @Test(arguments: everyPolicy, [1, 2] as [UInt32])
    func databaseWithAShareDrivesOutItsOwnKeysAlone(policy: String, workers: UInt32) throws {
        let (server, client) = try serve(policy, workers: workers)
        store(client, 0..<5000)
        select(client, 3)
        store(client, 0..<3000)
        select(client, 1)
        store(client, 0..<40_000)
        let one = server.statistics(ofDatabase: 1)
        #expect(one.keys > 3000 && one.evicted == 40_000 - one.keys)
        #expect(one.memory_share == UInt64(Self.limit) / 100 * 20)
        #expect(one.memory_held <= one.memory_share && one.memory_held > one.memory_share * 3 / 4)
        #expect(server.statistics(ofDatabase: 0).keys == 5000)
        #expect(server.statistics(ofDatabase: 3).keys == 3000 && server.statistics(ofDatabase: 3).evicted == 0)
        #expect(server.isSound)
    }

    /// Whatever lies beside it, or nothing: of a share most is payload.
    @Test(arguments: everyPolicy)
    func aShareIsUsedWhole(policy: String) throws {
        let (server, client) = try serve(policy)
        select(client, 1)
        for round in 0..<8 {
            store(client, round * 5000..<round * 5000 + 5000, 300 + 100 * round)
            let one = server.statistics(ofDatabase: 1)
            #expect(round < 3 || one.memory_held > one.memory_share * 3 / 4)
        }
        #expect(server.isSound)
    }

    @Test(arguments: everyPolicy, [1, 2] as [UInt32])
    func othersTakeNothingOfAShare(policy: String, workers: UInt32) throws {
        let (server, client) = try serve(policy, workers: workers)
        select(client, 1)
        store(client, 0..<4000)
        for other in [0, 2] {
            select(client, other)
            store(client, 0..<20_000)
        }
        #expect(server.statistics(ofDatabase: 1).keys == 4000)
        let others = server.statistics(ofDatabase: 0).keys + server.statistics(ofDatabase: 2).keys
        #expect(others > 8000 && others < 18_000 && server.statistics(ofDatabase: 2).keys > 1000)
        #expect(server.statistics.memory_used <= UInt64(Self.limit) * 33 / 32)
        /* And what a share has left it still has. */
        select(client, 3)
        store(client, 0..<6000)
        #expect(server.statistics(ofDatabase: 3).keys == 6000 && server.statistics(ofDatabase: 1).keys == 4000)
        #expect(server.isSound)
    }

    @Test func withoutEvictionAFullShareRefusesAndTheOthersGoOn() throws {
        let (server, client) = try serve("noeviction")
        select(client, 1)
        #expect(store(client, 0..<8000, mayRefuse: true) > 1000)
        client.ask(bytes("SET key:0 short\r\n"), "+OK\r\n")
        for number in 1...600 { client.ask(bytes("DEL key:\(number)\r\n"), ":1\r\n") }
        store(client, 0..<100)
        select(client, 0)
        #expect(store(client, 0..<40_000, mayRefuse: true) > 10_000)
        select(client, 3)
        store(client, 0..<6000)
        #expect(server.statistics.evicted == 0 && server.isSound)
    }

    @Test func underAVolatilePolicyOnlyItsOwnExpiringKeysGo() throws {
        let (server, client) = try serve("volatile-lru")
        store(client, 0..<5000, options: ["EX", "1000"])
        select(client, 1)
        store(client, 0..<2000)
        store(client, 2000..<20_000, options: ["EX", "1000"])
        #expect(server.statistics(ofDatabase: 0).keys == 5000)
        for number in stride(from: 0, to: 2000, by: 100) { #expect(exists(client, number)) }
        #expect(store(client, 20_000..<28_000, mayRefuse: true) > 1000)
        #expect(server.statistics(ofDatabase: 1).keys_with_ttl == 0)
        #expect(server.statistics(ofDatabase: 0).keys == 5000 && server.isSound)
    }

    /// Each layout, with what grows in place and by itself.
    @Test(arguments: everyPolicy)
    func valuesOfEverySizeStayWithinTheShare(policy: String) throws {
        let (server, client) = try serve(policy)
        store(client, 0..<5000)
        select(client, 1)
        for length in [10, 1000, 1200, 20_000, 200_000] {
            store(client, 0..<max(200, min(200_000, 4_000_000 / length)), length)
            let one = server.statistics(ofDatabase: 1)
            #expect(one.memory_held <= one.memory_share)
        }
        client.ask(bytes("SETRANGE long 3000000 x\r\nAPPEND long y\r\n"), ":3000001\r\n:3000002\r\n")
        client.send(bytes("SETRANGE long 20000000 x\r\n"))
        #expect(client.receiveReply()?.starts(with: bytes("-OOM")) == true)
        client.send(multibulk([bytes("SET"), bytes("large"), [UInt8](repeating: 1, count: 9_000_000)]))
        #expect(client.receiveReply()?.starts(with: bytes("-OOM")) == true)
        #expect(server.statistics(ofDatabase: 0).keys == 5000)
        #expect(server.statistics(ofDatabase: 1).memory_held <= server.statistics(ofDatabase: 1).memory_share)
        #expect(server.isSound)
    }

    @Test func aShareIsOfTheNumberWhateverIsExchanged() throws {
        let (server, client) = try serve("allkeys-lru")
        store(client, 0..<12_000)
        select(client, 1)
        store(client, 0..<1000)
        client.ask(bytes("SWAPDB 0 1\r\nDBSIZE\r\n"), "+OK\r\n:12000\r\n")
        store(client, 20_000..<20_100)
        let one = server.statistics(ofDatabase: 1)
        #expect(one.memory_held <= one.memory_share && one.keys > 5000 && one.evicted == 12_100 - one.keys)
        #expect(server.statistics(ofDatabase: 0).keys == 1000)
        #expect(exists(client, 20_099) && server.isSound)
    }

    @Test(arguments: [1, 2] as [UInt32])
    func whatIsFlushedMakesRoom(workers: UInt32) throws {
        let (server, client) = try serve("allkeys-s3fifo", workers: workers)
        for flush in ["FLUSHDB", "FLUSHALL", "FLUSHALL SYNC"] {
            select(client, 0)
            store(client, 0..<1000)
            select(client, 1)
            store(client, 0..<8000)
            client.ask(bytes("\(flush)\r\n"), "+OK\r\n")
            #expect(server.wait { $0.keys == (flush == "FLUSHDB" ? 1000 : 0) })
            #expect(server.statistics(ofDatabase: 1).memory_held == 0)
            let evicted = server.statistics(ofDatabase: 1).evicted
            store(client, 0..<4000)
            #expect(server.statistics(ofDatabase: 1).evicted == evicted && server.statistics(ofDatabase: 1).keys == 4000)
            client.ask(bytes("FLUSHALL\r\n"), "+OK\r\n")
            #expect(server.isSound)
        }
    }

    /// The most used of a share stay in it while others flood.
    @Test(arguments: ["allkeys-lru", "allkeys-lfu", "allkeys-s3fifo"])
    func whatIsUsedStays(policy: String) throws {
        let (server, client) = try serve(policy)
        select(client, 1)
        store(client, 0..<100)
        for round in 0..<60 {
            client.send(bytes((0..<100).map { "EXISTS key:\($0)\r\nTOUCH key:\($0)\r\nGETRANGE key:\($0) 0 0\r\n" }.joined()))
            for _ in 0..<300 { _ = client.receiveReply() }
            store(client, 1000 + round * 500..<1500 + round * 500)
        }
        #expect((0..<100).count { exists(client, $0) } > 90)
        #expect(server.isSound)
    }

    @Test func mixedWorkInAllDatabasesKeepsEverythingSound() throws {
        let (server, client) = try serve("allkeys-lru", workers: 2)
        var random = SeededRandom(seed: 7)
        let policies = Self.everyPolicy + ["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"]
        for round in 0..<40 {
            client.ask(bytes("SELECT \(random.below(5))\r\n"), "+OK\r\n")
            #expect(policies[random.below(policies.count)].withCString { rd_server_set_policy(server.handle, $0) } == RD_OK)
            let first = random.below(2000), length = [10, 300, 1100, 5000, 40_000][random.below(5)]
            store(client, first..<first + 400, length, options: random.below(2) == 0 ? ["PX", "\(1 + random.below(3000))"] : [], mayRefuse: true)
            client.send(bytes(["SWAPDB 1 \(random.below(4))", "FLUSHDB", "COPY key:\(first) other DB \((round + 1) % 5)", "DEL key:\(first)",
                               "APPEND key:\(first) more", "PERSIST key:\(first)", "RENAME key:\(first + 1) new"][random.below(7)] + "\r\n"))
            _ = client.receiveReply()
            #expect(server.isSound, "round \(round)")
        }
        client.ask(bytes("FLUSHALL\r\n"), "+OK\r\n")
        for database in [1, 3] { #expect(server.statistics(ofDatabase: database).memory_held == 0) }
        #expect(server.isSound)
    }

    /// What is left of a flushed database is nobody's: no key goes for it, and nothing is refused.
    @Test(arguments: ["allkeys-lru", "noeviction"], [1, 2] as [UInt32])
    func whatIsFlushedIsNotTheOthers(policy: String, workers: UInt32) throws {
        let (server, client) = try serve(policy, workers: workers)
        store(client, 0..<120_000, 10)
        select(client, 1)
        store(client, 0..<50_000, 60)
        let keys = server.statistics(ofDatabase: 0).keys
        client.ask(bytes("FLUSHDB\r\nSELECT 0\r\n"), "+OK\r\n+OK\r\n")
        store(client, 200_000..<200_200, 10)
        #expect(server.statistics(ofDatabase: 0).keys == keys + 200)
        #expect(server.isSound)
    }

    /// More than one command may evict: none is refused, and the rest goes by itself.
    @Test func whatIsTooMuchAfterAnExchangeGoesBetweenCommands() throws {
        let (server, client) = try serve("allkeys-lru", shares: [1: 2])
        store(client, 0..<250_000, 20)
        client.ask(bytes("SWAPDB 0 1\r\nSELECT 1\r\n"), "+OK\r\n+OK\r\n")
        store(client, 300_000..<300_400, 20)
        #expect(staysWithinItsShare(server, 1))
        let one = server.statistics(ofDatabase: 1)
        #expect(one.memory_held > one.memory_share * 3 / 4)
        #expect(exists(client, 300_399) && server.isSound)
    }

    /// MOVE is never refused, and what it brings beyond the share goes.
    @Test func whatIsMovedIntoAFullShareDrivesOutItsKeys() throws {
        let (server, client) = try serve("allkeys-lru")
        store(client, 0..<12_000)
        client.ask(bytes((0..<12_000).map { "MOVE key:\($0) 1\r\n" }.joined()), String(repeating: ":1\r\n", count: 12_000))
        #expect(staysWithinItsShare(server, 1))
        #expect(server.statistics(ofDatabase: 1).keys > 5000 && server.statistics(ofDatabase: 0).keys == 0)
        #expect(server.isSound)
    }

    /// Neither at once nor by growing, though what it grows by would fit.
    @Test func whatNeverFitsAShareDrivesOutNothing() throws {
        let (server, client) = try serve("allkeys-lru")
        select(client, 1)
        store(client, 0..<400)
        let share = Int(server.statistics(ofDatabase: 1).memory_share)
        client.send(multibulk([bytes("SET"), bytes("large"), [UInt8](repeating: 1, count: share)]))
        #expect(client.receiveReply()?.starts(with: bytes("-OOM")) == true)
        client.ask(bytes("SETRANGE grows \(share / 2) x\r\n"), ":\(share / 2 + 1)\r\n")
        client.send(bytes("SETRANGE grows \(share) x\r\n"))
        #expect(client.receiveReply()?.starts(with: bytes("-OOM")) == true)
        #expect(server.statistics(ofDatabase: 1).keys == 401 && server.isSound)
    }

    /// A value larger than all that one command may evict is taken, and paid for between commands.
    @Test func aLargeValueAmongManySmallOnesIsPaidFor() throws {
        let (server, client) = try serve("allkeys-lru")
        select(client, 1)
        store(client, 0..<100_000, 20)
        let value = [UInt8](repeating: 1, count: 1_000_000)
        for number in 0..<8 {
            client.ask(multibulk([bytes("SET"), bytes("large:\(number)"), value]), "+OK\r\n")
            #expect(staysWithinItsShare(server, 1))
        }
        #expect(exists(client, 0) == false && server.isSound)
    }

    /// Two workers at once, each with more to do than it is waited for; the limit goes up and down, and away.
    @Test func whatManyDoAtOnceKeepsEverythingSound() throws {
        let (server, first) = try serve("allkeys-lru", workers: 2, shares: [0: 10, 1: 20, 3: 5])
        let clients = [first] + (0..<3).map { _ in try! server.connect() }
        var random = SeededRandom(seed: 11)
        for round in 0..<30 {
            var asked: [Int] = []
            for client in clients {
                var requests: [[UInt8]] = []
                for _ in 0..<150 {
                    let key = "key:\(random.below(400))", database = random.below(5)
                    let value = [UInt8](repeating: 0x73, count: [5, 400, 1090, 3000, 40_000][random.below(5)])
                    switch random.below(12) {
                    case 0: requests.append(bytes("SELECT \(database)\r\n"))
                    case 1: requests.append(bytes("MOVE \(key) \(database)\r\n"))
                    case 2: requests.append(bytes("COPY \(key) new DB \(database) REPLACE\r\n"))
                    case 3: requests.append(bytes("RENAME \(key) other\r\n"))
                    case 4: requests.append(bytes("SETRANGE \(key) \(random.below(50_000)) x\r\n"))
                    case 5: requests.append(bytes("PEXPIRE \(key) \(random.below(500))\r\n"))
                    case 6 where random.below(20) == 0: requests.append(bytes("SWAPDB \(database) \(random.below(5))\r\n"))
                    case 7 where random.below(40) == 0: requests.append(bytes(random.below(9) == 0 ? "FLUSHALL\r\n" : "FLUSHDB\r\n"))
                    default: requests.append(multibulk([bytes("SET"), bytes(key), value]))
                    }
                }
                client.send(Array(requests.joined()))
                asked.append(requests.count)
            }
            #expect(rd_server_set(server.handle, RD_SET_MAX_MEMORY, [Self.limit, Self.limit / 4, 0][round % 3]) == RD_OK)
            for (client, count) in zip(clients, asked) {
                for _ in 0..<count { _ = client.receiveReply() }
            }
            #expect(server.isSound, "round \(round)")
        }
    }

    @Test func moreThanAllIsNoOptions() throws {
        #expect(try Server.ifItStarts(.init(shares: [0: 60, 1: 41])) == nil)
    }
}
