internal import Glibc

/// Numbers and their spellings.
enum LuaNumber {
    /// What the string spells, or nil: spaces around, hexadecimal, `inf` and `nan` as strtod has them.
    static func parse(_ text: LuaString) -> Double? {
        let bytes = text.bytes
        if let simple = parseDigits(bytes) { return simple }
        return parse(terminated: bytes.start)
    }

    /// Up to fifteen digits and nothing else.
    private static func parseDigits(_ bytes: LuaBytes) -> Double? {
        guard bytes.count > 0, bytes.count <= 15 else { return nil }
        var value = 0
        for index in 0..<bytes.count {
            let digit = bytes.start[index] &- 48
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return Double(value)
    }

    /// - Parameter start: Bytes with a zero behind them.
    static func parse(terminated start: UnsafePointer<UInt8>) -> Double? {
        start.withMemoryRebound(to: CChar.self, capacity: 1) { text in
            var end: UnsafeMutablePointer<CChar>?
            var value = strtod(text, &end)
            guard var rest = end, rest != UnsafeMutablePointer(mutating: text) else { return nil }
            if rest.pointee == 120 || rest.pointee == 88 {
                value = Double(strtoul(text, &end, 16))
                rest = end ?? rest
            }
            while LuaCharacter.isSpace(UInt8(bitPattern: rest.pointee)) { rest += 1 }
            return rest.pointee == 0 ? value : nil
        }
    }

    /// Writes as `%.14g` does and says how many bytes.
    static func write(_ value: Double, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if value.magnitude < 1e14, value == value.rounded(.towardZero), !(value == 0 && value.sign == .minus) {
            return write(Int(value), to: target)
        }
        return format("%.14g", to: target, capacity: 64, value)
    }

    /// Room for any number that `write` writes.
    static let room = 64

    /// Decimal digits of a whole number.
    static func write(_ value: Int, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var magnitude = value.magnitude
        var digits = 0
        var rest = magnitude
        repeat {
            digits += 1
            rest /= 10
        } while rest != 0
        let length = digits + (value < 0 ? 1 : 0)
        var at = length
        repeat {
            at -= 1
            target[at] = 48 + UInt8(magnitude % 10)
            magnitude /= 10
        } while magnitude != 0
        if value < 0 { target[0] = 45 }
        return length
    }

    /// C's snprintf with one argument, cut to `capacity` less one.
    static func format(
        _ format: UnsafePointer<CChar>, to target: UnsafeMutablePointer<UInt8>, capacity: Int, _ argument: any CVarArg
    ) -> Int {
        target.withMemoryRebound(to: CChar.self, capacity: capacity) { text in
            let length = withVaList([argument]) { vsnprintf(text, capacity, format, $0) }
            return min(max(0, Int(length)), capacity - 1)
        }
    }

    static func text(_ value: Double) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
            guard let start = buffer.baseAddress else { return [] }
            return Array(buffer[..<write(value, to: start)])
        }
    }

    static func string(_ value: Double, in heap: LuaHeap) -> LuaString {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
            let count = buffer.baseAddress.map { write(value, to: $0) } ?? 0
            return LuaString.make(UnsafeBufferPointer(rebasing: buffer[..<count]), in: heap)
        }
    }

    /// As C's conversion on this processor: towards zero, and the smallest number for what does not fit.
    @inline(__always)
    static func integer(_ value: Double) -> Int {
        value >= -0x1p63 && value < 0x1p63 ? Int(value) : Int.min
    }

    /// The same for 32 bits.
    static func integer32(_ value: Double) -> Int32 {
        value > -2147483649.0 && value < 2147483648.0 ? Int32(value) : Int32.min
    }

    /// The whole number that an index is, if it is one.
    @inline(__always)
    static func index(_ value: Double) -> Int? {
        guard value >= -2147483648.0, value <= 2147483647.0 else { return nil }
        let whole = Int(value)
        return Double(whole) == value ? whole : nil
    }

    /// `a % b` with the sign of `b`.
    @inline(__always)
    static func modulo(_ a: Double, _ b: Double) -> Double {
        a - (a / b).rounded(.down) * b
    }
}
