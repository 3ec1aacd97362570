import CRedistillHot
import Testing

@Suite struct ExpireTests {
    let store = Store(shards: 2)

    @Test func keyIsThereUntilItsTimeAndNotAtIt() {
        _ = store.put(bytes("key"), .init(value: bytes("v"), expiry: 100))
        #expect(store.get(bytes("key"), now: 99) == .init(value: bytes("v"), expiry: 100))
        #expect(store.get(bytes("key"), now: 100) == nil)
        #expect(store.count == 0)
        #expect(store.statistics().expired == 1)
        #expect(store.isSound)
    }

    @Test func expiredKeyIsAnewForEveryWriter() {
        _ = store.put(bytes("key"), .init(value: bytes("old"), expiry: 100))
        #expect(store.append(bytes("key"), bytes("x"), now: 100) == RD_ERR_INVALID)
        _ = store.put(bytes("key"), .init(value: bytes("old"), expiry: 100))
        #expect(store.setExpiry(bytes("key"), 500, now: 100) == RD_ERR_INVALID)
        _ = store.put(bytes("key"), .init(value: bytes("old"), expiry: 100))
        #expect(!store.remove(bytes("key"), now: 100))
        #expect(store.put(bytes("key"), .init(value: bytes("new")), now: 100) == RD_OK)
        #expect(store.get(bytes("key"), now: 1_000_000) == .init(value: bytes("new")))
    }

    @Test func sweepTakesExactlyTheDead() {
        for number in 0..<30_000 {
            let expiry: Int64 = number % 3 == 0 ? 0 : number % 3 == 1 ? 100 : 200
            _ = store.put(bytes("key:\(number)"), .init(value: [1], expiry: expiry))
        }
        #expect(store.sweep(now: 99) == 0)
        var removed = 0, passes = 0
        while store.count > 20_000 && passes < 10 {
            removed += store.sweep(now: 100)
            passes += 1
            #expect(store.isSound)
        }
        #expect(removed == 10_000)
        #expect(store.statistics().expired == 10_000)
        for number in 0..<30_000 { #expect((store.get(bytes("key:\(number)")) == nil) == (number % 3 == 1)) }
        while store.count > 10_000 { #expect(store.sweep(now: 1_000_000) > 0) }
        #expect(store.statistics().keys_with_ttl == 0)
        #expect(store.isSound)
    }

    @Test func averageTimeToLiveIsOfTheKeysThatHaveOne() {
        _ = store.put(bytes("a"), .init(value: [], expiry: 1100))
        _ = store.put(bytes("b"), .init(value: [], expiry: 1300))
        _ = store.put(bytes("c"), .init(value: []))
        let statistics = store.statistics(now: 1000)
        #expect(statistics.keys_with_ttl == 2)
        #expect(statistics.ttl_sum_ms == 400)
    }
}
