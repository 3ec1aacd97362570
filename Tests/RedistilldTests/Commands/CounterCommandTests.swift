import Testing

@Suite struct CounterCommandTests {
    private static let overflow = "-ERR increment or decrement would overflow\r\n"

    @Test(arguments: [
        Exchange("INCR k", ":1\r\n"), Exchange("DECR k", ":-1\r\n"),
        Exchange("INCR k", ":10\r\n", after: "SET k 9"),
        Exchange("GET k", bulk("10"), after: "SET k 9", "INCR k"),
        Exchange("DECR k", ":9\r\n", after: "SET k 10"),
        Exchange("INCRBY k 5", ":5\r\n"), Exchange("DECRBY k 5", ":-5\r\n"),
        Exchange("INCRBY k -5", ":-5\r\n"), Exchange("DECRBY k -5", ":5\r\n"),
        Exchange("INCRBY k 0", ":0\r\n"),
        Exchange("INCR k", ":9223372036854775807\r\n", after: "SET k 9223372036854775806"),
        Exchange("INCR k", overflow, after: "SET k 9223372036854775807"),
        Exchange("DECR k", ":-9223372036854775808\r\n", after: "SET k -9223372036854775807"),
        Exchange("DECR k", overflow, after: "SET k -9223372036854775808"),
        Exchange("INCRBY k 9223372036854775807", ":9223372036854775807\r\n"),
        Exchange("INCRBY k 9223372036854775807", overflow, after: "INCR k"),
        Exchange("DECRBY k -9223372036854775808", "-ERR decrement would overflow\r\n"),
        Exchange("INCRBY k -9223372036854775808", ":-9223372036854775808\r\n"),
        Exchange("TTL k", ":100\r\n", after: "SET k 1 EX 100", "INCR k"),
        Exchange("TTL k", ":100\r\n", after: "SET k 9 EX 100", "INCR k"),
    ])
    func arithmetic(_ exchange: Exchange) throws { try exchange.check() }

    @Test(arguments: ["INCR k", "DECR k", "INCRBY k 1", "DECRBY k 1"], [
        "+1", "01", "-0", "\"\"", "-", "x", "1x", "1.0", "0x1", "9223372036854775808", "-9223372036854775809",
        "123456789012345678901234567890",
    ])
    func valuesThatAreNoIntegers(_ command: String, _ value: String) throws {
        try Exchange.notAnInteger(command, after: "SET k \(value)").check()
    }

    @Test(arguments: [" 1", "1 ", "1\n", "1\0"])
    func valuesWithSpaceAroundAreNoIntegers(_ value: String) throws {
        try SharedDaemon.use { client in
            try #expect(client.ask("SET", "k", value) == "+OK\r\n")
            try #expect(client.ask("INCR", "k") == "-ERR value is not an integer or out of range\r\n")
            try #expect(client.ask("GET", "k") == bulk(value))
        }
    }

    @Test(arguments: [
        Exchange.notAnInteger("INCRBY k x"), .notAnInteger("DECRBY k 1.5"), .notAnInteger("INCRBY k +1"),
        .notAnInteger("INCRBY k 9223372036854775808"),
        .arity("INCR"), .arity("INCR a b"), .arity("DECR"), .arity("INCRBY k"), .arity("DECRBY k"),
        .arity("INCRBY k 1 2"), .arity("DECRBY k 1 2"),
    ])
    func arguments(_ exchange: Exchange) throws { try exchange.check() }
}
