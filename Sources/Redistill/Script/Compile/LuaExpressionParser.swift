/// Expressions.
extension LuaCompiler {
    mutating func expression() throws(LuaSyntaxError) -> LuaExpression {
        try subexpression(above: 0)
    }

    /// An expression of operators that bind more strongly than `limit`.
    private mutating func subexpression(above limit: Int) throws(LuaSyntaxError) -> LuaExpression {
        try enter()
        var e: LuaExpression
        if let op = unary {
            try lexer.next()
            e = try subexpression(above: LuaUnary.priority)
            try prefix(op, &e)
        } else {
            e = try simple()
        }
        while let op = LuaBinary(lexer.current), op.priority.left > limit {
            try lexer.next()
            try infix(op, &e)
            var right = try subexpression(above: op.priority.right)
            try combine(op, &e, &right)
        }
        leave()
        return e
    }

    private var unary: LuaUnary? {
        if token == .not { return .not }
        if lexer.current.is("-") { return .negate }
        return lexer.current.is("#") ? .length : nil
    }

    private mutating func simple() throws(LuaSyntaxError) -> LuaExpression {
        let e: LuaExpression
        switch token {
        case .number: e = LuaExpression(number: lexer.current.number)
        case .string: e = LuaExpression(.constant, function.string(lexer.current.bytes))
        case .nil: e = LuaExpression(.nil)
        case .true: e = LuaExpression(.true)
        case .false: e = LuaExpression(.false)
        case .dots:
            guard function.hasVarargs else { throw lexer.syntaxError("cannot use '...' outside a vararg function") }
            function.needsArg = false
            e = LuaExpression(.varargs, emit(.varargs, 0, 1, 0))
        case .function:
            try lexer.next()
            return try body(isMethod: false, line: line)
        default:
            return lexer.current.is("{") ? try constructor() : try primary()
        }
        try lexer.next()
        return e
    }

    // MARK: Variables and calls

    mutating func variable() throws(LuaSyntaxError) -> LuaExpression {
        let name = try name()
        if let found = try find(name, in: function, isBase: true) { return found }
        if let known = LuaRefusals.names[name] { throw refusal(known) }
        return LuaExpression(.global, function.string(name))
    }

    /// The local or upvalue of a name; nil for a global.
    private func find(
        _ name: [UInt8], in builder: LuaFunctionBuilder, isBase: Bool
    ) throws(LuaSyntaxError) -> LuaExpression? {
        if let register = builder.register(named: name) {
            if !isBase { builder.markCaptured(register) }
            return LuaExpression(.local, register)
        }
        guard let parent = builder.parent, let outer = try find(name, in: parent, isBase: false) else { return nil }
        guard let index = builder.upvalue(named: name, isLocal: outer.kind == .local, index: outer.info) else {
            throw lexer.error("function at line \(builder.line) has more than 60 upvalues")
        }
        return LuaExpression(.upvalue, index)
    }

    func refusal(_ what: String) -> LuaSyntaxError {
        lexer.error("'\(what)' is not available in scripts of this server")
    }

    private mutating func prefixed() throws(LuaSyntaxError) -> LuaExpression {
        if lexer.current.is("(") {
            let start = line
            try lexer.next()
            var e = try expression()
            try expect(")", toClose: "(", at: start, isNext: lexer.current.is(")"))
            discharge(&e)
            return e
        }
        guard token == .name else { throw lexer.syntaxError("unexpected symbol") }
        return try variable()
    }

    mutating func primary() throws(LuaSyntaxError) -> LuaExpression {
        var e = try prefixed()
        while true {
            if lexer.current.is(".") {
                try field(&e)
            } else if lexer.current.is("[") {
                try toAnyRegister(&e)
                var key = try bracketed()
                try index(&e, &key)
            } else if lexer.current.is(":") {
                try lexer.next()
                var key = LuaExpression(.constant, function.string(try name()))
                try method(&e, &key)
                try arguments(&e)
            } else if token == .string || lexer.current.is("(") || lexer.current.is("{") {
                try toNextRegister(&e)
                try arguments(&e)
            } else {
                return e
            }
        }
    }

    mutating func field(_ e: inout LuaExpression) throws(LuaSyntaxError) {
        let isLibrary = e.kind == .global && function.constants[e.info] == .string(LuaRefusals.library)
        try toAnyRegister(&e)
        try lexer.next()
        let name = try name()
        if isLibrary, name == LuaRefusals.function { throw refusal("string.dump") }
        var key = LuaExpression(.constant, function.string(name))
        try index(&e, &key)
    }

    private mutating func bracketed() throws(LuaSyntaxError) -> LuaExpression {
        try lexer.next()
        var e = try expression()
        try toValue(&e)
        try expect("]")
        return e
    }

    private mutating func arguments(_ e: inout LuaExpression) throws(LuaSyntaxError) {
        let start = line
        var last = LuaExpression(.void)
        if lexer.current.is("(") {
            if start != lexer.lastLine {
                throw lexer.syntaxError("ambiguous syntax (function call x new statement)")
            }
            try lexer.next()
            if !lexer.current.is(")") {
                last = try expressions().last
                if last.hasManyValues { try setReturns(last, -1) }
            }
            try expect(")", toClose: "(", at: start, isNext: lexer.current.is(")"))
        } else if lexer.current.is("{") {
            last = try constructor()
        } else if token == .string {
            last = LuaExpression(.constant, function.string(lexer.current.bytes))
            try lexer.next()
        } else {
            throw lexer.syntaxError("function arguments expected")
        }
        let base = e.info
        var count = -1
        if !last.hasManyValues {
            if last.kind != .void { try toNextRegister(&last) }
            count = function.free - (base + 1)
        }
        e = LuaExpression(.call, emit(.call, base, count + 1, 2))
        function.lines[e.info] = Int32(clamping: start)
        function.free = base + 1
    }

    /// A list of expressions: all but the last in registers.
    mutating func expressions() throws(LuaSyntaxError) -> (last: LuaExpression, count: Int) {
        var count = 1
        var e = try expression()
        while try accept(",") {
            try toNextRegister(&e)
            e = try expression()
            count += 1
        }
        return (e, count)
    }

    // MARK: Tables

    mutating func constructor() throws(LuaSyntaxError) -> LuaExpression {
        let start = line
        let made = emit(.newTable, 0, 0, 0)
        var table = LuaExpression(.relocatable, made)
        try toNextRegister(&table)
        var items = LuaConstructor(table: table.info)
        try expect("{")
        repeat {
            if lexer.current.is("}") { break }
            try close(&items)
            if token == .name {
                if try lexer.lookAhead().is("=") { try record(&items) } else { try item(&items) }
            } else if lexer.current.is("[") {
                try record(&items)
            } else {
                try item(&items)
            }
        } while try acceptSeparator()
        try expect("}", toClose: "{", at: start, isNext: lexer.current.is("}"))
        try closeLast(&items)
        function.code[made].b = UInt16(truncatingIfNeeded: LuaConstructor.rounded(items.listed))
        function.code[made].c = Int32(truncatingIfNeeded: LuaConstructor.rounded(items.named))
        return table
    }

    private mutating func acceptSeparator() throws(LuaSyntaxError) -> Bool {
        if try accept(",") { return true }
        return try accept(";")
    }

    private mutating func record(_ items: inout LuaConstructor) throws(LuaSyntaxError) {
        let free = function.free
        var key = token == .name ? LuaExpression(.constant, function.string(try name())) : try bracketed()
        items.named += 1
        try expect("=")
        let operand = try toOperand(&key)
        var value = try expression()
        emit(.setTable, items.table, operand, try toOperand(&value))
        function.free = free
    }

    private mutating func item(_ items: inout LuaConstructor) throws(LuaSyntaxError) {
        items.last = try expression()
        items.listed += 1
        items.pending += 1
    }

    private func close(_ items: inout LuaConstructor) throws(LuaSyntaxError) {
        if items.last.kind == .void { return }
        try toNextRegister(&items.last)
        items.last.kind = .void
        if items.pending == LuaConstructor.flush {
            setList(items, items.pending)
            items.pending = 0
        }
    }

    private func closeLast(_ items: inout LuaConstructor) throws(LuaSyntaxError) {
        if items.pending == 0 { return }
        if items.last.hasManyValues {
            try setReturns(items.last, -1)
            setList(items, -1)
            items.listed -= 1
        } else {
            if items.last.kind != .void { try toNextRegister(&items.last) }
            setList(items, items.pending)
        }
    }

    private func setList(_ items: LuaConstructor, _ count: Int) {
        let before = (items.listed - 1) / LuaConstructor.flush * LuaConstructor.flush
        emit(.setList, items.table, count == -1 ? 0 : count, before)
        function.free = items.table + 1
    }
}

/// A table constructor while it is read.
struct LuaConstructor {
    /// The table's register.
    let table: Int
    var last = LuaExpression(.void)
    var named = 0
    var listed = 0
    /// Values in registers that are not in the table yet.
    var pending = 0

    /// So many values are stored at once.
    static let flush = 50

    init(table: Int) {
        self.table = table
    }

    /// The room that is made for so many: with three significant bits, as Lua's instructions hold it.
    static func rounded(_ count: Int) -> Int {
        var mantissa = count
        var shift = 0
        while mantissa >= 16 {
            mantissa = (mantissa + 1) >> 1
            shift += 1
        }
        return min(mantissa << shift, 50_000)
    }
}
