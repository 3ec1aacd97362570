import CHotProbe
import CRedistillHot
import Testing

/// Lists with no server around them, packed, and so large that an index is over them.
@Suite final class ListTests {
    let handlers = HandlerTests()

    /// Elements behind those that a test is about.
    static let others = [0, 3_000]

    private func run(_ words: String) -> String { handlers.run(words) }

    /// `a b c` and behind them so many of `x`.
    private func prepare(_ others: Int) {
        _ = run("DEL list other")
        #expect(run("RPUSH list a b c") == ":3\r\n")
        for _ in 0..<(others / 10) { _ = run("RPUSH list" + String(repeating: " x", count: 10)) }
    }

    @Test(arguments: others) func elementsComeOutAtTheEndsWhereTheyWentIn(others: Int) {
        prepare(others)
        #expect(run("LPUSH list 1 2") == ":\(5 + others)\r\n")
        #expect(run("LPOP list 2") == "*2\r\n$1\r\n2\r\n$1\r\n1\r\n")
        #expect(run("RPUSH list y z") == ":\(5 + others)\r\n")
        #expect(run("RPOP list 2") == "*2\r\n$1\r\nz\r\n$1\r\ny\r\n")
        #expect(run("LRANGE list 0 2") == "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n")
        #expect(handlers.store.isSound)
    }

    @Test(arguments: others) func listGoesWithItsLastElement(others: Int) {
        for command in ["LPOP list 10000", "RPOP list 10000", "LTRIM list 1 0", "LMPOP 2 other list RIGHT COUNT 10000"] {
            prepare(others)
            _ = run(command)
            #expect(run("EXISTS list") == ":0\r\n", "\(command)")
        }
        #expect(handlers.store.count == 0 && handlers.store.isSound)
    }

    @Test(arguments: others) func elementsAreFoundChangedAndRemovedWhereTheyStand(others: Int) {
        prepare(others)
        #expect(run("LINSERT list AFTER b a") == ":\(4 + others)\r\n")
        #expect(run("LPOS list a RANK -1") == ":2\r\n")
        #expect(run("LPOS list a COUNT 0") == "*2\r\n:0\r\n:2\r\n")
        #expect(run("LSET list 3 4711") == "+OK\r\n")
        #expect(run("LINDEX list 3") == "$4\r\n4711\r\n")
        #expect(run("LREM list -1 a") == ":1\r\n")
        #expect(run("LRANGE list 0 2") == "*3\r\n$1\r\na\r\n$1\r\nb\r\n$4\r\n4711\r\n")
        #expect(run("LSET list \(3 + others) x") == "-ERR index out of range\r\n")
        #expect(handlers.store.isSound)
    }

    @Test(arguments: others) func elementMovesWithinAListAndToAnother(others: Int) {
        prepare(others)
        #expect(run("LMOVE list list LEFT RIGHT") == "$1\r\na\r\n")
        #expect(run("LINDEX list -1") == "$1\r\na\r\n")
        #expect(run("RPOPLPUSH list other") == "$1\r\na\r\n")
        #expect(run("LLEN list") == ":\(2 + others)\r\n")
        #expect(run("LRANGE other 0 -1") == "*1\r\n$1\r\na\r\n")
        #expect(handlers.store.isSound)
    }

    @Test func nothingIsMovedToWhatIsNoList() {
        prepare(0)
        _ = run("SET other x")
        #expect(run("RPOPLPUSH list other") == WrongTypeTests.refusal)
        #expect(run("RPOPLPUSH absent other") == "$-1\r\n")
        #expect(run("LLEN list") == ":3\r\n")
    }
}
