/// The library `table`.
enum LuaTableLibrary {
    static func install(in machine: LuaMachine) {
        machine.library("table", [
            ("concat", concat), ("foreach", foreach), ("foreachi", foreachi), ("getn", getn), ("insert", insert),
            ("maxn", maxn), ("remove", remove), ("setn", setn), ("sort", LuaSort.sort),
        ])
    }

    static func getn(_ call: LuaCall) throws(LuaError) -> Int {
        try call.result(Double(try call.table(1).length))
    }

    static func setn(_ call: LuaCall) throws(LuaError) -> Int {
        _ = try call.table(1)
        throw call.error("'setn' is obsolete")
    }

    static func maxn(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        var largest = 0.0
        var key = LuaValue.nilValue
        while case .pair(let next, _) = try call.machine.next(table, after: key) {
            try call.machine.spend(1)
            if case .number(let number) = next, number > largest { largest = number }
            key = next
        }
        return try call.result(largest)
    }

    static func insert(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        let machine = call.machine
        var end = table.length + 1
        let place: Int
        switch call.count {
        case 2: place = end
        case 3:
            place = try call.int(2)
            if place > end { end = place }
            for index in stride(from: end, to: place, by: -1) {
                try machine.spend(1)
                try set(machine, table, index, table[index - 1])
            }
        default: throw call.error("wrong number of arguments to 'insert'")
        }
        try set(machine, table, place, call[call.count])
        return 0
    }

    private static func set(
        _ machine: LuaMachine, _ table: LuaTable, _ index: Int, _ value: LuaValue
    ) throws(LuaError) {
        if table.isReadOnly { throw machine.failure("Attempt to modify a readonly table") }
        table.set(index, value)
        try machine.checkMemory()
    }

    static func remove(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        let end = table.length
        let place = try call.int(2, or: end)
        guard place >= 1, place <= end else { return 0 }
        try call.push(table[place])
        for index in place..<end {
            try call.machine.spend(1)
            try set(call.machine, table, index, table[index + 1])
        }
        try set(call.machine, table, end, .nilValue)
        return 1
    }

    static func concat(_ call: LuaCall) throws(LuaError) -> Int {
        let separator: [UInt8] = call.isAbsent(2) ? [] : try call.string(2).array
        let table = try call.table(1)
        let first = try call.int(3, or: 1)
        let last = call.isAbsent(4) ? table.length : try call.int(4)
        var joined: [UInt8] = []
        guard first <= last else { return try call.result(joined) }
        for index in first...last {
            try call.machine.spend(1)
            switch table[index] {
            case .string(let text): joined.append(contentsOf: text.bytes.buffer)
            case .number(let number): joined += LuaNumber.text(number)
            case let other:
                throw call.error("invalid value (\(other.typeName)) at index \(index) in table for 'concat'")
            }
            if index < last { joined += separator }
            if index & 63 == 0 || joined.count >> 16 > 0 { try call.machine.spend(joined.count >> 16) }
            if joined.count > call.heap.limit &- call.heap.bytes { throw call.machine.outOfMemory() }
        }
        return try call.result(joined)
    }

    static func foreach(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        let function = try call.function(2)
        var key = LuaValue.nilValue
        while true {
            switch try call.machine.next(table, after: key) {
            case .end: return 0
            case .unknown: throw call.machine.failure("invalid key to 'next'")
            case .pair(let next, let value):
                let result = try call.machine.call(function, next, value)
                if !result.isNil { return try call.result(result) }
                key = next
            }
        }
    }

    static func foreachi(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        let function = try call.function(2)
        for index in stride(from: 1, through: table.length, by: 1) {
            let result = try call.machine.call(function, .number(Double(index)), table[index])
            if !result.isNil { return try call.result(result) }
        }
        return 0
    }
}
