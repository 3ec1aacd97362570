/// From expressions to registers.
extension LuaCompiler {
    // MARK: Registers

    func reserve(_ count: Int) throws(LuaSyntaxError) {
        let needed = function.free + count
        if needed > function.registers {
            guard needed < LuaCompiler.registerLimit else {
                throw lexer.syntaxError("function or expression too complex")
            }
            function.registers = needed
        }
        function.free = needed
    }

    private func release(_ operand: Int) {
        if operand < LuaInstruction.firstConstant, operand >= function.active.count { function.free -= 1 }
    }

    func release(_ e: LuaExpression) {
        if e.kind == .register { release(e.info) }
    }

    // MARK: Values

    func setReturns(_ e: LuaExpression, _ count: Int) throws(LuaSyntaxError) {
        if e.kind == .call {
            function.code[e.info].c = Int32(count + 1)
        } else if e.kind == .varargs {
            function.code[e.info].b = UInt16(truncatingIfNeeded: count + 1)
            function.code[e.info].a = UInt8(truncatingIfNeeded: function.free)
            try reserve(1)
        }
    }

    func setOneReturn(_ e: inout LuaExpression) {
        if e.kind == .call {
            e.kind = .register
            e.info = Int(function.code[e.info].a)
        } else if e.kind == .varargs {
            function.code[e.info].b = 2
            e.kind = .relocatable
        }
    }

    /// Makes of a variable the value that it has.
    func discharge(_ e: inout LuaExpression) {
        switch e.kind {
        case .local: e.kind = .register
        case .upvalue:
            e.info = emit(.getUpvalue, 0, e.info, 0)
            e.kind = .relocatable
        case .global:
            e.info = emit(.getGlobal, 0, 0, e.info)
            e.kind = .relocatable
        case .indexed:
            release(e.aux)
            release(e.info)
            e.info = emit(.getTable, 0, e.info, e.aux)
            e.kind = .relocatable
        case .call, .varargs: setOneReturn(&e)
        default: break
        }
    }

    /// Puts a value into a register, jumps aside.
    func discharge(_ e: inout LuaExpression, to register: Int) {
        discharge(&e)
        switch e.kind {
        case .nil: emitNil(register, 1)
        case .false, .true: emit(.loadBoolean, register, e.kind == .true ? 1 : 0, 0)
        case .constant: emit(.loadConstant, register, 0, e.info)
        case .number: emit(.loadConstant, register, 0, function.constant(.number(e.number.bitPattern)))
        case .relocatable: function.code[e.info].a = UInt8(truncatingIfNeeded: register)
        case .register: if register != e.info { emit(.move, register, e.info, 0) }
        default: return
        }
        e.info = register
        e.kind = .register
    }

    func emitNil(_ from: Int, _ count: Int) {
        if function.pc > function.lastTarget, function.pending == -1, let last = function.code.last,
            last.op == .loadNil {
            let first = Int(last.a)
            let end = Int(last.b)
            if first <= from, from <= end + 1 {
                if from + count - 1 > end { function.code[function.pc - 1].b = UInt16(from + count - 1) }
                return
            }
        }
        emit(.loadNil, from, from + count - 1, 0)
    }

    private func toRegister(_ e: inout LuaExpression, _ register: Int) {
        discharge(&e, to: register)
        if e.kind == .jump { e.whenTrue = function.join(e.whenTrue, e.info) }
        if e.hasJumps {
            var falseAt = -1
            var trueAt = -1
            if function.needsValue(e.whenTrue) || function.needsValue(e.whenFalse) {
                let past = e.kind == .jump ? -1 : function.jump(line: lexer.lastLine)
                _ = function.label()
                falseAt = emit(.loadBoolean, register, 0, 1)
                _ = function.label()
                trueAt = emit(.loadBoolean, register, 1, 0)
                function.patchToHere(past)
            }
            let end = function.label()
            function.patch(e.whenFalse, values: end, register: register, defaults: falseAt)
            function.patch(e.whenTrue, values: end, register: register, defaults: trueAt)
        }
        e.whenTrue = -1
        e.whenFalse = -1
        e.info = register
        e.kind = .register
    }

    func toNextRegister(_ e: inout LuaExpression) throws(LuaSyntaxError) {
        discharge(&e)
        release(e)
        try reserve(1)
        toRegister(&e, function.free - 1)
    }

    @discardableResult
    func toAnyRegister(_ e: inout LuaExpression) throws(LuaSyntaxError) -> Int {
        discharge(&e)
        if e.kind == .register {
            if !e.hasJumps { return e.info }
            if e.info >= function.active.count {
                toRegister(&e, e.info)
                return e.info
            }
        }
        try toNextRegister(&e)
        return e.info
    }

    func toValue(_ e: inout LuaExpression) throws(LuaSyntaxError) {
        if e.hasJumps { try toAnyRegister(&e) } else { discharge(&e) }
    }

    /// A register, or a constant where one fits.
    func toOperand(_ e: inout LuaExpression) throws(LuaSyntaxError) -> Int {
        try toValue(&e)
        let constant: LuaConstant
        switch e.kind {
        case .number: constant = .number(e.number.bitPattern)
        case .true: constant = .boolean(true)
        case .false: constant = .boolean(false)
        case .nil: constant = .nil
        case .constant:
            if e.info <= LuaInstruction.lastShortConstant { return e.info + LuaInstruction.firstConstant }
            return try toAnyRegister(&e)
        default: return try toAnyRegister(&e)
        }
        guard function.constants.count <= LuaInstruction.lastShortConstant else { return try toAnyRegister(&e) }
        e.info = function.constant(constant)
        e.kind = .constant
        return e.info + LuaInstruction.firstConstant
    }

    func store(_ variable: LuaExpression, _ value: inout LuaExpression) throws(LuaSyntaxError) {
        switch variable.kind {
        case .local:
            release(value)
            toRegister(&value, variable.info)
            return
        case .upvalue:
            let register = try toAnyRegister(&value)
            emit(.setUpvalue, register, variable.info, 0)
        case .global:
            let register = try toAnyRegister(&value)
            emit(.setGlobal, register, 0, variable.info)
        case .indexed:
            let operand = try toOperand(&value)
            emit(.setTable, variable.info, variable.aux, operand)
        default: break
        }
        release(value)
    }

    /// `e:key`: the function and, behind it, what it is called on.
    func method(_ e: inout LuaExpression, _ key: inout LuaExpression) throws(LuaSyntaxError) {
        try toAnyRegister(&e)
        release(e)
        let at = function.free
        try reserve(2)
        let operand = try toOperand(&key)
        emit(.method, at, e.info, operand)
        release(key)
        e.info = at
        e.kind = .register
    }

    func index(_ table: inout LuaExpression, _ key: inout LuaExpression) throws(LuaSyntaxError) {
        table.aux = try toOperand(&key)
        table.kind = .indexed
    }
}
