import CHotProbe
import CRedistillHot
import Testing

/// What a command on strings answers of a key that holds something else.
@Suite final class WrongTypeTests {
    static let refusal = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

    /// Arguments of each, with `key` where the other type is: all of them that read a key of a string.
    static let refused: [String: [String]] = [
        "append": ["key x"], "bitcount": ["key", "key 0 1"], "bitfield": ["key GET u8 0", "key SET u8 0 1"],
        "bitfield_ro": ["key GET u8 0"], "bitop": ["AND other key", "OR other string key", "NOT other key"],
        "bitpos": ["key 1"], "cl.throttle": ["key 1 1 1"], "decr": ["key"], "decrby": ["key 1"], "delifeq": ["key x"],
        "digest": ["key"], "get": ["key"], "getbit": ["key 0"], "getdel": ["key"], "getex": ["key", "key EX 10"],
        "getrange": ["key 0 1"], "getset": ["key x"], "incr": ["key"], "incrby": ["key 1"], "incrbyfloat": ["key 1"],
        "increx": ["key", "key BYFLOAT 1"], "set": ["key x GET", "key x NX GET", "key x IFEQ y", "key x IFNE y"],
        "setbit": ["key 0 1"], "setrange": ["key 0 x", "key 5 x"], "strlen": ["key"], "substr": ["key 0 1"],
    ]

    /// Those that have another answer: what they read is not the value, or they are among many.
    static let answered: [String: [(String, String)]] = [
        "delex": [
            ("key IFEQ x", "-ERR Key should be of string type if conditions are specified\r\n"), ("key", ":1\r\n"),
        ],
        "lcs": [("key string", "-ERR The specified keys must contain string values\r\n")],
        "mget": [("string key absent", "*3\r\n$1\r\nx\r\n$-1\r\n$-1\r\n")],
        "mset": [("key x", "+OK\r\n")], "msetex": [("1 key x", ":1\r\n"), ("1 key x NX", ":0\r\n")],
        "msetnx": [("other x key x", ":0\r\n")], "psetex": [("key 1000 x", "+OK\r\n")],
        "set": [("key x", "+OK\r\n"), ("key x NX", "$-1\r\n"), ("key x XX KEEPTTL", "+OK\r\n")],
        "setex": [("key 10 x", "+OK\r\n")], "setnx": [("key x", ":0\r\n")],
    ]

    /// A command that is new has to say what it does.
    static let commands = CommandRow.all.filter { ["string", "bitmap"].contains($0.group) || $0.name == "cl.throttle" }

    /// Packed in the entry, and indexed.
    static let values = ["HSET key f v", "SADD key a b", "SADD key 1 2", "RPUSH key a", "ZADD key 1 a", "HSET key f \(String(repeating: "v", count: 100))"]

    let handlers = HandlerTests()

    private func run(_ words: String) -> String { handlers.run(words) }

    private func prepare(_ value: String) {
        _ = run("DEL key other string absent")
        _ = run("SET string x")
        #expect(run(value).hasPrefix(":"))
    }

    @Test(arguments: values)
    func commandOnStringsRefusesAnotherType(value: String) throws {
        prepare(value)
        let type = run("TYPE key")
        for row in Self.commands {
            let arguments = Self.refused[row.name] ?? []
            try #require(!arguments.isEmpty || Self.answered[row.name] != nil, "\(row.name) has no arguments here")
            for arguments in arguments { #expect(run("\(row.name) \(arguments)") == Self.refusal, "\(row.name) \(arguments)") }
        }
        #expect(run("TYPE key") == type && run("EXISTS other") == ":0\r\n")
        #expect(handlers.store.isSound)
    }

    @Test(arguments: values)
    func commandThatDoesNotReadTheValueOverwritesOrKeepsIt(value: String) {
        for (name, cases) in Self.answered {
            for (arguments, reply) in cases {
                prepare(value)
                #expect(run("\(name) \(arguments)") == reply, "\(name) \(arguments)")
                #expect(handlers.store.isSound)
            }
        }
    }
}
