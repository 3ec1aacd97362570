import CHotProbe
import CRedistillHot
import Testing

/// What the store does for values with a shape, whatever it does for strings.
@Suite final class ShapedTests {
    let handlers = HandlerTests()
    var store: Store { handlers.store }

    private func run(_ words: String) -> String { handlers.run(words) }

    /// A hash of so many fields: packed in the entry, in a blob, and indexed.
    private func fill(_ key: String, fields: Int) {
        for first in stride(from: 0, to: fields, by: 7) {
            let some = (first..<min(first + 7, fields)).map { "f\($0) v\($0)" }.joined(separator: " ")
            _ = run("HSET \(key) \(some)")
        }
        #expect(run("HLEN \(key)") == ":\(fields)\r\n")
    }

    @Test(arguments: [1, 200, 3000])
    func typeStaysThroughEveryChangeOfAnEntry(fields: Int) {
        fill("key", fields: fields)
        for other in 1..<200 { _ = run("SET other:\(other) \(String(repeating: "v", count: other))") }
        let changes = ["EXPIRE key 1000", "PERSIST key", "RENAME key \(String(repeating: "k", count: 150))",
                       "RENAME \(String(repeating: "k", count: 150)) key", "HSET key f0 v"]
        for change in changes {
            #expect(!run(change).hasPrefix("-"))
            #expect(store.isSound, "\(change)")
        }
        fill("key", fields: fields)
        #expect(run("COPY key copy") == ":1\r\n" && run("DEL key") == ":1\r\n")
        for other in stride(from: 0, to: 200, by: 2) { _ = run("DEL other:\(other)") }
        store.compact()
        #expect(run("TYPE copy") == "+hash\r\n" && run("HLEN copy") == ":\(fields)\r\n")
        #expect(run("HGET copy f0") == "$2\r\nv0\r\n")
        #expect(store.isSound)
    }

    @Test func aStringOverAnotherTypeIsAString() {
        for fields in [1, 200, 3000] {
            fill("key", fields: fields)
            #expect(run("SET key value") == "+OK\r\n")
            #expect(run("GET key") == "$5\r\nvalue\r\n" && run("TYPE key") == "+string\r\n")
            _ = run("DEL key")
        }
        /* Of the same length, which would fit over it. */
        _ = run("HSET key f v")
        _ = run("SET other \(String(repeating: "x", count: 9))")
        #expect(run("RENAME key other") == "+OK\r\n" && run("TYPE other") == "+hash\r\n")
        #expect(run("SET other \(String(repeating: "x", count: 9))") == "+OK\r\n" && run("TYPE other") == "+string\r\n")
        #expect(store.isSound)
    }

    /// However large it is, no command frees it, and no step much of it.
    @Test func largeValueIsFreedInSteps() {
        fill("key", fields: 20_000)
        let held = store.statistics().memory_values
        #expect(run("DEL key") == ":1\r\n")
        #expect(store.statistics().memory_values == held, "what is buried counts until it is given back")
        var steps = 0
        var least = held
        while store.flushStep() {
            let now = store.statistics().memory_values
            #expect(least - now <= 64 * 8192)
            least = now
            steps += 1
        }
        #expect(steps > 2)
        #expect(store.statistics().memory_values == 0)
        #expect(store.isSound)
    }

    @Test func largeValueThatEvictionTakesMakesRoomBeforeAnotherGoes() {
        fill("large", fields: 20_000)
        _ = run("DEL large")
        _ = run("SET small value")
        #expect(store.setPolicy("allkeys-lru"))
        store.setLimit(store.used)
        for number in 0..<300 { #expect(run("SET key:\(number) \(String(repeating: "v", count: 200))") == "+OK\r\n") }
        #expect(store.evicted == 0 && run("GET small") == "$5\r\nvalue\r\n")
    }

    @Test func nodesMoveOutOfSparseSlabsAndStayInOrder() {
        for key in 0..<40 { fill("key:\(key)", fields: 600) }
        for key in 0..<40 where key % 4 != 0 { _ = run("DEL key:\(key)") }
        while store.flushStep() {}
        let before = store.used
        for _ in 0..<50 { store.compact() }
        #expect(store.used < before)
        for key in stride(from: 0, to: 40, by: 4) {
            #expect((0..<600).allSatisfy { run("HGET key:\(key) f\($0)") == "$\("v\($0)".count)\r\nv\($0)\r\n" })
        }
        #expect(store.isSound)
    }

    @Test func fieldsGoWithTheirTimeAndTheHashWithTheLast() {
        probe_caller_set_now(handlers.caller, 1000)
        _ = run("HSET key a 1 b 2")
        _ = run("HSET gone a 1")
        #expect(run("HPEXPIREAT key 2000 FIELDS 1 a") == "*1\r\n:1\r\n")
        #expect(run("HPEXPIREAT gone 2000 FIELDS 1 a") == "*1\r\n:1\r\n")
        #expect(store.sweep(now: 1999) == 0 && store.count == 2)
        #expect(store.sweep(now: 2000) == 0 && store.count == 1, "a hash without fields is deleted, and has not expired")
        probe_caller_set_now(handlers.caller, 2000)
        #expect(run("HGETALL key") == "*2\r\n$1\r\nb\r\n$1\r\n2\r\n")
        #expect(run("HPEXPIREAT key 3000 FIELDS 1 b") == "*1\r\n:1\r\n")
        probe_caller_set_now(handlers.caller, 3000)
        #expect(run("EXISTS key") == ":0\r\n" && store.count == 0)
        #expect(store.isSound)
    }

    private func item(_ number: Int, of command: String) -> String {
        switch command {
        case "SADD": "\(number)x"
        case "ZADD": "\(number) \(number)x"
        default: "\(number)x \(number)"
        }
    }

    /// A value that was large stays indexed.
    @Test(arguments: [
        ("HSET", "a 1 b 2.5", "b 2.5 a 1", "HDEL"), ("SADD", "a 7", "7 a", "SREM"), ("ZADD", "1.5 a 2 b", "2 b 1.5 a", "ZREM"),
    ])
    func digestIsTheSameForTheSameItemsInWhicheverForm(add: String, items: String, others: String, remove: String) {
        _ = run("\(add) packed \(items)")
        for number in 0..<600 { _ = run("\(add) indexed \(item(number, of: add))") }
        _ = run("\(add) indexed \(others)")
        for number in 0..<600 { _ = run("\(remove) indexed \(number)x") }
        #expect(run("OBJECT ENCODING packed") != run("OBJECT ENCODING indexed"))
        #expect(store.digest(bytes("packed")) == store.digest(bytes("indexed")))
        _ = run("\(add) packed \(add == "ZADD" ? "3 c" : "c 3")")
        #expect(store.digest(bytes("packed")) != store.digest(bytes("indexed")))
    }

    @Test func digestOfAListIsThatOfItsOrder() {
        _ = run("RPUSH one a b")
        _ = run("LPUSH two b a")
        _ = run("RPUSH other b a")
        #expect(store.digest(bytes("one")) == store.digest(bytes("two")) && store.digest(bytes("one")) != store.digest(bytes("other")))
    }
}
