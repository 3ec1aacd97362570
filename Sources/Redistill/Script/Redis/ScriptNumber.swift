/// Numbers as commands get them.
enum ScriptNumber {
    /// A whole number in digits, any other as short as it can be read back: Redis's fpconv.
    static func text(_ value: Double) -> [UInt8] {
        if value >= -0x1p62, value <= 0x1p62, value.rounded(.towardZero) == value {
            return Array(String(Int(value)).utf8)
        }
        return shortest(value)
    }

    /// As short as it can be read back.
    static func shortest(_ value: Double) -> [UInt8] {
        let sign: [UInt8] = value.sign == .minus ? [45] : []
        if value.isNaN { return sign + Array("nan".utf8) }
        if value.isInfinite { return sign + Array("inf".utf8) }
        if value == 0 { return sign + [48] }
        let (digits, exponent) = decimal(value.magnitude)
        let scale = exponent - digits.count + 1
        if scale >= 0, exponent < digits.count + 7 {
            return sign + digits + [UInt8](repeating: 48, count: scale)
        }
        if scale < 0, scale > -7 || exponent.magnitude < 4 {
            let point = digits.count + scale
            if point <= 0 { return sign + [48, 46] + [UInt8](repeating: 48, count: -point) + digits }
            return sign + digits[..<point] + [46] + digits[point...]
        }
        var text = sign + [digits[0]]
        if digits.count > 1 { text += [46] + digits[1...] }
        return text + [101, exponent < 0 ? 45 : 43] + Array(String(exponent.magnitude).utf8)
    }

    /// The digits without zeros around them, and the power of ten of the first.
    private static func decimal(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        let parts = value.description.split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = Array(mantissa[0].utf8)
        exponent += digits.count - 1
        if mantissa.count > 1 { digits += Array(mantissa[1].utf8) }
        while digits.count > 1, digits.last == 48 { digits.removeLast() }
        while digits.count > 1, digits.first == 48 {
            digits.removeFirst()
            exponent -= 1
        }
        return (digits, exponent)
    }
}
