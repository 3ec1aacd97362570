internal import Glibc

/// Instructions that calculate, join and compare.
extension LuaMachine {
    // MARK: Numbers

    @inline(__always)
    func arithmetic(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        if case .number(let x) = w.b(i).pointee, case .number(let y) = w.c(i).pointee {
            switch i.op {
            case .add: w.setNumber(i.a, x + y)
            case .subtract: w.setNumber(i.a, x - y)
            case .multiply: w.setNumber(i.a, x * y)
            default: w.setNumber(i.a, x / y)
            }
        } else {
            try arithmeticSlowly(i, &w)
        }
    }

    @inline(__always)
    func moreArithmetic(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        if case .number(let x) = w.b(i).pointee {
            if i.op == .negate {
                w.setNumber(i.a, -x)
                return
            }
            if case .number(let y) = w.c(i).pointee {
                w.setNumber(i.a, i.op == .modulo ? LuaNumber.modulo(x, y) : pow(x, y))
                return
            }
        }
        try arithmeticSlowly(i, &w)
    }

    private static func event(_ op: LuaOpcode) -> LuaEvent {
        switch op {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .modulo: .modulo
        case .power: .power
        default: .negate
        }
    }

    private static func calculate(_ op: LuaOpcode, _ x: Double, _ y: Double) -> Double {
        switch op {
        case .add: x + y
        case .subtract: x - y
        case .multiply: x * y
        case .divide: x / y
        case .modulo: LuaNumber.modulo(x, y)
        case .power: pow(x, y)
        default: -x
        }
    }

    @inline(never)
    private func arithmeticSlowly(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        save(w)
        let left = w.b(i)
        let right = i.op == .negate ? left : w.c(i)
        if let x = try number(left.pointee), let y = try number(right.pointee) {
            w.r[Int(i.a)] = .number(LuaMachine.calculate(i.op, x, y))
            return
        }
        guard let value = try binary(LuaMachine.event(i.op), left.pointee, right.pointee) else {
            let wrong = left.pointee.asNumber == nil ? left : right
            throw typeError(wrong.pointee, "perform arithmetic on", at: wrong)
        }
        w.r = registers + frames[depth - 1].base
        w.r[Int(i.a)] = value
    }

    /// What a metamethod of either operand makes of both; nil if there is none.
    func binary(_ event: LuaEvent, _ left: LuaValue, _ right: LuaValue) throws(LuaError) -> LuaValue? {
        var handler = metamethod(metatable(of: left), event)
        if handler.isNil { handler = metamethod(metatable(of: right), event) }
        if handler.isNil { return nil }
        return try call(handler, left, right)
    }

    @inline(never)
    func length(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        switch w.r[Int(i.b)] {
        case .table(let table): w.setNumber(i.a, Double(table.length))
        case .string(let text): w.setNumber(i.a, Double(text.count))
        case let other:
            save(w)
            throw typeError(other, "get length of", at: w.r + Int(i.b))
        }
    }

    // MARK: Strings

    @inline(never)
    func concat(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        save(w)
        let base = frames[depth - 1].base
        try concat(from: base + Int(i.b), to: base + Int(i.c))
        w.r = registers + base
        w.r[Int(i.a)] = w.r[Int(i.b)]
    }

    /// Joins the registers from `first` to `last` into the first, from the right.
    func concat(from first: Int, to last: Int) throws(LuaError) {
        var last = last
        while last > first {
            let (left, right) = (registers[last - 1], registers[last])
            guard left.isText, right.isText else {
                guard let value = try binary(.concat, left, right) else {
                    let wrong = registers + (left.isText ? last : last - 1)
                    throw typeError(wrong.pointee, "concatenate", at: wrong)
                }
                registers[last - 1] = value
                last -= 1
                continue
            }
            var start = last - 1
            while start > first, registers[start - 1].isText { start -= 1 }
            registers[start] = .string(try join(start, last))
            last = start
        }
    }

    private func join(_ first: Int, _ last: Int) throws(LuaError) -> LuaString {
        var count = 0
        for at in first...last {
            if case .number(let number) = registers[at] {
                registers[at] = .string(LuaNumber.string(number, in: heap))
            }
            if case .string(let text) = registers[at] { count += text.count }
        }
        try spend(count >> 10)
        if count > heap.limit &- heap.bytes { throw outOfMemory() }
        return LuaString.make(count: count, in: heap) { target in
            var at = target
            for index in first...last {
                guard case .string(let text) = registers[index] else { continue }
                at.update(from: text.bytes.start, count: text.count)
                at += text.count
            }
        }
    }

    // MARK: Comparisons

    @inline(__always)
    func equal(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        let left = w.b(i)
        let right = w.c(i)
        var isEqual: Bool
        if case .number(let x) = left.pointee, case .number(let y) = right.pointee {
            isEqual = x == y
        } else {
            if case .string(let text) = left.pointee, text.count >> 11 > 0 {
                save(w)
                try spend(text.count >> 11)
            }
            isEqual = left.pointee.rawEquals(right.pointee)
            if !isEqual, case .table(let a) = left.pointee, case .table(let b) = right.pointee, a.metatable != nil {
                save(w)
                isEqual = try equal(a, b)
                w.r = registers + frames[depth - 1].base
            }
        }
        if isEqual != (i.a != 0) { w.pc += 1 }
    }

    /// Two tables that are not the same one.
    func equal(_ a: LuaTable, _ b: LuaTable) throws(LuaError) -> Bool {
        let handler = metamethod(a.metatable, .equal)
        if handler.isNil { return false }
        if a.metatable !== b.metatable {
            let other = metamethod(b.metatable, .equal)
            guard handler.rawEquals(other) else { return false }
        }
        return try call(handler, .table(a), .table(b)).isTrue
    }

    @inline(__always)
    func order(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        let left = w.b(i)
        let right = w.c(i)
        let isSo: Bool
        if case .number(let x) = left.pointee, case .number(let y) = right.pointee {
            isSo = i.op == .less ? x < y : x <= y
        } else {
            save(w)
            isSo = try i.op == .less
                ? isLess(left.pointee, right.pointee) : isLessOrEqual(left.pointee, right.pointee)
            w.r = registers + frames[depth - 1].base
        }
        if isSo != (i.a != 0) { w.pc += 1 }
    }

    @inline(never)
    func isLess(_ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool {
        switch (left, right) {
        case (.number(let x), .number(let y)): return x < y
        case (.string(let x), .string(let y)):
            try spend(x.count >> 11)
            return x.compare(y) < 0
        default:
            if left.isOfType(of: right), let result = try ordered(.less, left, right) { return result }
            throw orderError(left, right)
        }
    }

    @inline(never)
    func isLessOrEqual(_ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool {
        switch (left, right) {
        case (.number(let x), .number(let y)): return x <= y
        case (.string(let x), .string(let y)):
            try spend(x.count >> 11)
            return x.compare(y) <= 0
        default:
            guard left.isOfType(of: right) else { throw orderError(left, right) }
            if let result = try ordered(.lessEqual, left, right) { return result }
            if let result = try ordered(.less, right, left) { return !result }
            throw orderError(left, right)
        }
    }

    private func ordered(_ event: LuaEvent, _ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool? {
        let handler = metamethod(metatable(of: left), event)
        if handler.isNil { return nil }
        guard handler.rawEquals(metamethod(metatable(of: right), event)) else { return nil }
        return try call(handler, left, right).isTrue
    }
}

extension LuaValue {
    /// A string or a number.
    @inline(__always)
    var isText: Bool {
        switch self {
        case .string, .number: true
        default: false
        }
    }
}
