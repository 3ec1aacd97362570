import Testing

@Suite struct KeyCommandTests {
    @Test(arguments: [
        Exchange("DEL k", ":0\r\n"), Exchange("UNLINK k", ":0\r\n"), Exchange("EXISTS k", ":0\r\n"),
        Exchange("DEL k", ":1\r\n", after: "SET k v"),
        Exchange("DEL k k", ":1\r\n", after: "SET k v"),
        Exchange("UNLINK k k", ":1\r\n", after: "SET k v"),
        Exchange("DEL a b c", ":2\r\n", after: "MSET a 1 c 2"),
        Exchange("UNLINK a b c", ":2\r\n", after: "MSET a 1 c 2"),
        Exchange("EXISTS k k", ":2\r\n", after: "SET k v"),
        Exchange("EXISTS a b c", ":2\r\n", after: "MSET a 1 c 2"),
        Exchange("TYPE k", "+none\r\n"), Exchange("TYPE k", "+string\r\n", after: "SET k v"),
        Exchange("DBSIZE", ":0\r\n"), Exchange("DBSIZE", ":2\r\n", after: "MSET a 1 b 2"),
        Exchange.arity("DEL"), .arity("UNLINK"), .arity("EXISTS"), .arity("TYPE"), .arity("TYPE a b"), .arity("DBSIZE x"),
    ])
    func keys(_ exchange: Exchange) throws { try exchange.check() }

    @Test(arguments: ["FLUSHALL", "FLUSHDB"], ["", " SYNC", " async"])
    func flushEmptiesTheStore(_ command: String, _ option: String) throws {
        try Exchange(command + option, "+OK\r\n", after: "MSET a 1 b 2").check()
        try Exchange("DBSIZE", ":0\r\n", after: "MSET a 1 b 2", command + option).check()
        try Exchange.syntaxError(command + " NOW").check()
        try Exchange.syntaxError(command + " SYNC ASYNC").check()
    }

    /// Redis's glob rules, over names that each of them tells apart.
    @Test(arguments: [
        ("*", ["a", "ab", "abc", "b", "[x]", "a*c", "a\\c"]), ("a*", ["a", "ab", "abc", "a*c", "a\\c"]),
        ("?", ["a", "b"]), ("??", ["ab"]), ("*c", ["abc", "a*c", "a\\c"]), ("*b*", ["ab", "abc", "b"]),
        ("a\\*c", ["a*c"]), ("a[*]c", ["a*c"]), ("[ab]", ["a", "b"]), ("[a-b]", ["a", "b"]), ("[b-a]", ["a", "b"]),
        ("[^a]", ["b"]), ("[^a-b]", []), ("a[^b]c", ["a*c", "a\\c"]), ("\\[x\\]", ["[x]"]), ("[[]x]", ["[x]"]),
        ("a\\\\c", ["a\\c"]), ("[ab", ["a", "b"]), ("[", []), ("[^", ["a", "b"]), ("", []), ("ab", ["ab"]), ("AB", []),
        ("a**c", ["abc", "a*c", "a\\c"]), ("***", ["a", "ab", "abc", "b", "[x]", "a*c", "a\\c"]), ("a?c", ["abc", "a*c", "a\\c"]),
        ("*?", ["a", "ab", "abc", "b", "[x]", "a*c", "a\\c"]), ("zz*", []),
    ])
    func globs(_ pattern: String, _ expected: [String]) throws {
        let names = ["a", "ab", "abc", "b", "[x]", "a*c", "a\\c"]
        try SharedDaemon.use { client in
            try #expect(client.ask(["MSET"] + names.flatMap { [$0, "v"] }) == "+OK\r\n")
            try #expect(keys(client, matching: pattern) == expected.sorted())
            try #expect(scan(client, ["MATCH", pattern]) == Set(expected))
        }
    }

    @Test func aGlobOfManyStarsTakesNoTime() throws {
        try SharedDaemon.use { client in
            try #expect(client.ask("SET", String(repeating: "a", count: 10_000), "v") == "+OK\r\n")
            try #expect(client.ask("KEYS", String(repeating: "a*", count: 50) + "b") == "*0\r\n")
        }
    }

    @Test func anExpiredKeyIsNotListed() throws {
        try SharedDaemon.use { client in
            try converse(client, [
                ("SET old v PXAT 1", "+OK\r\n"), ("SET short v PX 1", "+OK\r\n"), ("SET new v", "+OK\r\n")])
            while try client.ask("EXISTS", "short") == ":1\r\n" {}
            try #expect(keys(client, matching: "*") == ["new"])
            try #expect(scan(client, []) == ["new"])
        }
    }

    private func keys(_ client: RawClient, matching pattern: String) throws -> [String] {
        bulks(of: try client.ask("KEYS", pattern)).sorted()
    }
}

/// The bulk strings of a flat array's reply; none of them may hold a line end.
func bulks(of reply: String) -> [String] {
    let lines = reply.split(separator: "\r\n", omittingEmptySubsequences: false)
    return stride(from: 2, to: lines.count - 1, by: 2).map { String(lines[$0]) }
}

/// A whole iteration, without duplicates.
func scan(_ client: RawClient, _ options: [String]) throws -> Set<String> {
    var found: Set<String> = [], cursor = "0"
    repeat {
        let reply = try client.ask(["SCAN", cursor] + options)
        let lines = reply.split(separator: "\r\n", omittingEmptySubsequences: false)
        guard lines[0] == "*2" else { throw TestFailure(reply) }
        cursor = String(lines[2])
        found.formUnion(stride(from: 5, to: lines.count - 1, by: 2).map { String(lines[$0]) })
    } while cursor != "0"
    return found
}
