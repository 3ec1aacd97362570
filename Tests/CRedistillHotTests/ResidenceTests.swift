import CHotProbe
import CRedistillHot
import Testing

/// What the limit is spent on: live keys and values, whatever sizes came before.
@Suite struct ResidenceTests {
    struct Sizes {
        let least, most: Int
        /// Of the limit, keys and values.
        let share: Double

        /// Evenly on a scale of doublings, as sizes in caches are.
        func draw(_ random: inout SeededRandom) -> Int {
            var least = least
            while least * 2 < most && random.below(doublings) > 0 { least *= 2 }
            return least + random.below(min(least, most - least) + 1)
        }

        private var doublings: Int {
            var count = 1, size = least
            while size * 2 < most { (count, size) = (count + 1, size * 2) }
            return count
        }
    }

    static let shifts = [
        Sizes(least: 100, most: 100, share: 0.70), Sizes(least: 1000, most: 1000, share: 0.85),
        Sizes(least: 10_000, most: 10_000, share: 0.85), Sizes(least: 50, most: 20_000, share: 0.85),
        Sizes(least: 100, most: 100, share: 0.70), Sizes(least: 251, most: 1100, share: 0.85),
        Sizes(least: 900, most: 70_000, share: 0.85),
    ]

    /// With 1 MiB a shard (64 of them here) twenty sizes leave more slabs half filled than with 4 MiB.
    @Test(arguments: [(UInt32(64), 0.04), (16, 0)])
    func shareOfLivePayloadIsBackAfterSizesShift(shards: UInt32, leeway: Double) {
        let limit: UInt64 = 64 << 20
        let store = Store(shards: shards, limit: limit, policy: "allkeys-lru", seed: 3)
        var random = SeededRandom(seed: 4), number = 0
        for sizes in Self.shifts {
            var stored: UInt64 = 0
            while stored < limit * 3 / 2 {
                let length = sizes.draw(&random)
                #expect(store.put(bytes("key:\(number)"), .init(value: Array(repeating: 1, count: length))) == RD_OK)
                number += 1
                stored += UInt64(length + 16)
                if number % 64 == 0 { while store.relieve() {} } // not a slice: how much that does, the machine decides
            }
            while store.relieve() {}
            let share = Double(store.statistics(now: 0).memory_payload) / Double(limit)
            #expect(share >= sizes.share - leeway, "\(sizes.least)..\(sizes.most) bytes: \(share)")
            #expect(store.used <= limit + limit / 64)
            #expect(store.isSound)
        }
    }

    /// Four keys of five die, at random, so that hardly a page is without a live one.
    @Test func memoryOfTheDeadGoesBackWithoutALimit() {
        let store = Store(shards: 16, seed: 5), count = 1_000_000
        for number in 0..<count {
            let expiry: Int64 = number % 5 == 0 ? 0 : 100
            #expect(store.put(bytes("key:\(number)"), .init(value: Array(repeating: 1, count: 64), expiry: expiry)) == RD_OK)
        }
        let full = store.resident
        #expect(store.sweep(now: 100) == count / 5 * 4)
        #expect(store.tidy())
        for _ in 0..<300 { _ = store.relieve() } // each as after a tenth of a second
        #expect(store.resident < store.used + store.used / 8 + (34 << 20))
        #expect(store.resident < full * 2 / 3)
        #expect(store.isSound)
        #expect(store.count == count / 5)
    }

    @Test func whatWasMadeReadyForGrowthGoesBackWhenNobodyGrows() {
        let store = Store(shards: 16, seed: 5)
        while store.feed() {}
        let ready = store.resident
        while store.rest() {}
        #expect(store.resident + (4 << 20) <= ready)
        #expect(!store.rest())
        #expect(store.isSound)
        #expect(store.put(bytes("key"), .init(value: bytes("value"))) == RD_OK)
    }
}
