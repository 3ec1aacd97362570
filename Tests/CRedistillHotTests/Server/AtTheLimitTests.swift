import CHotProbe
import CRedistillHot
import Testing

/// What COMMAND does not call DENYOOM is not refused for want of memory, wherever the limit stands.
@Suite struct AtTheLimitTests {
    static let policies = ["noeviction", "volatile-lru", "allkeys-lru"]

    /// Of a key: with its entry, so long that a time to live drives it out of there, in a slab of blobs, on its own.
    static let lengths = [10, 900, 1075, 5000, 100_000]

    /// Arguments for each such command that has more than a key: `a` is there, and so is `c`.
    static let arguments: [String: [String]] = [
        "bitcount": ["a"], "bitfield_ro": ["a GET u8 0"], "bitpos": ["a 1"], "del": ["a"], "delex": ["a", "a IFNE x"],
        "delifeq": ["a x"], "exists": ["a b"],
        "expire": ["a 1000", "a -1"], "expireat": ["a 4102444800", "a 4102444800 NX"],
        "getbit": ["a 7"], "getex": ["a", "a EX 1000", "a PERSIST"], "getrange": ["a 0 5"],
        "lcs": ["a b"], "memory|usage": ["a"], "mget": ["a b"], "pexpire": ["a 100000", "a 100000 LT"],
        "pexpireat": ["a 4102444800000"],
        "hdel": ["a f"], "hexists": ["a f"], "hexpiretime": ["a FIELDS 1 f"], "hget": ["a f"], "hgetdel": ["a FIELDS 1 f"],
        "hgetex": ["a EX 1000 FIELDS 1 f"], "hmget": ["a f"], "hpersist": ["a FIELDS 1 f"], "hpexpiretime": ["a FIELDS 1 f"],
        "hpttl": ["a FIELDS 1 f"], "hrandfield": ["a", "a 2"], "hscan": ["a 0"], "hstrlen": ["a f"], "httl": ["a FIELDS 1 f"],
        "lindex": ["a 0"], "lmpop": ["1 a LEFT"], "lpop": ["a", "a 2"], "lpos": ["a x"], "lrange": ["a 0 -1"],
        "lrem": ["a 0 x"], "ltrim": ["a 0 1"], "rpop": ["a", "a 2"],
        "move": ["a 1"], "sscan": ["b 0"], "sort_ro": ["b"],
        "rename": ["a b", "a c", "a \(long(200))", "a \(long(300))", "a \(long(20_000))"],
        "sdiff": ["b", "b d"], "sinter": ["b", "b d"], "sintercard": ["1 b"], "sismember": ["b x"], "smismember": ["b x y"],
        "smove": ["b d x"], "spop": ["b", "b 2"], "srandmember": ["b", "b 2", "b -2"], "srem": ["b x"], "sunion": ["b", "b d"],
        "renamenx": ["a b", "a c", "a \(long(200))", "a \(long(300))"], "substr": ["a 0 5"],
        "touch": ["a b"], "unlink": ["a"], "watch": ["a b"],
        "zcount": ["a 0 1"], "zdiff": ["2 a b"], "zinter": ["2 a b"], "zintercard": ["2 a b"], "zlexcount": ["a - +"],
        "zmpop": ["1 a MIN"], "zmscore": ["a m"], "zpopmax": ["a", "a 2"], "zpopmin": ["a", "a 2"], "zrandmember": ["a", "a 2"],
        "zrange": ["a 0 -1"], "zrangebylex": ["a - +"], "zrangebyscore": ["a 0 1"], "zrank": ["a m"], "zrem": ["a m"],
        "zremrangebylex": ["a - +"], "zremrangebyrank": ["a 0 1"], "zremrangebyscore": ["a 0 1"], "zrevrange": ["a 0 1"],
        "zrevrangebylex": ["a + -"], "zrevrangebyscore": ["a 1 0"], "zrevrank": ["a m"], "zscan": ["a 0"], "zscore": ["a m"],
        "zunion": ["2 a b"],
    ]

    private static func arguments(of row: CommandRow) -> [String]? {
        arguments[row.name] ?? (row.arity == row.firstKey + 1 ? ["a"] : nil)
    }

    private static func long(_ length: Int) -> String { String(repeating: "k", count: length) }

    /// What a script may do at the limit is its commands' business.
    static let commands = CommandRow.listed.filter {
        $0.hasKey && !$0.deniesOutOfMemory && !$0.name.hasPrefix("eval")
    }

    @Test(arguments: policies)
    func commandThatDoesNotDenyIsNotRefused(policy: String) throws {
        let server = try Server(.init(policy: policy)), client = try server.connect()
        for row in Self.commands {
            let words = row.name.split(separator: "|").joined(separator: " ")
            for arguments in try #require(Self.arguments(of: row), "\(row.name) has no arguments here") {
                for length in Self.lengths {
                    for expiry in ["", "EX 5000"] {
                        let reply = try ask(server, client, "\(words) \(arguments)", length: length, expiry: expiry)
                        #expect(!reply.hasPrefix("-OOM"), "\(words) \(arguments.prefix(40)), value of \(length), \(expiry)")
                    }
                }
            }
        }
        #expect(server.isSound)
    }

    /// The reply of a command to a store that two keys fill far beyond its limit.
    private func ask(_ server: Server, _ client: Client, _ command: String, length: Int, expiry: String) throws -> String {
        try #require(rd_server_set(server.handle, RD_SET_MAX_MEMORY, 0) == RD_OK)
        let value = [UInt8](repeating: 0x61, count: length)
        client.ask(bytes("FLUSHALL\r\n"), "+OK\r\n")
        client.ask(multibulk([bytes("SET"), bytes("a"), value] + expiry.split(separator: " ").map { Array($0.utf8) }), "+OK\r\n")
        client.ask(multibulk([bytes("SET"), bytes("c"), value]), "+OK\r\n")
        try #require(rd_server_set(server.handle, RD_SET_MAX_MEMORY, 1) == RD_OK)
        client.send(bytes(command + "\r\n"))
        return text(try #require(client.receiveReply()))
    }

    @Test(arguments: ["noeviction", "volatile-lru"], lengths)
    func timeToLiveIsGivenAndTakenAtTheLimit(policy: String, length: Int) throws {
        let server = try Server(.init(policy: policy)), client = try server.connect()
        let value = [UInt8](repeating: 0x61, count: length)
        client.ask(multibulk([bytes("SET"), bytes("a"), value]), "+OK\r\n")
        try #require(rd_server_set(server.handle, RD_SET_MAX_MEMORY, 1) == RD_OK)
        client.ask(multibulk("EXPIRE", "a", "1000"), ":1\r\n")
        if policy == "noeviction" { /* as in Redis, the other then evicts it */
            client.ask(multibulk("TTL", "a"), ":1000\r\n")
            client.ask(multibulk("PERSIST", "a") + multibulk("RENAME", "a", "b") + multibulk("GETEX", "b", "EX", "9"),
                       bytes(":1\r\n+OK\r\n") + bulk(value))
            client.ask(multibulk("TTL", "b") + multibulk("SET", "c", "x"), ":9\r\n" + MemoryLimitTests.oom)
        }
        #expect(server.isSound)
    }

    /// Into a set that is there, and one that is not; of members that are packed, and that are not. (A larger argument is not
    /// even received.)
    @Test(arguments: policies, [10, 900, 5000])
    func memberMovesAtTheLimit(policy: String, length: Int) throws {
        let server = try Server(.init(policy: policy)), client = try server.connect()
        let member = [UInt8](repeating: 0x61, count: length)
        client.ask(multibulk([bytes("SADD"), bytes("a"), member, bytes("x")]), ":2\r\n")
        client.ask(multibulk("SADD", "b", "y"), ":1\r\n")
        try #require(rd_server_set(server.handle, RD_SET_MAX_MEMORY, 1) == RD_OK)
        client.send(multibulk([bytes("SMOVE"), bytes("a"), bytes("b"), member]))
        #expect(!text(try #require(client.receiveReply())).hasPrefix("-"))
        client.send(multibulk("SMOVE", "a", "c", "x"))
        #expect(!text(try #require(client.receiveReply())).hasPrefix("-"))
        if policy == "noeviction" {
            client.ask(multibulk("EXISTS", "a") + multibulk("SCARD", "b") + multibulk("SCARD", "c"), ":0\r\n:2\r\n:1\r\n")
        }
        #expect(server.isSound)
    }

    /// The store grows by eight bytes a key and the rest of some slabs, and a key that had one gives them back.
    @Test func timeToLiveOfEveryKeyCostsEightBytesBeyondTheLimit() throws {
        let limit: UInt64 = 16 << 20
        let server = try Server(.init(policy: "noeviction", settings: [(RD_SET_MAX_MEMORY, Int64(limit))]))
        let client = try server.connect(), value = String(repeating: "v", count: 100)
        var keys = 0
        while server.statistics.memory_used < limit - (1 << 20) {
            let more = keys..<keys + 1000
            client.ask(more.flatMap { multibulk("SET", "key:\($0)", value) }, bytes(String(repeating: "+OK\r\n", count: 1000)))
            keys += 1000
        }
        while client.exchange(multibulk("SET", "key:\(keys)", value), wanted: 100, until: "\r\n") == bytes("+OK\r\n") { keys += 1 }
        client.ask((0..<keys).flatMap { multibulk("EXPIRE", "key:\($0)", "100000") },
                   bytes(String(repeating: ":1\r\n", count: keys)))
        let slack: UInt64 = 1 << 20
        #expect(server.statistics.memory_used <= limit + UInt64(keys) * 8 + slack)
        #expect(server.statistics.keys_with_ttl == UInt64(keys))
        client.ask((0..<keys).flatMap { multibulk("PERSIST", "key:\($0)") }, bytes(String(repeating: ":1\r\n", count: keys)))
        #expect(server.wait { $0.memory_used <= limit + slack })
        #expect(server.isSound)
    }
}
