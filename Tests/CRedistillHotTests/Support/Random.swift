/// SplitMix64: a test that fails says its seed, and runs the same again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// So many bytes that repeat only after a prime number of them: a shifted copy never looks right.
    mutating func bytes(_ count: Int) -> [UInt8] {
        let salt = UInt8(truncatingIfNeeded: next())
        // Swift writes the count of its one shared empty array here, which ThreadSanitizer calls a race.
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: index % 251) &+ salt }
            initialized = count
        }
    }
}
