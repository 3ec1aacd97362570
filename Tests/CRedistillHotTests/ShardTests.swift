import CHotProbe
import CRedistillHot
import Testing

@Suite struct ShardTests {
    let store = Store(shards: 1)

    @Test(arguments: [0, 1, 7, 8, 254, 255, 256, 257, 1055, 1056, 70_000])
    func keyOfAnyLengthAndContentIsFoundAgain(length: Int) {
        var random = SeededRandom(seed: UInt64(length))
        let key = random.bytes(length), near = length == 0 ? [1] : Array(key.dropLast()) + [key.last! &+ 1]
        for valueLength in [0, 1, 700, 780, 800, 1024, 1056, 5000] {
            let item = Store.Item(value: random.bytes(valueLength))
            #expect(store.put(key, item) == RD_OK)
            #expect(store.put(near, .init(value: [])) == RD_OK)
            #expect(store.get(key) == item)
            #expect(store.get(near) == .init(value: []))
            #expect(store.isSound)
        }
        #expect(store.remove(key))
        #expect(!store.remove(key))
        #expect(store.get(key) == nil)
        #expect(store.isSound)
    }

    @Test func overwritingWithEveryLengthKeepsTheNeighbours() {
        var random = SeededRandom(seed: 3)
        _ = store.put(bytes("before"), .init(value: bytes("b")))
        _ = store.put(bytes("key"), .init(value: []))
        _ = store.put(bytes("after"), .init(value: bytes("a")))
        for length in Array(0...1100) + [16_383, 16_384, 262_143, 262_144, 300_000] + (0..<300).map({ 1100 - $0 * 3 }) {
            let item = Store.Item(value: random.bytes(length), expiry: length % 3 == 0 ? 100 : 0)
            #expect(store.put(bytes("key"), item) == RD_OK)
            #expect(store.get(bytes("key")) == item)
        }
        #expect(store.isSound)
        #expect(store.get(bytes("before")) == .init(value: bytes("b")))
        #expect(store.get(bytes("after")) == .init(value: bytes("a")))
        #expect(store.count == 3)
    }

    @Test func appendingGrowsThroughEveryLayout() {
        var expected: [UInt8] = [], random = SeededRandom(seed: 4)
        _ = store.put(bytes("key"), .init(value: [], expiry: 50))
        while expected.count < 40_000 {
            let added = random.bytes(1 + random.below(expected.count < 3000 ? 30 : 3000))
            expected += added
            #expect(store.append(bytes("key"), added) == RD_OK)
            #expect(store.get(bytes("key")) == .init(value: expected, expiry: 50))
        }
        #expect(store.isSound)
    }

    @Test func grownValueIsZeroWhereNothingWasWritten() {
        _ = store.put(bytes("key"), .init(value: bytes("abc")))
        for length in [4, 100, 1050, 2000, 100_000] {
            #expect(store.resize(bytes("key"), to: length) == RD_OK)
            #expect(store.get(bytes("key"))?.value == bytes("abc") + Array(repeating: 0, count: length - 3))
        }
        #expect(store.resize(bytes("key"), to: 2) == RD_OK)
        #expect(store.get(bytes("key"))?.value == bytes("ab"))
        #expect(store.resize(bytes("key"), to: 5) == RD_OK)
        #expect(store.get(bytes("key"))?.value == bytes("ab") + [0, 0, 0])
        #expect(store.isSound)
    }

    @Test func expiryMovesTheValueAndComesAndGoes() {
        var random = SeededRandom(seed: 5)
        for length in Array(0...64) + Array(1000...1100) + [20_000] {
            let key = bytes("key:\(length)"), value = random.bytes(length)
            #expect(store.put(key, .init(value: value)) == RD_OK)
            for expiry: Int64 in [7, 9, 0, 8] {
                #expect(store.setExpiry(key, expiry) == RD_OK)
                #expect(store.get(key) == .init(value: value, expiry: expiry))
            }
        }
        #expect(store.isSound)
    }

    @Test func heldValueStaysWhileItsKeyIsChangedAndRemoved() throws {
        var random = SeededRandom(seed: 6)
        let value = random.bytes(30_000)
        let changes: [() -> Void] = [
            { _ = store.append(bytes("key"), [1, 2, 3]) },
            { _ = store.resize(bytes("key"), to: 10) },
            { _ = store.put(bytes("key"), .init(value: [9])) },
            { _ = store.setExpiry(bytes("key"), 5) },
            { _ = store.remove(bytes("key")) },
            { _ = store.clear() },
        ]
        for change in changes {
            _ = store.put(bytes("key"), .init(value: value))
            let held = try #require(withSlice(bytes("key")) { probe_store_hold_value(store.handle, $0, 0) })
            change()
            #expect(bytes(of: probe_held_value(held)) == value)
            #expect(store.isSound)
            probe_release_value(held)
        }
        _ = store.clear()
        #expect(store.statistics().memory_values == 0)
    }

    @Test func appendToAHeldValueIsSeenByTheNextReaderOnly() throws {
        let value = [UInt8](repeating: 1, count: 30_000)
        _ = store.put(bytes("key"), .init(value: value))
        let held = try #require(withSlice(bytes("key")) { probe_store_hold_value(store.handle, $0, 0) })
        #expect(store.append(bytes("key"), [2]) == RD_OK)
        #expect(store.get(bytes("key"))?.value == value + [2])
        #expect(bytes(of: probe_held_value(held)) == value)
        probe_release_value(held)
        #expect(store.append(bytes("key"), [3]) == RD_OK)
        #expect(store.get(bytes("key"))?.value == value + [2, 3])
    }
}
