/// Reads a source from its beginning to its end once and writes code for it as it goes.
///
/// Registers and the order of instructions are those of Lua 5.1's own compiler: which name an error gives to a value
/// follows from them.
struct LuaCompiler {
    var lexer: LuaLexer
    var function: LuaFunctionBuilder
    /// How deep statements and expressions lie in each other.
    var depth = 0

    static let depthLimit = 200
    static let localLimit = 200
    static let registerLimit = 250

    private init(lexer: LuaLexer) {
        self.lexer = lexer
        function = LuaFunctionBuilder(parent: nil, line: 0, hasVarargs: true)
    }

    /// - Parameters:
    ///   - start: Where the first line begins, or ends, when it isn't part of the language.
    ///   - chunk: What errors call the source.
    static func compile(_ source: [UInt8], from start: Int, chunk: String) throws(LuaSyntaxError) -> LuaPrototype {
        var compiler = LuaCompiler(lexer: LuaLexer(source: source, from: start, chunk: chunk))
        compiler.openBlock(isLoop: false)
        try compiler.lexer.next()
        try compiler.chunk()
        try compiler.check(.endOfSource)
        return compiler.closeFunction()
    }

    // MARK: Tokens

    var token: LuaToken { lexer.current.token }
    var line: Int { lexer.line }

    mutating func accept(_ token: LuaToken) throws(LuaSyntaxError) -> Bool {
        guard lexer.current.token == token else { return false }
        try lexer.next()
        return true
    }

    mutating func accept(_ c: Character) throws(LuaSyntaxError) -> Bool {
        guard lexer.current.is(c) else { return false }
        try lexer.next()
        return true
    }

    func check(_ token: LuaToken) throws(LuaSyntaxError) {
        guard lexer.current.token == token else { throw lexer.syntaxError("'\(token.spelling)' expected") }
    }

    mutating func expect(_ c: Character) throws(LuaSyntaxError) {
        guard lexer.current.is(c) else { throw lexer.syntaxError("'\(c)' expected") }
        try lexer.next()
    }

    mutating func expect(_ token: LuaToken) throws(LuaSyntaxError) {
        try check(token)
        try lexer.next()
    }

    /// The word that ends what `opening` began.
    mutating func expect(
        _ closing: String, toClose opening: String, at start: Int, isNext: Bool
    ) throws(LuaSyntaxError) {
        guard isNext else {
            if start == line { throw lexer.syntaxError("'\(closing)' expected") }
            throw lexer.syntaxError("'\(closing)' expected (to close '\(opening)' at line \(start))")
        }
        try lexer.next()
    }

    mutating func name() throws(LuaSyntaxError) -> [UInt8] {
        try check(.name)
        let bytes = lexer.current.bytes
        try lexer.next()
        return bytes
    }

    mutating func enter() throws(LuaSyntaxError) {
        depth += 1
        if depth > LuaCompiler.depthLimit { throw lexer.error("chunk has too many syntax levels") }
    }

    mutating func leave() {
        depth -= 1
    }

    func limitError(_ limit: Int, _ what: String) -> LuaSyntaxError {
        let place = function.line == 0 ? "main function" : "function at line \(function.line)"
        return lexer.error("\(place) has more than \(limit) \(what)")
    }

    // MARK: Functions and blocks

    mutating func openFunction(line: Int) {
        function = LuaFunctionBuilder(parent: function, line: line, hasVarargs: false)
        openBlock(isLoop: false)
    }

    mutating func closeFunction() -> LuaPrototype {
        removeLocals(from: 0)
        function.emit(.return, 0, 1, 0, line: lexer.lastLine)
        let built = LuaPrototype(function, chunk: lexer.chunk)
        if let parent = function.parent { function = parent }
        return built
    }

    mutating func openBlock(isLoop: Bool) {
        function.blocks.append(LuaBlock(isLoop: isLoop, firstLocal: function.active.count))
    }

    mutating func closeBlock() {
        guard let block = function.blocks.popLast() else { return }
        removeLocals(from: block.firstLocal)
        if block.hasCaptured { emit(.close, block.firstLocal, 0, 0) }
        function.free = function.active.count
        function.patchToHere(block.breaks)
    }

    // MARK: Locals

    /// A local that is declared but not in scope before `activate`.
    mutating func declare(_ name: [UInt8], _ place: Int) throws(LuaSyntaxError) {
        guard function.active.count + place < LuaCompiler.localLimit else {
            throw limitError(LuaCompiler.localLimit, "local variables")
        }
        function.locals.append(LuaLocal(name: name, start: 0, end: 0))
    }

    /// The last `count` that were declared come into scope.
    mutating func activate(_ count: Int) {
        for index in (function.locals.count - count)..<function.locals.count {
            function.locals[index].start = function.pc
            function.active.append(index)
        }
    }

    mutating func removeLocals(from level: Int) {
        while function.active.count > level {
            guard let index = function.active.popLast() else { return }
            function.locals[index].end = function.pc
        }
    }

    @discardableResult
    func emit(_ op: LuaOpcode, _ a: Int, _ b: Int, _ c: Int) -> Int {
        function.emit(op, a, b, c, line: lexer.lastLine)
    }
}
