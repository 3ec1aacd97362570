import Testing

/// SET with all its options: which go together, what they do, and what they answer.
@Suite struct SetOptionTests {
    @Test(arguments: [
        Exchange("SET k v NX", "+OK\r\n"),
        Exchange.null("SET k w NX", after: "SET k v"),
        Exchange("GET k", bulk("v"), after: "SET k v"),
        Exchange.null("SET k v XX"),
        Exchange("SET k w XX", "+OK\r\n", after: "SET k v"),
        Exchange("set k v nx", "+OK\r\n"),
        Exchange("SET k v NX NX", "+OK\r\n"), Exchange.null("SET k v XX XX"),
        Exchange.syntaxError("SET k v NX XX"), .syntaxError("SET k v XX NX"),
        Exchange.syntaxError("SET k v WHAT"), .syntaxError("SET k v \"\""),
    ])
    func conditions(_ exchange: Exchange) throws { try exchange.check() }

    @Test(arguments: [
        Exchange.null("SET k v GET"),
        Exchange("SET k w GET", bulk("v"), after: "SET k v"),
        Exchange("GET k", bulk("w"), after: "SET k v", "SET k w GET"),
        Exchange("SET k w NX GET", bulk("v"), after: "SET k v"),
        Exchange("GET k", bulk("v"), after: "SET k v", "SET k w NX GET"),
        Exchange.null("SET k v NX GET"),
        Exchange.null("SET k v GET XX"),
        Exchange("SET k w XX GET", bulk("v"), after: "SET k v"),
        Exchange("SET k w GET EX 100", bulk("v"), after: "SET k v"),
        Exchange("TTL k", ":100\r\n", after: "SET k v", "SET k w GET EX 100"),
        Exchange("SET k w KEEPTTL GET", bulk("v"), after: "SET k v EX 100"),
        Exchange("TTL k", ":100\r\n", after: "SET k v EX 100", "SET k w KEEPTTL GET"),
    ])
    func getAnswersTheOldValue(_ exchange: Exchange) throws { try exchange.check() }

    @Test(arguments: [
        Exchange("TTL k", ":100\r\n", after: "SET k v EX 100"),
        Exchange("TTL k", ":100\r\n", after: "SET k v PX 100000"),
        Exchange("TTL k", ":100\r\n", after: "SET k v px 99999"),
        Exchange("TTL k", ":100\r\n", after: "SET k v EX 100 NX"),
        Exchange("TTL k", ":100\r\n", after: "SET k v XX EX 100", "SET k v NX EX 100"),
        Exchange("TTL k", ":100\r\n", after: "SET k v EX 100", "SET k w KEEPTTL"),
        Exchange("TTL k", ":-1\r\n", after: "SET k v KEEPTTL"),
        Exchange("TTL k", ":-1\r\n", after: "SET k v EX 100", "SET k w"),
        Exchange("EXISTS k", ":0\r\n", after: "SET k v EXAT 1"),
        Exchange("EXISTS k", ":0\r\n", after: "SET k v PXAT 1"),
        Exchange("DBSIZE", ":0\r\n", after: "SET k v", "SET k v PXAT 1"),
        Exchange("SET k v EXAT 1", "+OK\r\n"),
        Exchange("SET k w GET PXAT 1", bulk("v"), after: "SET k v"),
    ])
    func timesToLive(_ exchange: Exchange) throws { try exchange.check() }

    @Test(arguments: ["EX", "PX", "EXAT", "PXAT"], ["0", "-1", "-9223372036854775808"])
    func timesMustBePositive(_ option: String, _ time: String) throws {
        try Exchange("SET k v \(option) \(time)", "-ERR invalid expire time in 'set' command\r\n").check()
    }

    @Test(arguments: [
        ("EX", "9223372036854775807"), ("EX", "9223372036854776"), ("EX", "9223372036854775"),
        ("PX", "9223372036854775807"), ("EXAT", "9223372036854775807"),
    ])
    func timesMustNotOverflow(_ option: String, _ time: String) throws {
        try Exchange("SET k v \(option) \(time)", "-ERR invalid expire time in 'set' command\r\n").check()
    }

    @Test(arguments: ["EX", "PX", "EXAT", "PXAT"], ["x", "1.5", "\"\"", "+1", "01", "9223372036854775808"])
    func timesMustBeIntegers(_ option: String, _ time: String) throws {
        try Exchange.notAnInteger("SET k v \(option) \(time)").check()
    }

    private static let expiries = ["EX 10", "PX 10000", "EXAT 99999999999", "PXAT 99999999999999", "KEEPTTL"]

    @Test(arguments: expiries, expiries)
    func twoKindsOfExpiryAreASyntaxError(_ first: String, _ second: String) throws {
        guard first != second else { return }
        try Exchange.syntaxError("SET k v \(first) \(second)").check()
    }

    @Test(arguments: ["EX", "PX", "EXAT", "PXAT", "NX EX", "GET PX"])
    func anExpiryWithoutItsTimeIsASyntaxError(_ options: String) throws {
        try Exchange.syntaxError("SET k v \(options)").check()
    }

    @Test func aRefusedSetChangesNothing() throws {
        try SharedDaemon.use { client in
            try converse(client, [
                ("SET k v EX 100", "+OK\r\n"),
                ("SET k w EX 0", "-ERR invalid expire time in 'set' command\r\n"),
                ("SET k w NX XX", "-ERR syntax error\r\n"),
                ("SET k w EX x", "-ERR value is not an integer or out of range\r\n"),
                ("SET k w NX EX 200", "$-1\r\n"),
                ("GET k", bulk("v")), ("TTL k", ":100\r\n"),
            ])
        }
    }
}
