/// Instructions that call and return, and calls from libraries.
extension LuaMachine {
    // MARK: Instructions

    @inline(__always)
    func call(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        save(w)
        let function = frames[depth - 1].base + Int(i.a)
        let count = i.b == 0 ? top - function - 1 : Int(i.b) - 1
        if try enter(function, count, wanted: Int(i.c) - 1) {
            w = window()
        } else {
            w.r = registers + frames[depth - 1].base
        }
    }

    /// Calls what stands at `function` with the `count` values behind it: true when a function of a script has begun,
    /// false when one of a library has done its work, and its results stand in the place of the function.
    @inline(__always)
    func enter(_ function: Int, _ count: Int, wanted: Int) throws(LuaError) -> Bool {
        budget &-= 1
        if budget < 0 { try askHost() }
        switch registers[function] {
        case .closure(let closure):
            try begin(closure, function, count, wanted)
            return true
        case .builtin(let builtin):
            try perform(builtin, function, count, wanted)
            return false
        default:
            return try enterSlowly(function, count, wanted)
        }
    }

    @inline(never)
    private func enterSlowly(_ function: Int, _ count: Int, _ wanted: Int) throws(LuaError) -> Bool {
        let value = registers[function]
        let handler = metamethod(metatable(of: value), .call)
        guard handler.isFunction else { throw typeError(value, "call", at: registers + function) }
        try reserve(function + count + 2)
        for at in stride(from: function + count, through: function, by: -1) { registers[at + 1] = registers[at] }
        registers[function] = handler
        return try enter(function, count + 1, wanted: wanted)
    }

    @inline(__always)
    private func begin(_ closure: LuaClosure, _ function: Int, _ count: Int, _ wanted: Int) throws(LuaError) {
        let code = closure.code
        var base = function + 1
        if code.hasVarargs {
            base = try moveParameters(code, function, count)
        } else {
            try reserve(base + code.registers)
            var at = count
            while at < code.parameters {
                registers[base + at] = .nilValue
                at += 1
            }
        }
        try push(LuaFrame(function: function, base: base, pc: code.instructions, wanted: wanted))
    }

    /// Puts the named parameters behind all arguments, which stay where they are.
    @inline(never)
    private func moveParameters(_ code: LuaCode, _ function: Int, _ count: Int) throws(LuaError) -> Int {
        let named = code.parameters
        let actual = max(count, named)
        let base = function + 1 + actual
        try reserve(base + code.registers + 1)
        for at in count..<max(count, named) { registers[function + 1 + at] = .nilValue }
        for at in 0..<named {
            registers[base + at] = registers[function + 1 + at]
            registers[function + 1 + at] = .nilValue
        }
        if code.needsArg {
            let extra = actual - named
            let table = try table(arrayCount: extra, nodeCount: 1)
            for at in 0..<extra { table.set(at + 1, registers[function + 1 + named + at]) }
            table.set(names.n, .number(Double(extra)))
            registers[base + named] = .table(table)
        } else {
            registers[base + named] = .nilValue
        }
        return base
    }

    @inline(__always)
    private func perform(_ builtin: LuaBuiltin, _ function: Int, _ count: Int, _ wanted: Int) throws(LuaError) {
        top = function + 1 + count
        try makeRoom(top + 20)
        try push(LuaFrame(function: function, base: function + 1, pc: nil, wanted: wanted))
        let results = try builtin.body(LuaCall(machine: self, base: function + 1, count: count))
        depth -= 1
        deliver(from: top - results, results, to: function, wanted)
    }

    /// Moves results to where they are wanted, as many as are wanted.
    @inline(__always)
    private func deliver(from: Int, _ count: Int, to target: Int, _ wanted: Int) {
        if wanted < 0 {
            for at in 0..<max(0, count) { registers[target + at] = registers[from + at] }
            top = target + max(0, count)
            return
        }
        var at = 0
        while at < wanted {
            registers[target + at] = at < count ? registers[from + at] : .nilValue
            at += 1
        }
    }

    func tailCall(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        save(w)
        let frame = frames[depth - 1]
        let function = frame.base + Int(i.a)
        let count = i.b == 0 ? top - function - 1 : Int(i.b) - 1
        guard try enter(function, count, wanted: -1) else {
            w.r = registers + frames[depth - 1].base
            return
        }
        close(from: frame.base)
        let new = frames[depth - 1]
        let shift = new.function - frame.function
        let end = new.base + registersOfTop
        for at in new.function..<end { registers[at - shift] = registers[at] }
        depth -= 1
        frames[depth - 1] = LuaFrame(
            function: frame.function, base: new.base - shift, pc: new.pc, wanted: frame.wanted,
            tailCalls: frame.tailCalls + 1, isEntry: frame.isEntry)
        w = window()
    }

    /// How many registers of the function that has begun may hold its parameters.
    private var registersOfTop: Int {
        guard case .closure(let closure) = registers[frames[depth - 1].function] else { return 0 }
        return closure.code.parameters + (closure.code.hasVarargs ? 1 : 0)
    }

    /// Returns from the running function: true when a function of a library had called it.
    @inline(__always)
    func leave(_ i: LuaInstruction, _ w: inout LuaWindow) -> Bool {
        let frame = frames[depth - 1]
        let from = frame.base + Int(i.a)
        let count = i.b == 0 ? top - from : Int(i.b) - 1
        if !open.isEmpty { close(from: frame.base) }
        depth -= 1
        deliver(from: from, count, to: frame.function, frame.wanted)
        if frame.isEntry { return true }
        w = window()
        return false
    }

    @inline(never)
    func varargs(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        let frame = frames[depth - 1]
        guard case .closure(let closure) = registers[frame.function] else { return }
        let extra = max(0, frame.base - frame.function - 1 - closure.code.parameters)
        let target = frame.base + Int(i.a)
        var wanted = Int(i.b) - 1
        if wanted < 0 {
            wanted = extra
            save(w)
            try reserve(target + extra + 1)
            top = target + extra
            w.r = registers + frame.base
        }
        for at in 0..<wanted { registers[target + at] = at < extra ? registers[frame.base - extra + at] : .nilValue }
    }

    // MARK: Loops

    @inline(__always)
    func forLoop(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        let r = w.r + Int(i.a)
        guard case .number(let index) = r[0], case .number(let limit) = r[1], case .number(let step) = r[2] else {
            return
        }
        let next = index + step
        guard step > 0 ? next <= limit : limit <= next else { return }
        w.pc += Int(i.c)
        r.initialize(to: .number(next))
        w.setNumber(i.a + 3, next)
        budget &-= 1
        if budget < 0 {
            save(w)
            try askHost()
        }
    }

    @inline(never)
    func forPrepare(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        save(w)
        let r = w.r + Int(i.a)
        guard let start = try number(r[0]) else { throw failure("'for' initial value must be a number") }
        guard let limit = try number(r[1]) else { throw failure("'for' limit must be a number") }
        guard let step = try number(r[2]) else { throw failure("'for' step must be a number") }
        r[0] = .number(start - step)
        r[1] = .number(limit)
        r[2] = .number(step)
        w.pc += Int(i.c)
    }

    func forEach(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        save(w)
        let base = frames[depth - 1].base
        let target = base + Int(i.a) + 3
        for at in 0..<3 { registers[target + at] = registers[target - 3 + at] }
        top = target + 3
        if try enter(target, 2, wanted: Int(i.c)) {
            frames[depth - 1].isEntry = true
            try nested()
        }
        w.r = registers + base
        if registers[target].isNil {
            w.pc += 1
        } else {
            registers[target - 1] = registers[target]
        }
    }

    // MARK: From libraries

    /// Runs the function that has just begun, on top of Swift's own stack.
    private func nested() throws(LuaError) {
        nativeDepth += 1
        if nativeDepth >= LuaMachine.nativeLimit {
            depth -= 1
            throw failure("C stack overflow")
        }
        try execute()
        nativeDepth -= 1
    }

    /// Calls what stands at `function` with the `count` values behind it; the results stand there afterwards.
    func call(at function: Int, _ count: Int, wanted: Int) throws(LuaError) {
        nativeDepth += 1
        if nativeDepth >= LuaMachine.nativeLimit { throw failure("C stack overflow") }
        if try enter(function, count, wanted: wanted) {
            frames[depth - 1].isEntry = true
            try execute()
        }
        nativeDepth -= 1
    }

    /// A place for a call behind all registers in use.
    private func placeForCall(_ count: Int) throws(LuaError) -> Int {
        var place = top
        if depth > 0, !frames[depth - 1].isNative,
            case .closure(let closure) = registers[frames[depth - 1].function] {
            place = frames[depth - 1].base + closure.code.registers
        }
        try reserve(place + count + 1)
        return place
    }

    func call(_ function: LuaValue, _ first: LuaValue, _ second: LuaValue) throws(LuaError) -> LuaValue {
        let place = try placeForCall(3)
        let saved = top
        registers[place] = function
        registers[place + 1] = first
        registers[place + 2] = second
        top = place + 3
        try call(at: place, 2, wanted: 1)
        top = saved
        return registers[place]
    }

    func call(_ function: LuaValue, _ argument: LuaValue) throws(LuaError) -> LuaValue {
        let place = try placeForCall(2)
        let saved = top
        registers[place] = function
        registers[place + 1] = argument
        top = place + 2
        try call(at: place, 1, wanted: 1)
        top = saved
        return registers[place]
    }

    func callWithoutResult(
        _ function: LuaValue, _ first: LuaValue, _ second: LuaValue, _ third: LuaValue
    ) throws(LuaError) {
        let place = try placeForCall(4)
        let saved = top
        registers[place] = function
        registers[place + 1] = first
        registers[place + 2] = second
        registers[place + 3] = third
        top = place + 4
        try call(at: place, 3, wanted: 0)
        top = saved
    }
}
