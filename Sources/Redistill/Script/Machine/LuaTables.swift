/// Instructions that read and write tables, and what metatables say of it.
extension LuaMachine {
    private static let loopLimit = 100

    // MARK: Instructions

    @inline(__always)
    func getGlobal(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        guard case .string(let name) = w.k[Int(i.c)] else { return }
        let value = globals[name]
        if value.isNil {
            try getSlowly(.table(globals), .string(name), Int(i.a), nil, &w)
        } else {
            w.r[Int(i.a)] = value
        }
    }

    @inline(__always)
    func getTable(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        if case .table(let table) = w.r[Int(i.b)] {
            let value: LuaValue
            switch w.c(i).pointee {
            case .string(let key): value = table[key]
            case .number(let number):
                let index = number.magnitude < 1e9 ? Int(number) : 0
                value = Double(index) == number ? table[index] : table[.number(number)]
            default: value = table[w.c(i).pointee]
            }
            if !value.isNil || table.metatable == nil {
                w.r[Int(i.a)] = value
                return
            }
        }
        try getSlowly(w.r[Int(i.b)], w.c(i).pointee, Int(i.a), Int(i.b), &w)
    }

    @inline(never)
    private func getSlowly(
        _ object: LuaValue, _ key: LuaValue, _ target: Int, _ source: Int?, _ w: inout LuaWindow
    ) throws(LuaError) {
        save(w)
        let value = try index(object, key, at: source.map { w.r + $0 })
        w.r = registers + frames[depth - 1].base
        w.r[target] = value
    }

    @inline(__always)
    func setGlobal(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        try setSlowly(.table(globals), w.k[Int(i.c)], w.r[Int(i.a)], nil, &w)
    }

    @inline(__always)
    func setTable(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        if case .table(let table) = w.r[Int(i.a)], !table.isReadOnly, case .number(let number) = w.b(i).pointee,
            number >= 1, number <= Double(table.arrayCount), let array = table.array {
            let index = Int(number)
            if Double(index) == number, table.metatable == nil {
                array[index - 1] = w.c(i).pointee
                return
            }
        }
        try setSlowly(w.r[Int(i.a)], w.b(i).pointee, w.c(i).pointee, Int(i.a), &w)
    }

    @inline(never)
    private func setSlowly(
        _ object: LuaValue, _ key: LuaValue, _ value: LuaValue, _ source: Int?, _ w: inout LuaWindow
    ) throws(LuaError) {
        save(w)
        try setIndex(object, key, value, at: source.map { w.r + $0 })
        w.r = registers + frames[depth - 1].base
    }

    @inline(__always)
    func newTable(_ i: LuaInstruction, _ w: LuaWindow) throws(LuaError) {
        save(w)
        w.r[Int(i.a)] = .table(LuaTable(arrayCount: Int(i.b), nodeCount: Int(i.c), heap: heap))
        try checkMemory()
    }

    @inline(__always)
    func method(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        let object = w.r[Int(i.b)]
        let key = w.c(i).pointee
        w.r[Int(i.a) + 1] = object
        try getSlowly(object, key, Int(i.a), Int(i.b), &w)
    }

    @inline(never)
    func setList(_ i: LuaInstruction, _ w: LuaWindow) throws(LuaError) {
        save(w)
        guard case .table(let table) = w.r[Int(i.a)] else { return }
        let first = Int(i.a) + 1
        let count = i.b == 0 ? top - frames[depth - 1].base - first : Int(i.b)
        try spend(count / 16)
        table.reserveArray(Int(i.c) + count)
        var at = count
        while at > 0 {
            table.set(Int(i.c) + at, w.r[first + at - 1])
            at -= 1
        }
        try checkMemory()
    }

    // MARK: Metatables

    func metatable(of value: LuaValue) -> LuaTable? {
        switch value {
        case .table(let table): table.metatable
        case .string: stringMetatable
        default: nil
        }
    }

    /// What the metatable says of an event; nil if nothing.
    @inline(__always)
    func metamethod(_ table: LuaTable?, _ event: LuaEvent) -> LuaValue {
        guard let table, table.absent & (1 << UInt32(event.rawValue)) == 0 else { return .nilValue }
        let value = table[events[event.rawValue]]
        if value.isNil { table.absent |= 1 << UInt32(event.rawValue) }
        return value
    }

    /// `object[key]`, by way of metatables.
    func index(
        _ object: LuaValue, _ key: LuaValue, at place: UnsafeMutablePointer<LuaValue>? = nil
    ) throws(LuaError) -> LuaValue {
        var object = object
        for step in 0..<LuaMachine.loopLimit {
            let handler: LuaValue
            if case .table(let table) = object {
                let value = table[key]
                if !value.isNil { return value }
                handler = metamethod(table.metatable, .index)
                if handler.isNil { return .nilValue }
            } else {
                handler = metamethod(metatable(of: object), .index)
                if handler.isNil { throw typeError(object, "index", at: step == 0 ? place : nil) }
            }
            if handler.isFunction { return try call(handler, object, key) }
            object = handler
        }
        throw failure("loop in gettable")
    }

    /// `object[key] = value`, by way of metatables.
    func setIndex(
        _ object: LuaValue, _ key: LuaValue, _ value: LuaValue, at place: UnsafeMutablePointer<LuaValue>? = nil
    ) throws(LuaError) {
        var object = object
        for step in 0..<LuaMachine.loopLimit {
            let handler: LuaValue
            if case .table(let table) = object {
                if table.isReadOnly { throw failure("Attempt to modify a readonly table") }
                handler = metamethod(table.metatable, .newIndex)
                if handler.isNil || !table[key].isNil { return try rawSet(table, key, value) }
                // Which keys there may be is looked at before the metatable has its say.
                if key.isNil { throw failure("table index is nil") }
                if case .number(let number) = key, number.isNaN { throw failure("table index is NaN") }
            } else {
                handler = metamethod(metatable(of: object), .newIndex)
                if handler.isNil { throw typeError(object, "index", at: step == 0 ? place : nil) }
            }
            if handler.isFunction {
                try callWithoutResult(handler, object, key, value)
                return
            }
            object = handler
        }
        throw failure("loop in settable")
    }
}
