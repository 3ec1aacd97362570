import CHotProbe
import CRedistillHot
import Testing

/// Sorted sets with no server around them, packed, and so large that an index is over them.
@Suite final class SortedSetTests {
    let handlers = HandlerTests()

    /// Members above those that a test is about.
    static let others = [0, 500]

    private func run(_ words: String) -> String { handlers.run(words) }

    private func prepare(_ others: Int) {
        _ = run("DEL zset other")
        #expect(run("ZADD zset 2 b 1 a 3 c") == ":3\r\n")
        for i in 0..<others { _ = run("ZADD zset 1000 m\(i)") }
    }

    @Test(arguments: others) func membersStandByScoreAndThenByTheirBytes(others: Int) {
        prepare(others)
        #expect(run("ZADD zset CH 1 aa 1.5 b 3 c") == ":2\r\n")
        #expect(run("ZRANGE zset 0 3") == "*4\r\n$1\r\na\r\n$2\r\naa\r\n$1\r\nb\r\n$1\r\nc\r\n")
        #expect(run("ZRANK zset b WITHSCORE") == "*2\r\n:2\r\n$3\r\n1.5\r\n")
        #expect(run("ZREVRANK zset b") == ":\(1 + others)\r\n")
        #expect(handlers.store.isSound)
    }

    @Test(arguments: others) func rangesHaveTheirBoundsOrNot(others: Int) {
        prepare(others)
        #expect(run("ZCOUNT zset 1 (3") == ":2\r\n")
        #expect(run("ZCOUNT zset (1 +inf") == ":\(2 + others)\r\n")
        #expect(run("ZRANGE zset 3 (1 BYSCORE REV LIMIT 1 5") == "*1\r\n$1\r\nb\r\n")
        #expect(run("ZRANGEBYSCORE zset -inf 1000 WITHSCORES LIMIT 0 1") == "*2\r\n$1\r\na\r\n$1\r\n1\r\n")
        #expect(run("ZREMRANGEBYSCORE zset (1 (1000") == ":2\r\n")
        #expect(run("ZCARD zset") == ":\(1 + others)\r\n")
        #expect(handlers.store.isSound)
    }

    @Test(arguments: others) func setGoesWithItsLastMember(others: Int) {
        for command in ["ZREMRANGEBYRANK zset 0 -1", "ZPOPMAX zset 10000", "ZMPOP 2 other zset MIN COUNT 10000", "ZRANGESTORE zset zset 5 1"] {
            prepare(others)
            _ = run(command)
            #expect(run("EXISTS zset") == ":0\r\n", "\(command)")
        }
        #expect(handlers.store.count == 0 && handlers.store.isSound)
    }

    @Test(arguments: others) func whatSeveralHaveIsPutTogether(others: Int) {
        prepare(others)
        _ = run("SADD other a x")
        #expect(run("ZINTER 2 zset other WITHSCORES") == "*2\r\n$1\r\na\r\n$1\r\n2\r\n")
        #expect(run("ZUNIONSTORE other 2 zset other WEIGHTS 2 10 AGGREGATE MAX") == ":\(4 + others)\r\n")
        #expect(run("ZSCORE other a") == "$2\r\n10\r\n")
        #expect(run("ZDIFF 2 other zset") == "*1\r\n$1\r\nx\r\n")
        #expect(run("ZINTERCARD 2 zset other LIMIT 2") == ":2\r\n")
        #expect(handlers.store.isSound)
    }

    @Test(arguments: [
        ("0.1", "0.1"), ("3", "3"), ("-0", "0"), ("1e21", "1e+21"), ("1e20", "1e+20"), ("1e18", "1000000000000000000"), ("1.5e-7", "1.5e-7"),
        ("0.000001", "0.000001"), ("123456.789", "123456.789"), ("-inf", "-inf"), ("4.9e-324", "5e-324"),
        ("9007199254740993", "9007199254740992"), ("1.7976931348623157e308", "1.7976931348623157e+308"),
    ])
    func scoreIsWrittenWithTheFewestDigits(score: String, text: String) {
        _ = run("ZADD zset \(score) m")
        #expect(run("ZSCORE zset m") == "$\(text.utf8.count)\r\n\(text)\r\n")
    }
}
