import CHotProbe
import CRedistillHot
import Testing

/// Fields and their times by a clock that stands still, in a packed hash and in one that a long value has made a large one.
@Suite final class HashFieldTests {
    let store = Store()
    let caller: OpaquePointer

    static let others = ["x", String(repeating: "x", count: 100)]

    init() {
        caller = probe_caller_new(store.handle)
        probe_caller_set_now(caller, 1_000)
    }

    deinit {
        probe_caller_free(caller)
    }

    func run(_ words: String) -> String {
        text(bytes(of: probe_caller_run(caller, words)))
    }

    @Test(arguments: others) func fieldIsThereUntilItsTimeAndNotFromThenOn(other: String) {
        #expect(run("HSET h f v other \(other)") == ":2\r\n")
        #expect(run("HPEXPIRE h 500 FIELDS 1 f") == "*1\r\n:1\r\n")
        probe_caller_set_now(caller, 1_499)
        #expect(run("HGET h f") == "$1\r\nv\r\n")
        #expect(run("HPTTL h FIELDS 1 f") == "*1\r\n:1\r\n")
        #expect(run("HLEN h") == ":2\r\n")
        probe_caller_set_now(caller, 1_500)
        #expect(run("HGET h f") == "$-1\r\n")
        #expect(run("HPTTL h FIELDS 1 f") == "*1\r\n:-2\r\n")
        #expect(run("HLEN h") == ":1\r\n")
        #expect(run("HKEYS h") == "*1\r\n$5\r\nother\r\n")
    }

    @Test(arguments: others) func hashGoesWithItsLastField(other: String) {
        _ = run("HSET h f \(other)")
        _ = run("HPEXPIRE h 500 FIELDS 1 f")
        probe_caller_set_now(caller, 1_500)
        #expect(run("HGETALL h") == "*0\r\n")
        #expect(store.count == 0)
    }

    @Test(arguments: others) func secondsLeftAreRoundedUp(other: String) {
        _ = run("HSET h f v other \(other)")
        _ = run("HPEXPIRE h 1001 FIELDS 1 f")
        #expect(run("HTTL h FIELDS 1 f") == "*1\r\n:2\r\n")
        #expect(run("HEXPIRETIME h FIELDS 1 f") == "*1\r\n:3\r\n")
        #expect(run("HPEXPIRETIME h FIELDS 1 f") == "*1\r\n:2001\r\n")
        #expect(run("HEXPIRE h 1 FIELDS 1 f") == "*1\r\n:1\r\n")
        #expect(run("HTTL h FIELDS 2 f other") == "*2\r\n:1\r\n:-1\r\n")
    }

    @Test(arguments: others) func timeThatIsNowDeletes(other: String) {
        _ = run("HSET h f v g v other \(other)")
        #expect(run("HPEXPIREAT h 1000 FIELDS 1 f") == "*1\r\n:2\r\n")
        #expect(run("HGETEX h PXAT 1000 FIELDS 1 g") == "*1\r\n$1\r\nv\r\n")
        #expect(run("HKEYS h") == "*1\r\n$5\r\nother\r\n")
        #expect(run("HSETEX h PXAT 1000 FIELDS 2 other v more v") == ":1\r\n")
        #expect(store.count == 0)
    }

    @Test(arguments: others) func fieldThatIsOverIsNewWhenItIsSet(other: String) {
        _ = run("HSET h f 5 other \(other)")
        _ = run("HPEXPIRE h 500 FIELDS 1 f")
        probe_caller_set_now(caller, 1_500)
        #expect(run("HINCRBY h f 2") == ":2\r\n")
        #expect(run("HPTTL h FIELDS 1 f") == "*1\r\n:-1\r\n")
    }

    @Test(arguments: others) func fieldsOfManyTimesGoOneByOne(other: String) {
        _ = run("HSET h other \(other)")
        for i in 1...300 {
            _ = run("HSET h f\(i) \(i)")
            _ = run("HPEXPIRE h \(i * 10) FIELDS 1 f\(i)")
        }
        for over in [1, 2, 100, 250, 299] {
            probe_caller_set_now(caller, Int64(1_000 + over * 10))
            #expect(run("HMGET h f\(over) f\(over + 1)") == "*2\r\n$-1\r\n$\(String(over + 1).count)\r\n\(over + 1)\r\n")
            #expect(run("HLEN h") == ":\(301 - over)\r\n")
        }
    }
}
