/// The library `struct`: values as the bytes of C's structures.
enum LuaStruct {
    static func install(in machine: LuaMachine) {
        machine.library("struct", [("pack", pack), ("unpack", unpack), ("size", size)])
    }

    static func pack(_ call: LuaCall) throws(LuaError) -> Int {
        var format = LuaStructFormat(call, try call.string(1).bytes)
        var packed: [UInt8] = []
        var argument = 2
        while let item = try format.next(at: packed.count) {
            try checkArgument(call, argument, item.letter)
            packed += [UInt8](repeating: 0, count: item.padding)
            switch item.letter {
            case 98, 66, 104, 72, 108, 76, 84, 105, 73: // b B h H l L T i I
                packed += format.bytes(of: try call.number(argument), item.size)
                argument += 1
            case 120: packed.append(0)
            case 102: // f
                packed += format.ordered(Float(try call.number(argument)).bitPattern, 4)
                argument += 1
            case 100: // d
                packed += format.ordered(try call.number(argument).bitPattern, 8)
                argument += 1
            case 99, 115: // c s
                let text = try call.string(argument)
                argument += 1
                let count = item.size == 0 ? text.count : item.size
                guard text.count >= count else { throw call.argumentError(argument, "string too short") }
                packed += text.bytes.slice(0, count)
                if item.letter == 115 { packed.append(0) }
            default: try format.control(item.letter)
            }
            try call.machine.spend(1)
        }
        return try call.result(packed)
    }

    /// Behind the arguments Redis's own has a nil.
    private static func checkArgument(_ call: LuaCall, _ index: Int, _ letter: UInt8) throws(LuaError) {
        guard index > call.count else { return }
        switch letter {
        case 98, 66, 104, 72, 108, 76, 84, 105, 73, 102, 100:
            throw call.argumentError(index, "number expected, got nil")
        case 99, 115: throw call.argumentError(index, "string expected, got nil")
        default: return
        }
    }

    static func unpack(_ call: LuaCall) throws(LuaError) -> Int {
        var format = LuaStructFormat(call, try call.string(1).bytes)
        let data = try call.string(2).bytes
        var position = try call.integer(3, or: 1)
        guard position > 0 else { throw call.argumentError(3, "offset must be 1 or greater") }
        position -= 1
        var results = 0
        while let item = try format.next(at: position) {
            try call.machine.spend(1)
            position += item.padding
            guard item.size <= data.count, position <= data.count - item.size else {
                throw call.argumentError(2, "data string too short")
            }
            guard results < 7900 else { throw call.error("stack overflow (too many results)") }
            let size = try value(call, item, &format, data, position, &results)
            position += size
        }
        try call.push(.number(Double(position + 1)))
        return results + 1
    }

    /// Pushes one value and says how many bytes it took.
    private static func value(
        _ call: LuaCall, _ item: LuaStructItem, _ format: inout LuaStructFormat, _ data: LuaBytes, _ at: Int,
        _ results: inout Int
    ) throws(LuaError) -> Int {
        var size = item.size
        switch item.letter {
        case 98, 66, 104, 72, 108, 76, 84, 105, 73:
            try call.push(.number(format.integer(data, at, size, isSigned: LuaCharacter.isLower(item.letter))))
        case 120: return size
        case 102:
            let bits = UInt32(truncatingIfNeeded: format.unsigned(data, at, 4))
            try call.push(.number(Double(Float(bitPattern: bits))))
        case 100: try call.push(.number(Double(bitPattern: format.unsigned(data, at, 8))))
        case 99:
            if size == 0 {
                guard results > 0, let given = call.machine.registers[call.machine.top - 1].asNumber else {
                    throw call.error("format 'c0' needs a previous size")
                }
                size = LuaNumber.integer(given)
                call.machine.top -= 1
                results -= 1
                guard size >= 0, size <= data.count, at <= data.count - size else {
                    throw call.argumentError(2, "data string too short")
                }
            }
            try call.push(data.slice(at, at + size))
        case 115:
            var end = at
            while end < data.count, data[end] != 0 { end += 1 }
            guard end < data.count else { throw call.error("unfinished string in data") }
            try call.push(data.slice(at, end))
            size = end - at + 1
        default:
            try format.control(item.letter)
            return size
        }
        results += 1
        return size
    }

    static func size(_ call: LuaCall) throws(LuaError) -> Int {
        var format = LuaStructFormat(call, try call.string(1).bytes)
        var position = 0
        while let item = try format.next(at: position) {
            try call.machine.spend(1)
            position += item.padding
            if item.letter == 115 { throw call.argumentError(1, "option 's' has no fixed size") }
            if item.letter == 99, item.size == 0 { throw call.argumentError(1, "option 'c0' has no fixed size") }
            if !LuaCharacter.isAlphanumeric(item.letter) { try format.control(item.letter) }
            position += item.size
        }
        return try call.result(Double(position))
    }
}

/// One letter of a format: how many bytes it means, and how many come before to align them.
struct LuaStructItem {
    let letter: UInt8
    let size: Int
    let padding: Int
}

/// A format while it is read.
struct LuaStructFormat {
    private let call: LuaCall
    private let format: LuaBytes
    private var at = 0
    private var isLittle = true
    private var alignment = 1

    init(_ call: LuaCall, _ format: LuaBytes) {
        self.call = call
        self.format = format
    }

    /// - Parameter position: How many bytes there are before.
    mutating func next(at position: Int) throws(LuaError) -> LuaStructItem? {
        let letter = format[at]
        guard letter != 0 else { return nil }
        at += 1
        let size = try size(of: letter)
        return LuaStructItem(letter: letter, size: size, padding: padding(position, letter, size))
    }

    private mutating func size(of letter: UInt8) throws(LuaError) -> Int {
        switch letter {
        case 66, 98, 120: return 1
        case 72, 104: return 2
        case 76, 108, 84, 100: return 8
        case 102: return 4
        case 99: return try number(or: 1)
        case 105, 73:
            let size = try number(or: 4)
            guard size <= 32 else {
                throw call.error("integral size \(size) is larger than limit of 32")
            }
            return size
        default: return 0
        }
    }

    private mutating func number(or other: Int) throws(LuaError) -> Int {
        guard LuaCharacter.isDigit(format[at]) else { return other }
        var value = 0
        while LuaCharacter.isDigit(format[at]) {
            let digit = Int(format[at]) - 48
            if value > Int(Int32.max) / 10 || value * 10 > Int(Int32.max) - digit {
                throw call.error("integral size overflow")
            }
            value = value * 10 + digit
            at += 1
        }
        return value
    }

    private func padding(_ position: Int, _ letter: UInt8, _ size: Int) -> Int {
        if size == 0 || letter == 99 { return 0 }
        let unit = min(size, alignment)
        return (unit - (position & (unit - 1))) & (unit - 1)
    }

    mutating func control(_ letter: UInt8) throws(LuaError) {
        switch letter {
        case 32: return
        case 62: isLittle = false
        case 60: isLittle = true
        case 33:
            let wanted = try number(or: 8)
            guard wanted > 0, wanted & (wanted - 1) == 0 else {
                throw call.error("alignment \(wanted) is not a power of 2")
            }
            alignment = wanted
        default: throw call.argumentError(1, Array("invalid format option '".utf8) + [letter, 39])
        }
    }

    // MARK: Bytes

    func ordered(_ bits: some FixedWidthInteger, _ size: Int) -> [UInt8] {
        let little = (0..<size).map { UInt8(truncatingIfNeeded: $0 < 8 ? bits >> (8 * $0) : 0) }
        return isLittle ? little : little.reversed()
    }

    func bytes(of number: Double, _ size: Int) -> [UInt8] {
        let bits: UInt64
        if number < 0 || number.isNaN {
            bits = UInt64(bitPattern: Int64(LuaNumber.integer(number)))
        } else {
            bits = number < 0x1p64 ? UInt64(number) : 0
        }
        return ordered(bits, size)
    }

    func unsigned(_ data: LuaBytes, _ at: Int, _ size: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<size {
            value = value << 8 | UInt64(data[at + (isLittle ? size - 1 - index : index)])
        }
        return value
    }

    func integer(_ data: LuaBytes, _ at: Int, _ size: Int, isSigned: Bool) -> Double {
        let value = unsigned(data, at, size)
        guard isSigned else { return Double(value) }
        // As C shifts on this processor: by the count's low six bits.
        let mask = UInt64.max &<< UInt64(truncatingIfNeeded: size * 8 - 1)
        return Double(Int64(bitPattern: value & mask != 0 ? value | mask : value))
    }
}
