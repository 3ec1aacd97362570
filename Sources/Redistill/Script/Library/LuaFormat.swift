/// `string.format`.
enum LuaFormat {
    static func format(_ call: LuaCall) throws(LuaError) -> Int {
        let format = try call.string(1).bytes
        var target: [UInt8] = []
        target.reserveCapacity(format.count)
        var argument = 1
        var at = 0
        while at < format.count {
            let c = format[at]
            at += 1
            if c != 37 {
                target.append(c)
            } else if format[at] == 37 {
                target.append(37)
                at += 1
            } else {
                argument += 1
                if argument > call.count { throw call.argumentError(argument, "no value") }
                var item = try LuaFormatItem(call, format, &at)
                try item.write(call, argument, &target)
            }
            if target.count > call.heap.limit &- call.heap.bytes { throw call.machine.outOfMemory() }
        }
        return try call.result(target)
    }
}

/// One `%` with its flags, width and precision.
private struct LuaFormatItem {
    /// For C's printf, without the letter.
    private var spelling: [CChar] = [37]
    private var hasPrecision = false
    private let letter: UInt8

    init(_ call: LuaCall, _ format: LuaBytes, _ at: inout Int) throws(LuaError) {
        let start = at
        while [45, 43, 32, 35, 48].contains(format[at]) { at += 1 }
        if at - start >= 6 { throw call.error("invalid format (repeated flags)") }
        if LuaCharacter.isDigit(format[at]) { at += 1 }
        if LuaCharacter.isDigit(format[at]) { at += 1 }
        if format[at] == 46 {
            hasPrecision = true
            at += 1
            if LuaCharacter.isDigit(format[at]) { at += 1 }
            if LuaCharacter.isDigit(format[at]) { at += 1 }
        }
        if LuaCharacter.isDigit(format[at]) { throw call.error("invalid format (width or precision too long)") }
        spelling += format.slice(start, at).map { CChar(bitPattern: $0) }
        letter = format[at]
        at += 1
    }

    mutating func write(_ call: LuaCall, _ argument: Int, _ target: inout [UInt8]) throws(LuaError) {
        switch letter {
        case 99: print(LuaNumber.integer32(try call.number(argument)), "", &target, 512)
        case 100, 105: print(LuaNumber.integer(try call.number(argument)), "l", &target, 512)
        case 111, 117, 120, 88: print(unsigned(try call.number(argument)), "l", &target, 512)
        case 101, 69, 102, 103, 71: print(try call.number(argument), "", &target, 512)
        case 113: quote(try call.string(argument).bytes, &target)
        case 115: try writeString(try call.string(argument), &target)
        default:
            let shown = letter == 0 ? [] : [letter]
            throw call.machine.libraryFailure(Array("invalid option '%".utf8) + shown + Array("' to 'format'".utf8))
        }
    }

    /// As C converts a double to an unsigned number on this processor.
    private func unsigned(_ value: Double) -> Int {
        if value >= 0x1p63, value < 0x1p64 { return Int(bitPattern: UInt(value)) }
        if value >= 0x1p64 { return 0 }
        return LuaNumber.integer(value)
    }

    private func print(_ value: any CVarArg, _ size: String, _ target: inout [UInt8], _ capacity: Int) {
        let format = spelling + size.utf8.map { CChar($0) } + [CChar(bitPattern: letter), 0]
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
            guard let start = buffer.baseAddress else { return }
            let count = LuaNumber.format(format, to: start, capacity: capacity, value)
            // A `%c` of zero ends what C's functions see of it.
            target.append(contentsOf: buffer[..<count].prefix { $0 != 0 })
        }
    }

    private func writeString(_ text: LuaString, _ target: inout [UInt8]) throws(LuaError) {
        if !hasPrecision, text.count >= 100 {
            target.append(contentsOf: text.bytes.buffer)
            return
        }
        text.bytes.start.withMemoryRebound(to: CChar.self, capacity: text.count + 1) {
            print(OpaquePointer($0), "", &target, 512)
        }
    }

    private func quote(_ bytes: LuaBytes, _ target: inout [UInt8]) {
        target.append(34)
        for byte in bytes.buffer {
            switch byte {
            case 34, 92, 10: target += [92, byte]
            case 13: target += [92, 114]
            case 0: target += [92, 48, 48, 48]
            default: target.append(byte)
            }
        }
        target.append(34)
    }
}
