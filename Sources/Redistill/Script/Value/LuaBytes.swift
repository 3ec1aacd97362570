/// The bytes of a string that somebody holds, for reading. Outside of them there are zeros, as behind a C string.
struct LuaBytes {
    let start: UnsafePointer<UInt8>
    let count: Int

    @inline(__always)
    subscript(index: Int) -> UInt8 {
        UInt(bitPattern: index) < UInt(bitPattern: count) ? start[index] : 0
    }

    /// The same as a collection.
    var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

    /// The part from `lower` up to `upper`, cut to what is there.
    func slice(_ lower: Int, _ upper: Int) -> UnsafeBufferPointer<UInt8> {
        let from = max(0, min(lower, count))
        let to = max(from, min(upper, count))
        return UnsafeBufferPointer(start: start + from, count: to - from)
    }

    /// Up to the first zero.
    var untilZero: UnsafeBufferPointer<UInt8> {
        var end = 0
        while end < count, start[end] != 0 { end += 1 }
        return UnsafeBufferPointer(start: start, count: end)
    }
}

/// What the C locale says of characters.
enum LuaCharacter {
    static func isDigit(_ c: UInt8) -> Bool { c &- 48 < 10 }
    static func isUpper(_ c: UInt8) -> Bool { c &- 65 < 26 }
    static func isLower(_ c: UInt8) -> Bool { c &- 97 < 26 }
    static func isLetter(_ c: UInt8) -> Bool { (c | 32) &- 97 < 26 }
    static func isAlphanumeric(_ c: UInt8) -> Bool { isLetter(c) || isDigit(c) }
    static func isSpace(_ c: UInt8) -> Bool { c == 32 || c &- 9 < 5 }
    static func isControl(_ c: UInt8) -> Bool { c < 32 || c == 127 }
    static func isPunctuation(_ c: UInt8) -> Bool { c > 32 && c < 127 && !isAlphanumeric(c) }
    static func isHexadecimal(_ c: UInt8) -> Bool { isDigit(c) || (c | 32) &- 97 < 6 }
    static func lower(_ c: UInt8) -> UInt8 { isUpper(c) ? c + 32 : c }
    static func upper(_ c: UInt8) -> UInt8 { isLower(c) ? c - 32 : c }

    /// The value of a digit in bases up to 36.
    static func digit(_ c: UInt8) -> Int? {
        if isDigit(c) { return Int(c) - 48 }
        return isLetter(c) ? Int(c | 32) - 97 + 10 : nil
    }
}
