/// The functions without a library.
enum LuaBase {
    static func install(in machine: LuaMachine) {
        let next = LuaBuiltin(self.next)
        let step = LuaBuiltin(ipairsStep)
        machine.register(
            [
                ("assert", assert), ("error", error), ("getmetatable", getmetatable), ("setmetatable", setmetatable),
                ("pcall", pcall), ("xpcall", xpcall), ("rawequal", rawequal), ("rawget", rawget), ("rawset", rawset),
                ("select", select), ("tonumber", tonumber), ("tostring", tostring), ("type", type), ("unpack", unpack),
                ("collectgarbage", collectgarbage), ("gcinfo", gcinfo),
                ("pairs", { (call) throws(LuaError) in
                    let table = try call.table(1)
                    try call.push(.builtin(next))
                    try call.push(.table(table))
                    try call.push(.nilValue)
                    return 3
                }),
                ("ipairs", { (call) throws(LuaError) in
                    let table = try call.table(1)
                    try call.push(.builtin(step))
                    try call.push(.table(table))
                    try call.push(.number(0))
                    return 3
                }),
            ], in: machine.globals)
        let heap = machine.heap
        machine.globals.set(heap.name("next"), .builtin(next))
        machine.globals.set(heap.name("_G"), .table(machine.globals))
        machine.globals.set(heap.name("_VERSION"), .string(heap.name("Lua 5.1")))
    }

    // MARK: Errors

    static func assert(_ call: LuaCall) throws(LuaError) -> Int {
        guard try !call.any(1).isTrue else {
            for index in 1...call.count { try call.push(call[index]) }
            return call.count
        }
        if call.isAbsent(2) { throw call.error("assertion failed!") }
        throw call.machine.libraryFailure(Array(try call.string(2).bytes.untilZero))
    }

    static func error(_ call: LuaCall) throws(LuaError) -> Int {
        let level = try call.int(2, or: 1)
        var value = call[1]
        if level > 0, value.isText {
            let text = try call.string(1)
            value = .string(try call.machine.string(call.machine.position(level: level) + text.array))
        }
        throw LuaError(value: value)
    }

    // MARK: Metatables and raw access

    static func getmetatable(_ call: LuaCall) throws(LuaError) -> Int {
        guard let table = call.machine.metatable(of: try call.any(1)) else { return try call.result(.nilValue) }
        let shown = call.machine.metamethod(table, .metatable)
        return try call.result(shown.isNil ? .table(table) : shown)
    }

    static func setmetatable(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        let metatable: LuaTable?
        switch call[2] {
        case .table(let given): metatable = given
        case .nilValue where call.count >= 2: metatable = nil
        default: throw call.argumentError(2, "nil or table expected")
        }
        if !call.machine.metamethod(table.metatable, .metatable).isNil {
            throw call.error("cannot change a protected metatable")
        }
        if table.isReadOnly { throw call.machine.failure("Attempt to modify a readonly table") }
        table.metatable = metatable
        return try call.result(.table(table))
    }

    static func rawequal(_ call: LuaCall) throws(LuaError) -> Int {
        let (first, second) = (try call.any(1), try call.any(2))
        return try call.result(.boolean(first.rawEquals(second)))
    }

    static func rawget(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        return try call.result(table[try call.any(2)])
    }

    static func rawset(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        let (key, value) = (try call.any(2), try call.any(3))
        try call.machine.rawSet(table, key, value)
        return try call.result(.table(table))
    }

    // MARK: Walks

    static func next(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        switch try call.machine.next(table, after: call[2]) {
        case .pair(let key, let value):
            try call.push(key)
            try call.push(value)
            return 2
        case .end: return try call.result(.nilValue)
        case .unknown: throw call.machine.failure("invalid key to 'next'")
        }
    }

    static func ipairsStep(_ call: LuaCall) throws(LuaError) -> Int {
        let index = Int(Int32(truncatingIfNeeded: try call.int(2) &+ 1))
        let value = try call.table(1)[index]
        if value.isNil { return 0 }
        try call.push(.number(Double(index)))
        try call.push(value)
        return 2
    }

    static func select(_ call: LuaCall) throws(LuaError) -> Int {
        if case .string(let text) = call[1], text.bytes[0] == 35 {
            return try call.result(Double(call.count - 1))
        }
        var index = try call.int(1)
        if index < 0 {
            index += call.count
        } else if index > call.count {
            index = call.count
        }
        guard index >= 1 else { throw call.argumentError(1, "index out of range") }
        guard index < call.count else { return 0 }
        for at in (index + 1)...call.count { try call.push(call[at]) }
        return call.count - index
    }

    static func unpack(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        let first = try call.int(2, or: 1)
        let last = call.isAbsent(3) ? table.length : try call.int(3)
        if first > last { return 0 }
        let count = last - first + 1
        guard count <= 8000 - call.count else { throw call.error("too many results to unpack") }
        for index in first...last { try call.push(table[index]) }
        return count
    }

    // MARK: Kinds

    static func type(_ call: LuaCall) throws(LuaError) -> Int {
        try call.result(.string(call.machine.names.type(of: try call.any(1))))
    }

    static func tostring(_ call: LuaCall) throws(LuaError) -> Int {
        try call.result(try call.machine.text(of: try call.any(1)))
    }

    static func tonumber(_ call: LuaCall) throws(LuaError) -> Int {
        let base = try call.int(2, or: 10)
        if base == 10 {
            return try call.result(try call.machine.number(try call.any(1)).map { .number($0) } ?? .nilValue)
        }
        let text = try call.string(1)
        guard (2...36).contains(base) else { throw call.argumentError(2, "base out of range") }
        try call.machine.spend(text.count >> 4)
        return try call.result(parse(text.bytes, base).map { .number($0) } ?? .nilValue)
    }

    /// As C's strtoul: spaces, a sign, `0x` in base 16; what is too large is the largest.
    private static func parse(_ bytes: LuaBytes, _ base: Int) -> Double? {
        var at = 0
        while LuaCharacter.isSpace(bytes[at]) { at += 1 }
        let isNegative = bytes[at] == 45
        if bytes[at] == 45 || bytes[at] == 43 { at += 1 }
        if base == 16, bytes[at] == 48, bytes[at + 1] | 32 == 120, LuaCharacter.isHexadecimal(bytes[at + 2]) { at += 2 }
        var value: UInt = 0
        var isTooLarge = false
        let start = at
        while let digit = LuaCharacter.digit(bytes[at]), digit < base {
            let (product, overflow) = value.multipliedReportingOverflow(by: UInt(base))
            let (sum, more) = product.addingReportingOverflow(UInt(digit))
            isTooLarge = isTooLarge || overflow || more
            value = sum
            at += 1
        }
        if at == start { return nil }
        while LuaCharacter.isSpace(bytes[at]) { at += 1 }
        if bytes[at] != 0 { return nil }
        if isTooLarge { return Double(UInt.max) }
        return Double(isNegative ? 0 &- value : value)
    }

    // MARK: Memory

    static func gcinfo(_ call: LuaCall) throws(LuaError) -> Int {
        try call.result(Double(call.heap.bytes / 1024))
    }

    static func collectgarbage(_ call: LuaCall) throws(LuaError) -> Int {
        let options = ["stop", "restart", "collect", "count", "step", "setpause", "setstepmul"]
        let given = call.isAbsent(1) ? Array("collect".utf8) : Array(try call.string(1).bytes.untilZero)
        guard let option = options.first(where: { given.elementsEqual($0.utf8) }) else {
            throw call.argumentError(1, Array("invalid option '".utf8) + given + [39])
        }
        _ = try call.int(2, or: 0)
        switch option {
        case "count": return try call.result(Double(call.heap.bytes) / 1024)
        case "step": return try call.result(.boolean(true))
        default: return try call.result(0)
        }
    }
}

extension LuaMachine {
    /// What `tostring` gives.
    func text(of value: LuaValue) throws(LuaError) -> LuaValue {
        let handler = metamethod(metatable(of: value), .tostring)
        if !handler.isNil { return try call(handler, value) }
        switch value {
        case .string: return value
        case .number(let number): return .string(LuaNumber.string(number, in: heap))
        case .nilValue: return .string(names.nilText)
        case .boolean(let flag): return .string(flag ? names.trueText : names.falseText)
        case .null: return .string(heap.name("userdata: (nil)"))
        default:
            let address = String(value.address, radix: 16)
            return .string(try string(Array("\(value.typeName): 0x\(address)".utf8)))
        }
    }
}
