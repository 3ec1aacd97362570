import CRedistillHot
import Foundation
import Testing

/// A store beside a plain dictionary while everything changes that can: limits, policies, the clock, where things lie.
@Suite struct StoreModelTests {
    /// REDISTILL_SEEDS=1000-2000 asks for more.
    static let seeds: [UInt64] = {
        let wanted = ProcessInfo.processInfo.environment["REDISTILL_SEEDS"] ?? "1-12"
        let bounds = wanted.split(separator: "-").compactMap { UInt64($0) }
        return bounds.count == 2 && bounds[0] <= bounds[1] ? Array(bounds[0]...bounds[1]) : []
    }()

    @Test(arguments: seeds)
    func agreesWithAModelThroughLimitsPoliciesClocksAndMoves(seed: UInt64) {
        var random = SeededRandom(seed: seed &* 77)
        let store = Store(shards: [1, 4, 16][random.below(3)], shared: random.below(2) == 0, seed: seed)
        var model = StoreModel(store: store, keys: StoreModel.keys(500 + random.below(1500)), seed: seed, mayForget: true)
        for _ in 0..<12 {
            let policy = EvictTests.policies[random.below(EvictTests.policies.count)], limit = UInt64(random.below(6)) << 20
            #expect(store.setPolicy(policy))
            store.setLimit(limit)
            for _ in 0..<300 {
                model.step()
                if random.below(4) == 0 { model.disturb() }
            }
            model.compareAll()
            model.releaseAll()
            while store.relieve() {}
            #expect(store.isSound)
            if limit > 0 && policy.hasPrefix("allkeys") { #expect(store.used <= limit + limit / 16) }
        }
        #expect(model.refusals > 0 || store.evicted > 0)
        model.clear()
        #expect(store.isSound)
        #expect(store.statistics().memory_values == 0)
    }

    /// Without a limit nothing is forgotten but what has expired at some time.
    @Test(arguments: seeds)
    func clockThatJumpsLosesNothingThatHasNotExpired(seed: UInt64) {
        let store = Store(shards: seed.isMultiple(of: 2) ? 1 : 8, seed: seed)
        var model = StoreModel(store: store, keys: StoreModel.keys(300), seed: seed)
        for _ in 0..<4 {
            for step in 0..<800 {
                model.step()
                if step % 5 == 0 { model.disturb() }
            }
            model.compareAll()
        }
        model.releaseAll()
        #expect(store.count > 20 && store.isSound)
    }
}
