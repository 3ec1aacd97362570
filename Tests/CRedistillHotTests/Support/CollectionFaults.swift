/// Hashes, sets, lists and sorted sets, so large that each is indexed, while allocations fail: what is stored whole is there
/// whole or not at all, and nothing is lost on its way.
extension FaultScenario {
    private static func members(_ range: Range<Int>) -> [[UInt8]] {
        range.map { bytes("\($0)-") + value(40, 0x6d) }
    }

    private static func pairs(_ range: Range<Int>) -> [[UInt8]] {
        members(range).flatMap { [bytes("1"), $0] }
    }

    private static func words(_ command: String, _ more: [[UInt8]]) -> [[UInt8]] {
        command.split(separator: " ").map { Array($0.utf8) } + more
    }

    private static let two: [Step] = [
        Step(words("SADD a", members(0..<2000)), bytes(":2000\r\n")), Step(words("SADD b", members(1000..<3000)), bytes(":2000\r\n")),
    ]

    static let collections: [FaultScenario] = [
        FaultScenario(
            name: "SUNIONSTORE, SINTERSTORE and SDIFFSTORE",
            before: two + [Step("SADD union old", ":1\r\n"), Step("SADD common old", ":1\r\n"), Step("SADD own old", ":1\r\n")],
            steps: [Step("SUNIONSTORE union a b", ":3000\r\n"), Step("SINTERSTORE common a b", ":1000\r\n"), Step("SDIFFSTORE own a b", ":1000\r\n")],
            after: [Step("SCARD union", ":1\r\n", ":3000\r\n"), Step("SCARD common", ":1\r\n", ":1000\r\n"), Step("SCARD own", ":1\r\n", ":1000\r\n")]),
        FaultScenario(
            name: "ZUNIONSTORE, ZINTERSTORE and ZRANGESTORE",
            before: two + [Step("ZADD union 1 old", ":1\r\n"), Step("ZADD common 1 old", ":1\r\n"), Step("SET range old", "+OK\r\n"),
                           Step(words("ZADD z", pairs(0..<2000)), bytes(":2000\r\n"))],
            steps: [Step("ZUNIONSTORE union 3 a b z", ":3000\r\n"), Step("ZINTERSTORE common 2 a b", ":1000\r\n"),
                    Step("ZRANGESTORE range z 0 1499", ":1500\r\n")],
            after: [Step("ZCARD union", ":1\r\n", ":3000\r\n"), Step("ZCARD common", ":1\r\n", ":1000\r\n"), Step("TYPE range", "+string\r\n", "+zset\r\n")]),
        FaultScenario(
            name: "elements and members that move",
            before: two + [Step(words("RPUSH list", members(0..<2000)), bytes(":2000\r\n")), Step("RPUSH other x", ":1\r\n")],
            steps: [Step(words("LPUSH more", members(0..<2000))), Step("LMOVE list list LEFT RIGHT"), Step("LMOVE list list RIGHT LEFT"),
                    Step(words("SMOVE a c", members(0..<1)), bytes(":1\r\n")), Step("LREM list 1 none", ":0\r\n")],
            after: [Step("LLEN list", ":2000\r\n"), Step("SCARD a", ":2000\r\n", ":1999\r\n")]),
        FaultScenario(
            name: "scores and fields that change",
            before: [Step(words("ZADD z", pairs(0..<2000)), bytes(":2000\r\n")), Step(words("HSET h", pairs(0..<1) + members(0..<4000)), bytes(":2001\r\n"))],
            steps: [Step([bytes("ZADD"), bytes("z")] + members(0..<500).flatMap { [bytes("2.5"), $0] }, bytes(":0\r\n")),
                    Step(words("HSET more", members(0..<4000))), Step("HINCRBY h count 5"), Step("HPEXPIRE h 100000 FIELDS 1 1")],
            after: [Step("ZCARD z", ":2000\r\n"), Step("HLEN h", ":2001\r\n", ":2002\r\n")]),
    ]
}
