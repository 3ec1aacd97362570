import CRedistillHot
import Testing

@Suite struct TableTests {
    let store = Store(shards: 2)

    @Test func growsToManyKeysAndShrinksAgain() {
        let most = 120_000, initial = store.buckets
        for number in 0..<most { #expect(store.put(bytes("key:\(number)"), .init(value: bytes("\(number)"))) == RD_OK) }
        #expect(store.count == most)
        #expect(store.buckets > most / 12)
        #expect(store.isSound)
        for number in 0..<most { #expect(store.get(bytes("key:\(number)")) == .init(value: bytes("\(number)"))) }
        for number in 0..<most where number % 10 != 0 { #expect(store.remove(bytes("key:\(number)"))) }
        #expect(store.isSound)
        for number in stride(from: 0, to: most, by: 10) {
            #expect(store.get(bytes("key:\(number)")) == .init(value: bytes("\(number)")))
        }
        for number in stride(from: 0, to: most, by: 10) { #expect(store.remove(bytes("key:\(number)"))) }
        #expect(store.count == 0)
        #expect(store.isSound)
        #expect(store.buckets < 4 * initial)
    }

    /// Overflow buckets come and go most often around the load at which the table grows.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func keepsEveryKeyWhileItIsFullAndKeysComeAndGo(seed: UInt64) {
        var random = SeededRandom(seed: seed), present: Set<Int> = []
        let store = Store(shards: 1, seed: seed)
        for round in 0..<40_000 {
            let number = random.below(1500)
            if present.contains(number) {
                #expect(store.remove(bytes("\(number)")))
                present.remove(number)
            } else {
                #expect(store.put(bytes("\(number)"), .init(value: [])) == RD_OK)
                present.insert(number)
            }
            if round % 2000 == 0 { #expect(store.isSound) }
        }
        for number in 0..<1500 { #expect((store.get(bytes("\(number)")) != nil) == present.contains(number)) }
        #expect(store.isSound)
    }

    /// The promise of SCAN, with a store that grows and shrinks between its steps.
    @Test(arguments: [(0, 40_000), (40_000, 0), (5000, 5000)])
    func scanReturnsEveryKeyThatStaysWhileTheTableGrowsAndShrinks(first: Int, last: Int) {
        let staying = (0..<3000).map { bytes("stays:\($0)") }
        for key in staying { _ = store.put(key, .init(value: [])) }
        for number in 0..<first { _ = store.put(bytes("goes:\(number)"), .init(value: [])) }
        var seen: Set<[UInt8]> = [], cursor: UInt64 = 0, other = first, steps = 0, random = SeededRandom(seed: 11)
        let bucketsBefore = store.buckets
        repeat {
            cursor = store.scan(cursor) { seen.insert($0) }
            steps += 1
            for _ in 0..<30 {
                if random.below(4) == 0 ? last <= other : last > other {
                    _ = store.put(bytes("goes:\(other)"), .init(value: []))
                    other += 1
                } else if other > 0 {
                    other -= 1
                    _ = store.remove(bytes("goes:\(other)"))
                }
            }
        } while cursor != 0 && steps < 1_000_000
        #expect(cursor == 0)
        #expect(first == last || store.buckets != bucketsBefore)
        #expect(staying.allSatisfy(seen.contains))
        #expect(store.isSound)
    }

    /// The promise of KEYS, which gives the lock back between steps: without what a merge brought back, each comes once.
    @Test func keyWhosePlaceWasNotPassedYetComesOnceWhenTheTableShrinks() {
        let staying = (0..<3000).map { bytes("stays:\($0)") }, going = (0..<40_000).map { bytes("goes:\($0)") }
        for key in staying { _ = store.put(key, .init(value: [])) }
        var twice = 0
        for shrinksAfter in [51, 153, 333, 777] {
            for key in going { _ = store.put(key, .init(value: [])) }
            var came: [[UInt8]: Int] = [:], anew: [[UInt8]: Int] = [:], cursor: UInt64 = 0, steps = 0
            repeat {
                let start = cursor
                cursor = store.scan(start) { key in
                    came[key, default: 0] += 1
                    if !store.hasPassed(start, key) { anew[key, default: 0] += 1 }
                }
                steps += 1
                if steps == shrinksAfter { for key in going { _ = store.remove(key) } }
            } while cursor != 0
            twice += staying.count { came[$0]! > 1 }
            #expect(staying.allSatisfy { anew[$0] == 1 })
        }
        #expect(twice > 0, "nothing that was passed was merged with what was next")
    }

    @Test func scanOfAStillStoreReturnsEachKeyOnce() {
        for number in 0..<10_000 { _ = store.put(bytes("\(number)"), .init(value: [])) }
        let keys = store.allKeys()
        #expect(keys.count == 10_000)
        #expect(Set(keys).count == 10_000)
    }

    @Test func scanTakesAnyCursorThatAClientMaySend() {
        for number in 0..<1000 { _ = store.put(bytes("\(number)"), .init(value: [])) }
        var random = SeededRandom(seed: 12)
        for _ in 0..<10_000 {
            let start = random.next() & 0x1_ffff_ffff
            var cursor = start, steps = 0
            repeat { cursor = store.scan(cursor) { _ in }; steps += 1 } while cursor != 0 && steps < 10
            #expect(cursor == 0 || cursor != start)
        }
    }
}
