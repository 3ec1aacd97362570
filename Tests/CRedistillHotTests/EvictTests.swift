import CRedistillHot
import Testing

@Suite struct EvictTests {
    static let policies: [String] = {
        var names: [String] = [], index = 0
        while let name = rd_policy_name(index) {
            names.append(String(cString: name))
            index += 1
        }
        return names
    }()

    /// Those that may evict any key, and so always find one.
    static let evicting = policies.filter { $0.hasPrefix("allkeys-") }
    static let expiring = policies.filter { $0.hasPrefix("volatile-") }

    @Test func policiesAreNamedAsInRedis() {
        #expect(Set(Self.policies) == [
            "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu",
            "volatile-random", "volatile-ttl", "allkeys-s3fifo",
        ])
    }

    /// Some keys are forgotten, none is told wrong, and what is used stays under the limit but for the table's growth and
    /// for expiries, which a full store takes as well.
    @Test(arguments: policies, [1, 8] as [UInt32])
    func agreesWithAModelThatMayForgetAndStaysUnderTheLimit(policy: String, shards: UInt32) {
        let limit: UInt64 = 2 << 20
        let store = Store(shards: shards, limit: limit, policy: policy, seed: 21)
        var model = StoreModel(store: store, keys: StoreModel.keys(3000), seed: UInt64(shards), mayForget: true)
        var most: UInt64 = 0
        for round in 0..<16_000 {
            model.step()
            most = max(most, store.used)
            if round % 2000 == 0 { #expect(store.isSound) }
        }
        #expect(most <= limit + limit / 16 + (16 << 10))
        #expect(most > limit / 2)
        #expect(policy == "noeviction" ? store.evicted == 0 && model.refusals > 0 : store.evicted > 0)
        model.compareAll()
    }

    @Test func noevictionRefusesAndKeepsWhatWasThere() {
        let store = Store(shards: 1, limit: 1 << 20)
        var stored = 0
        while store.put(bytes("key:\(stored)"), .init(value: Array(repeating: 7, count: 500))) == RD_OK { stored += 1 }
        #expect(stored > 1000)
        #expect(store.used <= 1 << 20)
        #expect(store.put(bytes("key:0"), .init(value: Array(repeating: 8, count: 50_000))) == RD_ERR_NO_MEMORY)
        for number in 0..<stored { #expect(store.get(bytes("key:\(number)"))?.value == Array(repeating: 7, count: 500)) }
        #expect(store.isSound)
        #expect(store.remove(bytes("key:1")))
        #expect(store.put(bytes("key:1"), .init(value: Array(repeating: 9, count: 500))) == RD_OK)
    }

    @Test func leastRecentlyUsedGoesFirstAndAHitGivesASecondChance() {
        let store = Store(shards: 1, limit: 1 << 20, policy: "allkeys-lru")
        let value = [UInt8](repeating: 1, count: 400)
        var number = 0
        while store.evicted == 0 {
            _ = store.put(bytes("key:\(number)"), .init(value: value))
            number += 1
            if number % 10 == 0 { _ = store.get(bytes("hot")) ?? { _ = store.put(bytes("hot"), .init(value: value)); return nil }() }
        }
        for _ in 0..<10 * number {
            _ = store.put(bytes("key:\(number)"), .init(value: value))
            number += 1
            if number % 10 == 0 { #expect(store.get(bytes("hot")) != nil) }
        }
        #expect(store.get(bytes("key:0")) == nil)
        #expect(store.get(bytes("key:\(number - 1)")) != nil)
    }

    @Test func oneHitInTheSmallQueueOfS3FIFOSurvivesAnyNumberOfKeysThatAreNeverHit() {
        let store = Store(shards: 1, limit: 1 << 20, policy: "allkeys-s3fifo")
        let value = [UInt8](repeating: 1, count: 400)
        var number = 0
        func putOthers(_ count: Int) {
            for _ in 0..<count {
                _ = store.put(bytes("key:\(number)"), .init(value: value))
                number += 1
            }
        }
        while store.evicted == 0 { putOthers(1) }
        let full = number
        putOthers(full) // what came while it filled went to the main queue too
        for name in ["hit", "not hit"] { #expect(store.put(bytes(name), .init(value: value)) == RD_OK) }
        #expect(store.get(bytes("hit")) != nil)
        putOthers(10 * full)
        #expect(store.get(bytes("hit")) != nil)
        #expect(store.get(bytes("not hit")) == nil)
    }

    @Test(arguments: evicting)
    func valueThatCanNeverFitIsRefusedAndEvictsNothing(policy: String) {
        let store = Store(shards: 4, limit: 4 << 20, policy: policy)
        for number in 0..<1000 { _ = store.put(bytes("key:\(number)"), .init(value: bytes("v"))) }
        let huge = Store.Item(value: Array(repeating: 1, count: 8 << 20))
        #expect(store.put(bytes("huge"), huge) == RD_ERR_NO_MEMORY)
        #expect(store.put(bytes("huge"), huge, asBlob: true) == RD_ERR_NO_MEMORY)
        #expect(store.put(bytes("grown"), .init(value: bytes("small"))) == RD_OK)
        #expect(store.append(bytes("grown"), huge.value) == RD_ERR_NO_MEMORY)
        #expect(store.get(bytes("grown")) == .init(value: bytes("small")))
        #expect(store.count == 1001)
        #expect(store.isSound)
    }

    /// Sizes that shift leave pages of the old sizes behind; other shards have what this one lacks.
    @Test(arguments: evicting, [1, 16, 256] as [UInt32])
    func everyWriteThatFitsIsAcceptedWhateverWasStoredBefore(policy: String, shards: UInt32) {
        let limit: UInt64 = 8 << 20
        let store = Store(shards: shards, limit: limit, policy: policy, seed: 5)
        var random = SeededRandom(seed: 6), refused = 0
        for lengths in [10...20, 900...1000, 200...300, 5000...6000, 10...20, 400...500, 60_000...70_000, 0...1000] {
            for number in 0..<(lengths.upperBound > 1000 ? 2000 : 12_000) {
                let length = lengths.lowerBound + random.below(lengths.count)
                let status = store.put(bytes("key:\(number)"), .init(value: random.bytes(length)))
                if status != RD_OK { refused += 1 }
            }
            #expect(store.used <= limit + limit / 16)
            #expect(store.isSound)
        }
        #expect(refused == 0)
    }

    @Test func appendIsHeldToTheLimitToo() {
        let store = Store(shards: 1, limit: 1 << 20)
        #expect(store.put(bytes("key"), .init(value: bytes("small"))) == RD_OK)
        #expect(store.append(bytes("key"), Array(repeating: 1, count: 4 << 20)) == RD_ERR_NO_MEMORY)
        #expect(store.used < 1 << 20)
        #expect(store.get(bytes("key")) == .init(value: bytes("small")))
    }

    /// A minute for each of the frequency unless `lfu_decay_time` says otherwise; 0 is never.
    @Test(arguments: [(1, true), (100, false), (0, false)] as [(UInt32, Bool)])
    func oftenUsedOutlivesManyThatAreNotButFadesWhenItIsNotUsedForMinutes(decay: UInt32, fades: Bool) {
        let store = Store(shards: 1, limit: 1 << 20, policy: "allkeys-lfu")
        let value = [UInt8](repeating: 1, count: 400), hot = (0..<100).map { bytes("hot:\($0)") }
        for key in hot { _ = store.put(key, .init(value: value)) }
        var number = 0
        func comeOnce(_ count: Int) {
            for _ in 0..<count {
                _ = store.put(bytes("key:\(number)"), .init(value: value))
                number += 1
            }
        }
        store.setLFUDecay(minutes: decay)
        store.setMinute(1)
        for _ in 0..<20_000 {
            _ = store.get(hot[number % hot.count])
            comeOnce(1)
        }
        comeOnce(50_000)
        #expect(hot.count { store.get($0) != nil } > 90)
        for minute in 2...40 as ClosedRange<UInt32> {
            store.setMinute(minute)
            comeOnce(2000)
        }
        let left = hot.count { store.get($0) != nil }
        #expect(fades ? left < 10 : left > 90)
        #expect(store.isSound)
    }

    @Test func switchingThePolicyLosesNoKey() {
        let store = Store(shards: 4, limit: 32 << 20)
        for number in 0..<10_000 {
            let expiry: Int64 = number % 2 == 0 ? 0 : 1000
            #expect(store.put(bytes("key:\(number)"), .init(value: bytes("\(number)"), expiry: expiry)) == RD_OK)
            if number % 500 == 0 { #expect(store.setPolicy(Self.policies[number / 500 % Self.policies.count])) }
        }
        for policy in Self.policies {
            #expect(store.setPolicy(policy))
            #expect(store.isSound)
            for number in 0..<10_000 { #expect(store.get(bytes("key:\(number)"))?.value == bytes("\(number)")) }
        }
        #expect(store.count == 10_000)
        #expect(!store.setPolicy("allkeys-best"))
    }

    @Test(arguments: expiring)
    func volatilePolicyTakesOnlyKeysWithAnExpiryAndRefusesWithoutOne(policy: String) {
        let store = Store(shards: 4, limit: 4 << 20, policy: policy)
        let value = [UInt8](repeating: 1, count: 500)
        for number in 0..<3000 { #expect(store.put(bytes("kept:\(number)"), .init(value: value)) == RD_OK) }
        for number in 0..<10_000 {
            #expect(store.put(bytes("expiring:\(number)"), .init(value: value, expiry: 100)) == RD_OK)
        }
        #expect(store.evicted > 0)
        for number in 0..<3000 { #expect(store.get(bytes("kept:\(number)")) != nil) }
        var number = 3000
        while number < 20_000 && store.put(bytes("kept:\(number)"), .init(value: value)) == RD_OK { number += 1 }
        #expect(number < 20_000)
        #expect(store.used <= 4 << 20 + 64 << 10)
        #expect(store.isSound)
    }

    @Test func soonestToExpireGoesFirstUnderVolatileTTL() {
        let store = Store(shards: 1, limit: 4 << 20, policy: "volatile-ttl")
        let value = [UInt8](repeating: 1, count: 500)
        for number in 0..<20_000 {
            let expiry: Int64 = number % 2 == 0 ? 10_000_000 : 1_000_000_000
            _ = store.put(bytes("key:\(number)"), .init(value: value, expiry: expiry))
        }
        let soon = (0..<10_000).count { store.get(bytes("key:\($0 * 2)")) != nil }
        let late = (0..<10_000).count { store.get(bytes("key:\($0 * 2 + 1)")) != nil }
        #expect(late > soon * 5) // it samples
    }

    /// Limits and policies that change while a model looks on; what is too much goes in slices.
    @Test(arguments: [1, 16] as [UInt32])
    func agreesWithAModelWhileLimitsAndPoliciesChange(shards: UInt32) {
        let store = Store(shards: shards, limit: 8 << 20, seed: 23)
        var model = StoreModel(store: store, keys: StoreModel.keys(2000), seed: 7, mayForget: true)
        for round in 0..<20 {
            #expect(store.setPolicy(Self.policies[round % Self.policies.count]))
            let limit: UInt64 = [8, 2, 4, 1][round % 4] << 20
            store.setLimit(limit)
            for step in 0..<600 {
                model.step()
                if step % 20 == 0 { _ = store.relieve() }
            }
            #expect(store.isSound)
            model.compareAll()
        }
        store.setLimit(1 << 20)
        #expect(store.setPolicy("allkeys-lru"))
        while store.relieve() {}
        #expect(store.used <= 1 << 20 + 32 << 10)
        #expect(store.isSound)
    }

    /// Addresses run out where memory would: each write then is refused, or works, and nothing is lost or leaks.
    @Test func storeWithoutMemoryRefusesAndGoesOn() {
        let store = Store(shards: 2, seed: 29, reserve: 64 << 20)
        let value = [UInt8](repeating: 1, count: 800)
        var stored = 0
        while store.put(bytes("fill:\(stored)"), .init(value: value)) == RD_OK && stored < 200_000 { stored += 1 }
        #expect(stored > 50_000 && stored < 200_000)
        var model = StoreModel(store: store, keys: StoreModel.keys(1500), seed: 8, mayForget: true)
        for _ in 0..<20 {
            for _ in 0..<400 { model.step() }
            #expect(store.isSound)
        }
        #expect(model.refusals > 0)
        for number in 0..<stored { #expect(store.get(bytes("fill:\(number)"))?.value == value) }
        for number in 0..<stored { #expect(store.remove(bytes("fill:\(number)"))) }
        #expect(store.put(bytes("again"), .init(value: value)) == RD_OK)
        _ = store.clear()
        #expect(store.isSound)
        #expect(store.statistics().memory_values == 0)
    }
}
