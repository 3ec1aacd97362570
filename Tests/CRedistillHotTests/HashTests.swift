import CHotProbe
import Testing

@Suite struct HashTests {
    /// From the reference implementation with the key 00 01 .. 0f, for the inputs "", 00, 00 01, ... (SipHash-1-3).
    @Test func agreesWithAPlainSipHashForEveryLength() {
        var random = SeededRandom(seed: 1)
        for length in 0..<200 {
            let message = random.bytes(length), k0 = random.next(), k1 = random.next()
            #expect(withSlice(message) { probe_hash(k0, k1, $0) } == sipHash13(message, k0, k1))
        }
    }

    @Test func everyBitOfTheKeyMatters() {
        let message = bytes("a key")
        let plain = withSlice(message) { probe_hash(1, 2, $0) }
        for bit in 0..<64 {
            #expect(withSlice(message) { probe_hash(1 ^ 1 << bit, 2, $0) } != plain)
            #expect(withSlice(message) { probe_hash(1, 2 ^ 1 << bit, $0) } != plain)
        }
    }

    @Test func neverReadsPastTheEnd() {
        let guarded = probe_guard_new(64)
        defer { probe_guard_free(guarded) }
        for length in 0...64 {
            let message = [UInt8](repeating: 7, count: length)
            let placed = withSlice(message) { probe_guard_place(guarded, $0.bytes, $0.length) }
            let there = withSlice(message) { probe_hash(1, 2, $0) }
            #expect(probe_hash(1, 2, .init(bytes: placed, length: length)) == there)
        }
    }

    /// Aumasson and Bernstein's definition, word for word, one compression and three final rounds.
    private func sipHash13(_ message: [UInt8], _ k0: UInt64, _ k1: UInt64) -> UInt64 {
        var v0 = k0 ^ 0x736f_6d65_7073_6575, v1 = k1 ^ 0x646f_7261_6e64_6f6d
        var v2 = k0 ^ 0x6c79_6765_6e65_7261, v3 = k1 ^ 0x7465_6462_7974_6573
        func rotate(_ x: UInt64, _ bits: UInt64) -> UInt64 { x << bits | x >> (64 - bits) }
        func round() {
            v0 &+= v1; v1 = rotate(v1, 13); v1 ^= v0; v0 = rotate(v0, 32)
            v2 &+= v3; v3 = rotate(v3, 16); v3 ^= v2
            v0 &+= v3; v3 = rotate(v3, 21); v3 ^= v0
            v2 &+= v1; v1 = rotate(v1, 17); v1 ^= v2; v2 = rotate(v2, 32)
        }
        var padded = message + Array(repeating: 0, count: 7 - message.count % 8)
        padded.append(UInt8(truncatingIfNeeded: message.count))
        for start in stride(from: 0, to: padded.count, by: 8) {
            let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(padded[start + $1]) << (8 * UInt64($1)) }
            v3 ^= word
            round()
            v0 ^= word
        }
        v2 ^= 0xff
        for _ in 0..<3 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }
}
