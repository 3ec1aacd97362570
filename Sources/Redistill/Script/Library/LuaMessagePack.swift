/// The library `cmsgpack`.
enum LuaMessagePack {
    static func install(in machine: LuaMachine) {
        let library = machine.library("cmsgpack", [
            ("pack", pack), ("unpack", unpack), ("unpack_one", unpackOne), ("unpack_limit", unpackLimit),
        ])
        let facts: [(StaticString, StaticString)] = [
            ("_NAME", "cmsgpack"), ("_VERSION", "lua-cmsgpack 0.4.0"),
            ("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo"),
            ("_DESCRIPTION", "MessagePack C implementation for Lua"),
        ]
        for (name, text) in facts { library.set(machine.heap.name(name), .string(machine.heap.name(text))) }
    }

    static func pack(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count > 0 else { throw call.argumentError(0, "MessagePack pack needs input.") }
        var packer = LuaPacker(call)
        for index in 1...call.count { try packer.append(call[index], 0) }
        return try call.result(packer.bytes)
    }

    static func unpack(_ call: LuaCall) throws(LuaError) -> Int { try unpack(call, limit: 0, offset: 0) }

    static func unpackOne(_ call: LuaCall) throws(LuaError) -> Int {
        try unpack(call, limit: 1, offset: try call.integer(2, or: 0))
    }

    static func unpackLimit(_ call: LuaCall) throws(LuaError) -> Int {
        let limit = try call.integer(2)
        return try unpack(call, limit: limit, offset: try call.integer(3, or: 0))
    }

    private static func unpack(_ call: LuaCall, limit: Int, offset: Int) throws(LuaError) -> Int {
        let bytes = try call.string(1).bytes
        let isAll = limit == 0 && offset == 0
        if offset < 0 || limit < 0 {
            let shown = Int32(truncatingIfNeeded: offset)
            throw call.error("Invalid request to unpack with offset of \(shown) and limit of \(bytes.count).")
        }
        if offset > bytes.count {
            throw call.error(
                "Start offset \(Int32(truncatingIfNeeded: offset)) greater than input length \(bytes.count).")
        }
        var reader = LuaUnpacker(call, bytes, at: offset)
        let place = call.machine.top
        if !isAll { try call.push(.nilValue) }
        var count = 0
        while reader.at < bytes.count, count < (isAll ? Int(Int32.max) : limit) {
            guard count < 7900 else {
                throw call.error(
                    "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)")
            }
            try call.push(try reader.value(0))
            count += 1
        }
        if isAll { return count }
        call.machine.registers[place] = .number(reader.at >= bytes.count ? -1 : Double(reader.at))
        return count + 1
    }
}

/// Writes MessagePack.
struct LuaPacker {
    private let call: LuaCall
    private(set) var bytes: [UInt8] = []

    private static let depthLimit = 16

    init(_ call: LuaCall) {
        self.call = call
    }

    mutating func append(_ value: LuaValue, _ depth: Int) throws(LuaError) {
        try call.machine.spend(1)
        switch value {
        case .string(let text):
            let count = text.count
            if count < 32 {
                bytes.append(0xA0 | UInt8(count))
            } else if count <= 0xFF {
                append(0xD9, count, 1)
            } else if count <= 0xFFFF {
                append(0xDA, count, 2)
            } else {
                append(0xDB, count, 4)
            }
            try call.machine.spend(count >> 10)
            bytes.append(contentsOf: text.bytes.buffer)
        case .boolean(let flag): bytes.append(flag ? 0xC3 : 0xC2)
        case .number(let number): append(number)
        case .table(let table) where depth < LuaPacker.depthLimit: try append(table, depth)
        default: bytes.append(0xC0)
        }
        if bytes.count > call.heap.limit &- call.heap.bytes { throw call.machine.outOfMemory() }
    }

    private mutating func append(_ letter: UInt8, _ value: Int, _ size: Int) {
        bytes.append(letter)
        for index in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }

    private mutating func append(_ number: Double) {
        let whole = LuaNumber.integer(number)
        guard !number.isInfinite, Double(whole) == number else { return append(fraction: number) }
        switch whole {
        case 0...127: bytes.append(UInt8(whole))
        case 0...0xFF: append(0xCC, whole, 1)
        case 0...0xFFFF: append(0xCD, whole, 2)
        case 0...0xFFFF_FFFF: append(0xCE, whole, 4)
        case 0...: append(0xCF, whole, 8)
        case -32..<0: bytes.append(UInt8(truncatingIfNeeded: whole))
        case -128..<0: append(0xD0, whole, 1)
        case -32768..<0: append(0xD1, whole, 2)
        case -2_147_483_648..<0: append(0xD2, whole, 4)
        default: append(0xD3, whole, 8)
        }
    }

    private mutating func append(fraction number: Double) {
        let short = Float(number)
        if Double(short) == number {
            append(0xCA, Int(short.bitPattern), 4)
        } else {
            append(0xCB, Int(bitPattern: UInt(number.bitPattern)), 8)
        }
    }

    private mutating func append(_ table: LuaTable, _ depth: Int) throws(LuaError) {
        if try isArray(table) {
            let count = table.length
            appendCount(count, 0x90, 0xDC)
            for index in stride(from: 1, through: count, by: 1) {
                try append(table[index], depth + 1)
            }
            return
        }
        var count = 0
        var key = LuaValue.nilValue
        while case .pair(let next, _) = try call.machine.next(table, after: key) {
            count += 1
            key = next
        }
        appendCount(count, 0x80, 0xDE)
        key = .nilValue
        while case .pair(let next, let value) = try call.machine.next(table, after: key) {
            try append(next, depth + 1)
            try append(value, depth + 1)
            key = next
        }
    }

    private mutating func appendCount(_ count: Int, _ short: UInt8, _ long: UInt8) {
        if count <= 15 {
            bytes.append(short | UInt8(count))
        } else if count <= 0xFFFF {
            append(long, count, 2)
        } else {
            append(long + 1, count, 4)
        }
    }

    /// Whether its keys are 1 up to their count.
    private func isArray(_ table: LuaTable) throws(LuaError) -> Bool {
        var count = 0
        var largest = 0
        var key = LuaValue.nilValue
        while case .pair(let next, _) = try call.machine.next(table, after: key) {
            try call.machine.spend(1)
            guard case .number(let number) = next, number > 0, let index = LuaNumber.index(number) else { return false }
            largest = max(largest, index)
            count += 1
            key = next
        }
        return largest == count
    }
}

/// Reads MessagePack.
struct LuaUnpacker {
    private let call: LuaCall
    private let bytes: LuaBytes
    private(set) var at: Int

    /// Deeper than Lua's stack lets Redis go would be deeper than ours.
    private static let depthLimit = 1000

    init(_ call: LuaCall, _ bytes: LuaBytes, at start: Int) {
        self.call = call
        self.bytes = bytes
        at = start
    }

    private func need(_ count: Int) throws(LuaError) {
        if bytes.count - at < count { throw call.error("Missing bytes in input.") }
    }

    /// A number of `size` bytes behind the letter; goes behind it.
    private mutating func unsigned(_ size: Int) throws(LuaError) -> UInt64 {
        try need(size + 1)
        var value: UInt64 = 0
        for index in 1...size { value = value << 8 | UInt64(bytes[at + index]) }
        at += size + 1
        return value
    }

    private mutating func raw(_ count: Int) throws(LuaError) -> LuaValue {
        try need(count)
        let text = try call.machine.string(bytes.slice(at, at + count))
        at += count
        return .string(text)
    }

    mutating func value(_ depth: Int) throws(LuaError) -> LuaValue {
        try call.machine.spend(1)
        try need(1)
        let letter = bytes[at]
        switch letter {
        case 0xCC...0xCF:
            // Redis pushes them as signed.
            let size = 1 << Int(letter - 0xCC)
            return .number(Double(Int64(bitPattern: try unsigned(size))))
        case 0xD0: return .number(Double(Int8(truncatingIfNeeded: try unsigned(1))))
        case 0xD1: return .number(Double(Int16(truncatingIfNeeded: try unsigned(2))))
        case 0xD2: return .number(Double(Int32(truncatingIfNeeded: try unsigned(4))))
        case 0xD3: return .number(Double(Int64(bitPattern: try unsigned(8))))
        case 0xC0, 0xC2, 0xC3:
            at += 1
            return letter == 0xC0 ? .nilValue : .boolean(letter == 0xC3)
        case 0xCA: return .number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try unsigned(4)))))
        case 0xCB: return .number(Double(bitPattern: try unsigned(8)))
        case 0xD9...0xDB: return try raw(Int(try unsigned(1 << Int(letter - 0xD9))))
        case 0xDC, 0xDD: return try array(Int(try unsigned(letter == 0xDC ? 2 : 4)), depth)
        case 0xDE, 0xDF: return try map(Int(try unsigned(letter == 0xDE ? 2 : 4)), depth)
        default: return try short(letter, depth)
        }
    }

    /// Values whose first byte holds a number.
    private mutating func short(_ letter: UInt8, _ depth: Int) throws(LuaError) -> LuaValue {
        at += 1
        switch letter {
        case 0x00...0x7F: return .number(Double(letter))
        case 0xE0...0xFF: return .number(Double(Int8(bitPattern: letter)))
        case 0xA0...0xBF: return try raw(Int(letter & 31))
        case 0x90...0x9F: return try array(Int(letter & 15), depth)
        case 0x80...0x8F: return try map(Int(letter & 15), depth)
        default: throw call.error("Bad data format in input.")
        }
    }

    private func check(_ depth: Int) throws(LuaError) {
        if depth >= LuaUnpacker.depthLimit {
            throw call.error("stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)")
        }
    }

    private mutating func array(_ count: Int, _ depth: Int) throws(LuaError) -> LuaValue {
        try check(depth)
        let table = try call.machine.table()
        for index in stride(from: 1, through: count, by: 1) {
            table.set(index, try value(depth + 1))
            try call.machine.checkMemory()
        }
        return .table(table)
    }

    private mutating func map(_ count: Int, _ depth: Int) throws(LuaError) -> LuaValue {
        try check(depth)
        let table = try call.machine.table()
        for _ in 0..<count {
            let key = try value(depth + 1)
            try call.machine.rawSet(table, key, try value(depth + 1))
        }
        return .table(table)
    }
}
