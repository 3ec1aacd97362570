/// The SHA-1 by which clients name a script, as a key of dictionaries.
struct ScriptKey: Hashable, Sendable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt32

    /// From forty hexadecimal digits of either case; nil for anything else.
    init?(hexadecimal digits: UnsafeBufferPointer<UInt8>) {
        guard digits.count == 40 else { return nil }
        var isValid = true
        first = ScriptKey.word(digits, 0..<16, &isValid)
        second = ScriptKey.word(digits, 16..<32, &isValid)
        third = UInt32(truncatingIfNeeded: ScriptKey.word(digits, 32..<40, &isValid))
        if !isValid { return nil }
    }

    private static func word(
        _ digits: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ isValid: inout Bool
    ) -> UInt64 {
        var word: UInt64 = 0
        for index in range {
            let number = digits[index] &- 48
            let letter = (digits[index] | 32) &- 97
            isValid = isValid && (number < 10 || letter < 6)
            word = word << 4 | UInt64(number < 10 ? number : letter &+ 10)
        }
        return word
    }

    /// SHA-1 is as good as a hash of it.
    func hash(into hasher: inout Hasher) {
        hasher.combine(first)
    }
}
