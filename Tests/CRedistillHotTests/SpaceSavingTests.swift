import CHotProbe
import CRedistillHot
import Testing

/// The heaviest keys of a stream, in a fixed number of counters.
@Suite struct SpaceSavingTests {
    final class Summary {
        let handle: OpaquePointer
        init(_ capacity: UInt32) throws { handle = try #require(probe_space_saving_new(capacity)) }
        deinit { probe_space_saving_free(handle) }

        func add(_ key: [UInt8], _ weight: UInt64 = 1) { withSlice(key) { probe_space_saving_add(handle, $0, weight) } }
        var isSound: Bool { probe_space_saving_check(handle) }
        var used: UInt32 { probe_space_saving_used(handle) }

        /// What each key that has a counter weighs, within its bounds.
        var bounds: [[UInt8]: ClosedRange<UInt64>] {
            var bounds: [[UInt8]: ClosedRange<UInt64>] = [:]
            for number in 0..<used {
                let range = probe_space_saving_least(handle, number)...probe_space_saving_most(handle, number)
                bounds[bytes(of: probe_space_saving_key(handle, number))] = range
            }
            return bounds
        }
    }

    @Test func allIsExactWhileEachKeyHasACounter() throws {
        let summary = try Summary(10)
        for weight in 1...10 { for _ in 0..<3 { summary.add(bytes("key \(weight)"), UInt64(weight)) } }
        #expect(summary.isSound && summary.used == 10)
        for weight in 1...10 as ClosedRange<UInt64> {
            #expect(summary.bounds[bytes("key \(weight)")] == 3 * weight...3 * weight)
        }
    }

    /// Whatever weighs more than its share has a counter, and each counter's bounds hold.
    @Test(arguments: [1, 2, 7, 100, 640] as [UInt32])
    func heavyKeysAreKeptWithinTheirBounds(capacity: UInt32) throws {
        let summary = try Summary(capacity)
        var random = SeededRandom(seed: UInt64(capacity)), weights: [[UInt8]: UInt64] = [:], total: UInt64 = 0
        for step in 0..<40_000 {
            // Some keys come often, most of them seldom, and those of the tail are always others.
            let key = bytes(random.below(3) == 0 ? "tail \(step)" : "key \(random.below(1 + random.below(2_000)))")
            let weight = UInt64(random.below(20))
            summary.add(key, weight)
            weights[key, default: 0] += weight
            total += weight
            if step % 1_000 == 0 { #expect(summary.isSound, "at \(step)") }
        }
        let bounds = summary.bounds
        #expect(bounds.count == capacity)
        for (key, bounds) in bounds { #expect(bounds.contains(try #require(weights[key])), "\(text(key))") }
        for (key, weight) in weights where weight > total / UInt64(capacity) { #expect(bounds[key] != nil, "\(text(key))") }
    }

    @Test func ofALongKeyTheBeginningAndTheLengthAreKept() throws {
        let summary = try Summary(2)
        let long = [UInt8](repeating: 0x61, count: 5_000)
        for key in [[], long, bytes("short"), long] { summary.add(key) }
        #expect(summary.isSound)
        let number = try #require((0..<summary.used).first { probe_space_saving_length(summary.handle, $0) == 5_000 })
        #expect(bytes(of: probe_space_saving_key(summary.handle, number)) == Array(long.prefix(1_024)))
    }
}
