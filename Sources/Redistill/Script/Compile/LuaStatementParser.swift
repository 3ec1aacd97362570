/// Statements.
extension LuaCompiler {
    mutating func chunk() throws(LuaSyntaxError) {
        try enter()
        var isLast = false
        while !isLast, !endsBlock {
            isLast = try statement()
            _ = try accept(";")
            function.free = function.active.count
        }
        leave()
    }

    private var endsBlock: Bool {
        switch token {
        case .else, .elseif, .end, .until, .endOfSource: true
        default: false
        }
    }

    mutating func block() throws(LuaSyntaxError) {
        openBlock(isLoop: false)
        try chunk()
        closeBlock()
    }

    /// True when it must be the last of its block.
    private mutating func statement() throws(LuaSyntaxError) -> Bool {
        let start = line
        switch token {
        case .if: try ifStatement(start)
        case .while: try whileStatement(start)
        case .do:
            try lexer.next()
            try block()
            try expect("end", toClose: "do", at: start, isNext: token == .end)
        case .for: try forStatement(start)
        case .repeat: try repeatStatement(start)
        case .function: try functionStatement(start)
        case .local:
            try lexer.next()
            if try accept(.function) { try localFunction() } else { try localStatement() }
        case .return:
            try returnStatement()
            return true
        case .break:
            try lexer.next()
            try breakStatement()
            return true
        default: try expressionStatement()
        }
        return false
    }

    // MARK: Conditions and loops

    /// The jumps that are taken when the condition is false.
    private mutating func condition() throws(LuaSyntaxError) -> Int {
        var e = try expression()
        if e.kind == .nil { e.kind = .false }
        try goIfTrue(&e)
        return e.whenFalse
    }

    private func jump() -> Int {
        function.jump(line: lexer.lastLine)
    }

    private mutating func testThenBlock() throws(LuaSyntaxError) -> Int {
        try lexer.next()
        let exit = try condition()
        try expect(.then)
        try block()
        return exit
    }

    private mutating func ifStatement(_ start: Int) throws(LuaSyntaxError) {
        var escapes = -1
        var falseList = try testThenBlock()
        while token == .elseif {
            escapes = function.join(escapes, jump())
            function.patchToHere(falseList)
            falseList = try testThenBlock()
        }
        if token == .else {
            escapes = function.join(escapes, jump())
            function.patchToHere(falseList)
            try lexer.next()
            try block()
        } else {
            escapes = function.join(escapes, falseList)
        }
        function.patchToHere(escapes)
        try expect("end", toClose: "if", at: start, isNext: token == .end)
    }

    private mutating func whileStatement(_ start: Int) throws(LuaSyntaxError) {
        try lexer.next()
        let begin = function.label()
        let exit = try condition()
        openBlock(isLoop: true)
        try expect(.do)
        try block()
        function.patch(jump(), to: begin)
        try expect("end", toClose: "while", at: start, isNext: token == .end)
        closeBlock()
        function.patchToHere(exit)
    }

    private mutating func repeatStatement(_ start: Int) throws(LuaSyntaxError) {
        let begin = function.label()
        openBlock(isLoop: true)
        openBlock(isLoop: false)
        try lexer.next()
        try chunk()
        try expect("until", toClose: "repeat", at: start, isNext: token == .until)
        let exit = try condition()
        if function.blocks.last?.hasCaptured == true {
            try breakStatement()
            function.patchToHere(exit)
            closeBlock()
            function.patch(jump(), to: begin)
        } else {
            closeBlock()
            function.patch(exit, to: begin)
        }
        closeBlock()
    }

    private mutating func breakStatement() throws(LuaSyntaxError) {
        guard let loop = function.blocks.lastIndex(where: \.isLoop) else {
            throw lexer.syntaxError("no loop to break")
        }
        if function.blocks[(loop + 1)...].contains(where: \.hasCaptured) {
            emit(.close, function.blocks[loop].firstLocal, 0, 0)
        }
        let made = jump()
        function.blocks[loop].breaks = function.join(function.blocks[loop].breaks, made)
    }

    private mutating func forStatement(_ start: Int) throws(LuaSyntaxError) {
        openBlock(isLoop: true)
        try lexer.next()
        let first = try name()
        if lexer.current.is("=") {
            try numericFor(first, start)
        } else if lexer.current.is(",") || token == .in {
            try genericFor(first)
        } else {
            throw lexer.syntaxError("'=' or 'in' expected")
        }
        try expect("end", toClose: "for", at: start, isNext: token == .end)
        closeBlock()
    }

    private mutating func declareHidden(_ names: [String]) throws(LuaSyntaxError) {
        for (place, name) in names.enumerated() { try declare(Array(name.utf8), place) }
    }

    private mutating func inNextRegister() throws(LuaSyntaxError) {
        var e = try expression()
        try toNextRegister(&e)
    }

    private mutating func numericFor(_ name: [UInt8], _ start: Int) throws(LuaSyntaxError) {
        let base = function.free
        try declareHidden(["(for index)", "(for limit)", "(for step)"])
        try declare(name, 3)
        try expect("=")
        try inNextRegister()
        try expect(",")
        try inNextRegister()
        if try accept(",") {
            try inNextRegister()
        } else {
            emit(.loadConstant, function.free, 0, function.constant(.number(1.0.bitPattern)))
            try reserve(1)
        }
        try forBody(base, start, 1, isNumeric: true)
    }

    private mutating func genericFor(_ name: [UInt8]) throws(LuaSyntaxError) {
        let base = function.free
        try declareHidden(["(for generator)", "(for state)", "(for control)"])
        try declare(name, 3)
        var count = 4
        while try accept(",") {
            try declare(try self.name(), count)
            count += 1
        }
        try expect(.in)
        let start = line
        var list = try expressions()
        try adjust(3, list.count, &list.last)
        try reserve(3)
        function.free -= 3
        try forBody(base, start, count - 3, isNumeric: false)
    }

    private mutating func forBody(
        _ base: Int, _ start: Int, _ variables: Int, isNumeric: Bool
    ) throws(LuaSyntaxError) {
        // The hidden ones were declared before the visible ones, which come into scope inside.
        try expectDo(variables)
        let prepare = isNumeric ? emit(.forPrepare, base, 0, -1) : jump()
        openBlock(isLoop: false)
        activate(variables)
        try reserve(variables)
        try block()
        closeBlock()
        function.patchToHere(prepare)
        let end = isNumeric ? emit(.forLoop, base, 0, -1) : emit(.forEach, base, 0, variables)
        function.lines[end] = Int32(clamping: start)
        function.patch(isNumeric ? end : jump(), to: prepare + 1)
    }

    private mutating func expectDo(_ variables: Int) throws(LuaSyntaxError) {
        let last = function.locals.count - variables
        for index in (last - 3)..<last {
            function.locals[index].start = function.pc
            function.active.append(index)
        }
        try expect(.do)
    }

    // MARK: Functions

    mutating func body(isMethod: Bool, line start: Int) throws(LuaSyntaxError) -> LuaExpression {
        openFunction(line: start)
        try expect("(")
        if isMethod {
            try declare(Array("self".utf8), 0)
            activate(1)
        }
        try parameters()
        try expect(")")
        try chunk()
        try expect("end", toClose: "function", at: start, isNext: token == .end)
        let built = closeFunction()
        function.functions.append(built)
        return LuaExpression(.relocatable, emit(.closure, 0, 0, function.functions.count - 1))
    }

    private mutating func parameters() throws(LuaSyntaxError) {
        var count = 0
        if !lexer.current.is(")") {
            repeat {
                if token == .name {
                    try declare(try name(), count)
                } else if try accept(.dots) {
                    try declare(Array("arg".utf8), count)
                    function.hasVarargs = true
                    function.needsArg = true
                } else {
                    throw lexer.syntaxError("<name> or '...' expected")
                }
                count += 1
                if function.hasVarargs { break }
            } while try accept(",")
        }
        activate(count)
        function.parameters = function.active.count - (function.hasVarargs ? 1 : 0)
        try reserve(function.active.count)
    }

    private mutating func functionStatement(_ start: Int) throws(LuaSyntaxError) {
        try lexer.next()
        var target = try variable()
        var isMethod = false
        while lexer.current.is(".") { try field(&target) }
        if lexer.current.is(":") {
            isMethod = true
            try field(&target)
        }
        var value = try body(isMethod: isMethod, line: start)
        try store(target, &value)
        function.lines[function.pc - 1] = Int32(clamping: start)
    }

    private mutating func localFunction() throws(LuaSyntaxError) {
        try declare(try name(), 0)
        let target = LuaExpression(.local, function.free)
        try reserve(1)
        activate(1)
        var value = try body(isMethod: false, line: line)
        try store(target, &value)
        if let index = function.active.last { function.locals[index].start = function.pc }
    }

    private mutating func returnStatement() throws(LuaSyntaxError) {
        try lexer.next()
        var first = 0
        var count = 0
        if !endsBlock, !lexer.current.is(";") {
            var list = try expressions()
            count = list.count
            if list.last.hasManyValues {
                try setReturns(list.last, -1)
                if list.last.kind == .call, count == 1 { function.code[list.last.info].op = .tailCall }
                first = function.active.count
                count = -1
            } else if count == 1 {
                first = try toAnyRegister(&list.last)
            } else {
                try toNextRegister(&list.last)
                first = function.active.count
            }
        }
        emit(.return, first, count + 1, 0)
    }
}
