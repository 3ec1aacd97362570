/// The SHA-1 by which clients name a script, as a key of dictionaries.
struct ScriptKey: Hashable, Sendable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt32

    /// From forty hexadecimal digits of either case; nil for anything else.
    init?(hexadecimal digits: UnsafeBufferPointer<UInt8>) {
        guard digits.count == 40 else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        for index in 0..<40 {
            guard let digit = ScriptKey.value(of: digits[index]) else { return nil }
            switch index {
            case ..<16: words.0 = words.0 << 4 | digit
            case ..<32: words.1 = words.1 << 4 | digit
            default: words.2 = words.2 << 4 | digit
            }
        }
        first = words.0
        second = words.1
        third = UInt32(words.2)
    }

    private static func value(of digit: UInt8) -> UInt64? {
        switch digit {
        case 48...57: UInt64(digit - 48)
        case 97...102: UInt64(digit - 87)
        case 65...70: UInt64(digit - 55)
        default: nil
        }
    }

    /// SHA-1 is as good as a hash of it.
    func hash(into hasher: inout Hasher) {
        hasher.combine(first)
    }
}
