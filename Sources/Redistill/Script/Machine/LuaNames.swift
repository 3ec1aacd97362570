/// Where something went wrong, and what the script calls the value that it went wrong with.
extension LuaMachine {
    // MARK: Errors

    /// An error of the running function, with its place when a script wrote it.
    @inline(never)
    func failure(_ message: String) -> LuaError {
        failure(Array(message.utf8))
    }

    func failure(_ message: [UInt8]) -> LuaError {
        let place = depth > 0 && !frames[depth - 1].isNative ? position(ofFrame: depth - 1) : []
        return LuaError(value: .string(LuaString.make(place + message, in: heap)))
    }

    /// An error of a library: its place is where the library was called.
    @inline(never)
    func libraryFailure(_ message: [UInt8]) -> LuaError {
        LuaError(value: .string(LuaString.make(position(level: 1) + message, in: heap)))
    }

    /// - Parameter place: Where the value stands, for its name.
    @inline(never)
    func typeError(
        _ value: LuaValue, _ action: String, at place: UnsafeMutablePointer<LuaValue>? = nil
    ) -> LuaError {
        let type = value.typeName.description
        guard let place, depth > 0, !frames[depth - 1].isNative,
            let name = name(ofRegister: place - registers - frames[depth - 1].base, inFrame: depth - 1)
        else { return failure("attempt to \(action) a \(type) value") }
        let shown = Array("attempt to \(action) \(name.kind) '".utf8) + name.name
        return failure(shown + Array("' (a \(type) value)".utf8))
    }

    func orderError(_ left: LuaValue, _ right: LuaValue) -> LuaError {
        let (first, second) = (left.typeName.description, right.typeName.description)
        if first == second { return failure("attempt to compare two \(first) values") }
        return failure("attempt to compare \(first) with \(second)")
    }

    // MARK: Places

    /// The line that a frame is at; nil for functions of libraries.
    func line(ofFrame frame: Int) -> Int? {
        guard let code = code(ofFrame: frame), let pc = frames[frame].pc else { return nil }
        let at = pc - code.instructions - 1
        guard at >= 0, at < code.prototype.lines.count else { return nil }
        return Int(code.prototype.lines[at])
    }

    private func code(ofFrame frame: Int) -> LuaCode? {
        guard frame >= 0, frame < depth, case .closure(let closure) = registers[frames[frame].function] else {
            return nil
        }
        return closure.code
    }

    private func position(ofFrame frame: Int) -> [UInt8] {
        guard let line = line(ofFrame: frame), let code = code(ofFrame: frame) else { return [] }
        return Array("\(code.prototype.chunk):\(line): ".utf8)
    }

    /// The place of the function `level` calls above the running one, where that is known.
    func position(level: Int) -> [UInt8] {
        guard let frame = frame(level: level) else { return [] }
        return position(ofFrame: frame)
    }

    /// The frame `level` calls up; nil when there is none, or when it is gone by a tail call.
    func frame(level: Int) -> Int? {
        var level = level
        var frame = depth - 1
        while level > 0, frame >= 0 {
            level -= 1
            if !frames[frame].isNative { level -= frames[frame].tailCalls }
            frame -= 1
        }
        return level == 0 && frame >= 0 ? frame : nil
    }

    // MARK: Names

    /// How the running function of a library was called: by what kind of name, and by which.
    var calledName: (kind: String, name: [UInt8])? {
        let caller = depth - 2
        guard caller >= 0, let code = code(ofFrame: caller), let pc = frames[caller].pc else { return nil }
        let at = pc - code.instructions - 1
        guard at >= 0 else { return nil }
        let instruction = code.prototype.code[at]
        switch instruction.op {
        case .call, .tailCall, .forEach: return name(ofRegister: Int(instruction.a), inFrame: caller)
        default: return nil
        }
    }

    private func name(ofRegister register: Int, inFrame frame: Int) -> (kind: String, name: [UInt8])? {
        guard let code = code(ofFrame: frame), let pc = frames[frame].pc, register >= 0 else { return nil }
        let prototype = code.prototype
        guard register < prototype.registers else { return nil }
        return prototype.name(ofRegister: register, at: pc - code.instructions - 1)
    }
}

extension LuaPrototype {
    /// What the script calls the value in a register.
    func name(ofRegister register: Int, at pc: Int) -> (kind: String, name: [UInt8])? {
        if let name = localName(register: register, at: pc) { return ("local", name) }
        let source = lastChange(of: register, before: pc)
        switch source.op {
        case .getGlobal: return ("global", text(Int(source.c)))
        case .move where source.b < UInt16(source.a): return name(ofRegister: Int(source.b), at: pc)
        case .getTable: return ("field", operandText(Int(source.c)))
        case .getUpvalue: return ("upvalue", upvalues[Int(source.b)].name)
        case .method: return ("method", operandText(Int(source.c)))
        default: return nil
        }
    }

    private func text(_ constant: Int) -> [UInt8] {
        if case .string(let bytes) = constants[constant] { return Array(bytes.prefix { $0 != 0 }) }
        return [63]
    }

    private func operandText(_ operand: Int) -> [UInt8] {
        operand < LuaInstruction.firstConstant ? [63] : text(operand - LuaInstruction.firstConstant)
    }

    /// The instruction before `end` that last wrote a register, by a walk that takes forward jumps.
    private func lastChange(of register: Int, before end: Int) -> LuaInstruction {
        var last = code.count - 1
        var pc = 0
        while pc < end {
            let i = code[pc]
            if i.writes(register) { last = pc }
            if i.op == .jump || i.op == .forLoop || i.op == .forPrepare {
                let target = pc + 1 + Int(i.c)
                if pc < target, target <= end { pc += Int(i.c) }
            }
            pc += 1
        }
        return code[last]
    }
}

extension LuaInstruction {
    /// Whether it changes a register.
    fileprivate func writes(_ register: Int) -> Bool {
        let target = Int(a)
        switch op {
        case .setGlobal, .setUpvalue, .setTable, .jump, .equal, .less, .lessEqual, .return, .setList, .close:
            return false
        case .loadNil: return register >= target && register <= Int(b)
        case .method: return register == target || register == target + 1
        case .forEach: return register >= target + 2
        case .call, .tailCall: return register >= target
        default: return register == target
        }
    }
}
