import CHotProbe
import CRedistillHot
import Testing

@Suite struct StoreTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func agreesWithAPlainModelUnderRandomOperations(seed: UInt64) {
        let store = Store(shards: seed.isMultiple(of: 2) ? 1 : 8, seed: seed)
        var model = StoreModel(store: store, keys: StoreModel.keys(300), seed: seed)
        for _ in 0..<8 {
            for _ in 0..<1500 { model.step() }
            model.compareAll()
        }
        #expect(store.count > 50)
        model.clear()
        #expect(store.isSound)
        for _ in 0..<500 { model.step() }
        model.compareAll()
    }

    @Test func agreesWithAPlainModelWhenShared() {
        let store = Store(shards: 16, shared: true, seed: 9)
        var model = StoreModel(store: store, keys: StoreModel.keys(300), seed: 9)
        for _ in 0..<4000 { model.step() }
        model.compareAll()
        #expect(store.count > 50)
    }

    @Test func emptyStoreGivesItsMemoryBack() {
        let store = Store(shards: 2)
        let before = store.used
        for number in 0..<20_000 { _ = store.put(bytes("key:\(number)"), .init(value: Array(repeating: 1, count: number % 2000))) }
        #expect(store.used > before)
        for number in 0..<20_000 { #expect(store.remove(bytes("key:\(number)"))) }
        #expect(store.count == 0)
        #expect(store.isSound)
        #expect(store.statistics().memory_arena == 0)
        #expect(store.statistics().memory_values == 0)
        #expect(store.used <= before + 64 * 1024)
    }

    @Test func clearedStoreIsAsNew() {
        let store = Store(shards: 4)
        let before = store.used
        for number in 0..<20_000 {
            _ = store.put(bytes("key:\(number)"), .init(value: Array(repeating: 1, count: number % 1500), expiry: 5))
        }
        #expect(store.clear() == 20_000)
        #expect(store.count == 0)
        #expect(store.isSound)
        #expect(store.used == before)
        #expect(store.get(bytes("key:1")) == nil)
        #expect(store.put(bytes("key:1"), .init(value: bytes("v"))) == RD_OK)
        #expect(store.get(bytes("key:1")) == .init(value: bytes("v")))
    }

    @Test func storeOfOneShardAndOfTheMostShardsFindsItsKeys() {
        for shards: UInt32 in [1, 2, 65_536] {
            let store = Store(shards: shards)
            for number in 0..<1000 { #expect(store.put(bytes("\(number)"), .init(value: bytes("\(number)"))) == RD_OK) }
            for number in 0..<1000 { #expect(store.get(bytes("\(number)")) == .init(value: bytes("\(number)"))) }
            #expect(store.count == 1000)
            #expect(store.isSound)
        }
    }

    @Test func feedingKeepsTwoChunksReadyAndReplacesThoseThatCameIntoUse() {
        let store = Store(), used = store.used
        #expect(store.feed() && store.feed() && !store.feed())
        #expect(store.used == used && store.isSound)
        var number = 0
        while store.used < used + 5 << 20 {
            #expect(store.put(bytes("\(number)"), .init(value: Array(repeating: 1, count: 500))) == RD_OK)
            number += 1
        }
        #expect(store.feed())
        #expect(store.isSound)
        for earlier in 0..<number { #expect(store.get(bytes("\(earlier)"))?.value.count == 500) }
        #expect(store.clear() == number && store.isSound)
    }

    @Test func feedingStopsWhereTheAddressesEnd() {
        let store = Store(reserve: 64 << 20)
        while store.feed() {}
        var number = 0
        while store.put(bytes("\(number)"), .init(value: Array(repeating: 1, count: 500))) == RD_OK {
            number += 1
            if number % 1000 == 0 { _ = store.feed() }
        }
        #expect(!store.feed() && store.isSound && store.count == number)
    }

    @Test(arguments: [(1, 1), (1, 4), (8, 4), (256, 4)] as [(UInt32, UInt32)])
    func threadsThatShareAStoreLoseNoUpdateAndSeeNoTornValue(shards: UInt32, threads: UInt32) {
        let store = Store(shards: shards, shared: true)
        #expect(probe_store_hammer(store.handle, threads, 20_000, 42))
        #expect(store.isSound)
        #expect(store.count > 16)
    }
}
