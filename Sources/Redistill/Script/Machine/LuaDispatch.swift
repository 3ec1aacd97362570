/// The loop that runs instructions, a case for each.
extension LuaMachine {
    /// The window of the function that runs now.
    @inline(__always)
    func window() -> LuaWindow {
        let frame = frames + (depth - 1)
        guard case .closure(let closure) = registers[frame.pointee.function], let pc = frame.pointee.pc else {
            return noWindow()
        }
        return LuaWindow(pc: pc, r: registers + frame.pointee.base, k: closure.code.constants)
    }

    @inline(never)
    private func noWindow() -> LuaWindow { fatalError("a frame without a function") }

    /// Notes where the running function is, before anything that may ask for it.
    @inline(__always)
    func save(_ w: LuaWindow) {
        frames[depth - 1].pc = w.pc
    }

    /// Runs until the function that is entered now returns.
    func execute() throws(LuaError) {
        var w = window()
        while true {
            let i = w.pc.pointee
            w.pc += 1
            switch i.op {
            case .move: w.r[Int(i.a)] = w.r[Int(i.b)]
            case .loadConstant: w.r[Int(i.a)] = w.k[Int(i.c)]
            case .loadBoolean: loadBoolean(i, &w)
            case .loadNil: loadNil(i, w)
            case .getUpvalue: w.r[Int(i.a)] = read(upvalue(i))
            case .getGlobal: try getGlobal(i, &w)
            case .getTable: try getTable(i, &w)
            case .setGlobal: try setGlobal(i, &w)
            case .setUpvalue: write(upvalue(i), w.r[Int(i.a)])
            case .setTable: try setTable(i, &w)
            case .newTable: try newTable(i, w)
            case .method: try method(i, &w)
            case .add, .subtract, .multiply, .divide: try arithmetic(i, &w)
            case .modulo, .power, .negate: try moreArithmetic(i, &w)
            case .not: w.r[Int(i.a)] = .boolean(!w.r[Int(i.b)].isTrue)
            case .length: try length(i, &w)
            case .concat: try concat(i, &w)
            case .jump: try jump(i, &w)
            case .equal: try equal(i, &w)
            case .less, .lessEqual: try order(i, &w)
            case .test: if w.r[Int(i.a)].isTrue != (i.c != 0) { w.pc += 1 }
            case .testSet: testSet(i, &w)
            case .call: try call(i, &w)
            case .tailCall: try tailCall(i, &w)
            case .return: if leave(i, &w) { return }
            case .forLoop: try forLoop(i, &w)
            case .forPrepare: try forPrepare(i, &w)
            case .forEach: try forEach(i, &w)
            case .setList: try setList(i, w)
            case .close: close(from: frames[depth - 1].base + Int(i.a))
            case .closure: try makeClosure(i, w)
            case .varargs: try varargs(i, &w)
            }
        }
    }

    // MARK: Loads and jumps

    @inline(__always)
    private func loadBoolean(_ i: LuaInstruction, _ w: inout LuaWindow) {
        w.r[Int(i.a)] = .boolean(i.b != 0)
        if i.c != 0 { w.pc += 1 }
    }

    @inline(__always)
    private func loadNil(_ i: LuaInstruction, _ w: LuaWindow) {
        var at = Int(i.a)
        while at <= Int(i.b) {
            w.r[at] = .nilValue
            at += 1
        }
    }

    @inline(__always)
    private func jump(_ i: LuaInstruction, _ w: inout LuaWindow) throws(LuaError) {
        if i.c < 0 {
            budget &-= 1
            if budget < 0 {
                save(w)
                try askHost()
            }
        }
        w.pc += Int(i.c)
    }

    @inline(__always)
    private func testSet(_ i: LuaInstruction, _ w: inout LuaWindow) {
        if w.r[Int(i.b)].isTrue == (i.c != 0) {
            w.r[Int(i.a)] = w.r[Int(i.b)]
        } else {
            w.pc += 1
        }
    }

    // MARK: Upvalues

    @inline(__always)
    private func upvalue(_ i: LuaInstruction) -> LuaUpvalue {
        guard case .closure(let closure) = registers[frames[depth - 1].function] else { fatalError("no closure") }
        return closure.upvalues[Int(i.b)]
    }

    @inline(__always)
    private func read(_ upvalue: LuaUpvalue) -> LuaValue {
        upvalue.register < 0 ? upvalue.value : registers[upvalue.register]
    }

    @inline(__always)
    private func write(_ upvalue: LuaUpvalue, _ value: LuaValue) {
        if upvalue.register < 0 {
            upvalue.value = value
        } else {
            registers[upvalue.register] = value
        }
    }

    /// Moves variables out of the registers from `register` on.
    func close(from register: Int) {
        while let last = open.last, last.register >= register {
            last.value = registers[last.register]
            last.register = -1
            open.removeLast()
        }
    }

    /// The upvalue for a register of the running function.
    private func capture(_ register: Int) -> LuaUpvalue {
        var at = open.count
        while at > 0, open[at - 1].register >= register {
            if open[at - 1].register == register { return open[at - 1] }
            at -= 1
        }
        let made = LuaUpvalue(register: register, heap: heap)
        open.insert(made, at: at)
        return made
    }

    @inline(never)
    private func makeClosure(_ i: LuaInstruction, _ w: LuaWindow) throws(LuaError) {
        save(w)
        let frame = frames[depth - 1]
        guard case .closure(let outer) = registers[frame.function] else { return }
        let code = outer.code.functions[Int(i.c)]
        var upvalues: [LuaUpvalue] = []
        upvalues.reserveCapacity(code.upvalues.count)
        for wanted in code.upvalues {
            upvalues.append(wanted.isLocal ? capture(frame.base + wanted.index) : outer.upvalues[wanted.index])
        }
        w.r[Int(i.a)] = .closure(LuaClosure(code: code, upvalues: upvalues, heap: heap))
        try checkMemory()
    }
}
