/// SHA-1, by which scripts are known.
package enum ScriptDigest {
    /// Forty hexadecimal digits.
    package static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var state: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
            0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
        )
        var rest = Array(bytes[(bytes.count & ~63)...])
        for block in stride(from: 0, to: bytes.count & ~63, by: 64) {
            mix(UnsafeBufferPointer(rebasing: bytes[block..<(block + 64)]), &state)
        }
        rest.append(0x80)
        while rest.count % 64 != 56 { rest.append(0) }
        let bits = UInt64(bytes.count) * 8
        for index in (0..<8).reversed() { rest.append(UInt8(truncatingIfNeeded: bits >> (8 * UInt64(index)))) }
        rest.withUnsafeBufferPointer { buffer in
            for block in stride(from: 0, to: buffer.count, by: 64) {
                mix(UnsafeBufferPointer(rebasing: buffer[block..<(block + 64)]), &state)
            }
        }
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for word in [state.0, state.1, state.2, state.3, state.4] {
            for shift in stride(from: UInt32(28), through: 0, by: -4) {
                let digit = Int((word >> shift) & 15)
                text.append(digits[digit])
            }
        }
        return text
    }

    private static func mix(
        _ block: UnsafeBufferPointer<UInt8>, _ state: inout (UInt32, UInt32, UInt32, UInt32, UInt32)
    ) {
        func rotate(_ x: UInt32, _ by: UInt32) -> UInt32 { x << by | x >> (32 - by) }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { w in
            for t in 0..<16 {
                var word: UInt32 = 0
                for byte in 0..<4 { word = (word << 8) | UInt32(block[4 * t + byte]) }
                w[t] = word
            }
            for t in 16..<80 { w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1) }
            var (a, b, c, d, e) = state
            for t in 0..<80 {
                let (f, k): (UInt32, UInt32) =
                    switch t {
                    case ..<20: (b & c | ~b & d, 0x5A82_7999)
                    case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                    case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = rotate(a, 5) &+ f &+ e &+ k &+ w[t]
                (e, d, c, b, a) = (d, c, rotate(b, 30), a, next)
            }
            state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
        }
    }
}
