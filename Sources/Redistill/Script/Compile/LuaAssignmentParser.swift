/// Declarations, assignments, and calls that stand by themselves.
extension LuaCompiler {
    mutating func localStatement() throws(LuaSyntaxError) {
        var count = 0
        repeat {
            try declare(try name(), count)
            count += 1
        } while try accept(",")
        // Functions among the values declare locals of their own elsewhere, so these stay the last of this function.
        var list = (last: LuaExpression(.void), count: 0)
        if try accept("=") { list = try expressions() }
        try adjust(count, list.count, &list.last)
        activate(count)
    }

    /// Makes as many values of the expressions as there are variables.
    func adjust(_ variables: Int, _ expressions: Int, _ last: inout LuaExpression) throws(LuaSyntaxError) {
        var extra = variables - expressions
        if last.hasManyValues {
            extra = max(0, extra + 1)
            try setReturns(last, extra)
            if extra > 1 { try reserve(extra - 1) }
            return
        }
        if last.kind != .void { try toNextRegister(&last) }
        if extra > 0 {
            let register = function.free
            try reserve(extra)
            emitNil(register, extra)
        }
    }

    mutating func expressionStatement() throws(LuaSyntaxError) {
        let e = try primary()
        if e.kind == .call {
            function.code[e.info].c = 1
        } else {
            try assignment([e])
        }
    }

    private mutating func assignment(_ first: [LuaExpression]) throws(LuaSyntaxError) {
        var targets = first
        try checkTarget(targets[0])
        while try accept(",") {
            let target = try primary()
            if target.kind == .local { try saveLocal(target, &targets) }
            guard targets.count <= LuaCompiler.depthLimit - depth else {
                throw limitError(LuaCompiler.depthLimit - depth, "variables in assignment")
            }
            targets.append(target)
            try checkTarget(target)
        }
        try expect("=")
        var list = try expressions()
        if list.count == targets.count {
            setOneReturn(&list.last)
            try store(targets[targets.count - 1], &list.last)
            targets.removeLast()
        } else {
            try adjust(targets.count, list.count, &list.last)
            if list.count > targets.count { function.free -= list.count - targets.count }
        }
        for target in targets.reversed() {
            var value = LuaExpression(.register, function.free - 1)
            try store(target, &value)
        }
    }

    private func checkTarget(_ e: LuaExpression) throws(LuaSyntaxError) {
        switch e.kind {
        case .local, .upvalue, .global, .indexed: return
        default: throw lexer.syntaxError("syntax error")
        }
    }

    /// A local that is assigned to and was used to index an earlier target: that one takes a copy.
    private func saveLocal(_ local: LuaExpression, _ targets: inout [LuaExpression]) throws(LuaSyntaxError) {
        let copy = function.free
        var isUsed = false
        for index in targets.indices where targets[index].kind == .indexed {
            if targets[index].info == local.info {
                targets[index].info = copy
                isUsed = true
            }
            if targets[index].aux == local.info {
                targets[index].aux = copy
                isUsed = true
            }
        }
        guard isUsed else { return }
        emit(.move, copy, local.info, 0)
        try reserve(1)
    }
}
