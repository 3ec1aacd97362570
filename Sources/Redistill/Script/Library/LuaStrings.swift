internal import Glibc

/// The library `string`, but for patterns and formats.
enum LuaStrings {
    static func install(in machine: LuaMachine) {
        let library = machine.library("string", [
            ("byte", byte), ("char", char), ("find", LuaSearch.find), ("format", LuaFormat.format),
            ("gmatch", LuaSearch.gmatch), ("gsub", LuaSearch.gsub), ("len", len),
            ("lower", lower), ("match", LuaSearch.match), ("rep", rep), ("reverse", reverse), ("sub", sub),
            ("upper", upper),
        ])
        library.set(machine.heap.name("gfind"), library[machine.heap.name("gmatch")])
        let metatable = LuaTable(nodeCount: 1, heap: machine.heap)
        metatable.set(machine.heap.name("__index"), .table(library))
        metatable.isReadOnly = true
        machine.stringMetatable = metatable
    }

    /// An index that counts from the end when it is negative.
    static func place(_ index: Int, _ count: Int) -> Int {
        index >= 0 ? index : max(0, index &+ count &+ 1)
    }

    static func len(_ call: LuaCall) throws(LuaError) -> Int {
        try call.result(Double(try call.string(1).count))
    }

    static func sub(_ call: LuaCall) throws(LuaError) -> Int {
        let text = try call.string(1)
        let count = text.count
        let start = max(1, place(try call.integer(2), count))
        let end = min(count, place(try call.integer(3, or: -1), count))
        if start == 1, end == count { return try call.result(.string(text)) }
        guard start <= end else { return try call.result(.string(call.machine.names.empty)) }
        try call.push(text.bytes.slice(start - 1, end))
        return 1
    }

    static func byte(_ call: LuaCall) throws(LuaError) -> Int {
        let text = try call.string(1)
        let first = place(try call.integer(2, or: 1), text.count)
        let last = min(text.count, place(try call.integer(3, or: first), text.count))
        let start = max(1, first)
        guard start <= last else { return 0 }
        guard last - start < 7900 else { throw call.error("stack overflow (string slice too long)") }
        for index in start...last { try call.push(.number(Double(text.bytes[index - 1]))) }
        return last - start + 1
    }

    static func char(_ call: LuaCall) throws(LuaError) -> Int {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(call.count)
        for index in stride(from: 1, through: call.count, by: 1) {
            guard let byte = UInt8(exactly: try call.int(index)) else {
                throw call.argumentError(index, "invalid value")
            }
            bytes.append(byte)
        }
        return try call.result(bytes)
    }

    /// A string of as many bytes, each made of the one in its place.
    private static func map(
        _ call: LuaCall, _ change: (LuaBytes, Int) -> UInt8
    ) throws(LuaError) -> Int {
        let text = try call.string(1)
        let bytes = text.bytes
        if bytes.count > call.heap.limit &- call.heap.bytes { throw call.machine.outOfMemory() }
        try call.machine.spend(bytes.count >> 8)
        return try call.result(.string(LuaString.make(count: bytes.count, in: call.heap) { target in
            for index in 0..<bytes.count { target[index] = change(bytes, index) }
        }))
    }

    static func lower(_ call: LuaCall) throws(LuaError) -> Int {
        try map(call) { LuaCharacter.lower($0.start[$1]) }
    }

    static func upper(_ call: LuaCall) throws(LuaError) -> Int {
        try map(call) { LuaCharacter.upper($0.start[$1]) }
    }

    static func reverse(_ call: LuaCall) throws(LuaError) -> Int {
        try map(call) { $0.start[$0.count - 1 - $1] }
    }

    static func rep(_ call: LuaCall) throws(LuaError) -> Int {
        let text = try call.string(1)
        let times = max(0, try call.int(2))
        let (count, overflow) = text.count.multipliedReportingOverflow(by: times)
        if overflow || count > call.heap.limit &- call.heap.bytes { throw call.machine.outOfMemory() }
        try call.machine.spend(times / 16 &+ count >> 10)
        let bytes = text.bytes
        return try call.result(.string(LuaString.make(count: count, in: call.heap) { target in
            guard bytes.count != 1 else {
                target.update(repeating: bytes[0], count: count)
                return
            }
            for index in 0..<(bytes.count == 0 ? 0 : times) {
                (target + index * bytes.count).update(from: bytes.start, count: bytes.count)
            }
        }))
    }
}
