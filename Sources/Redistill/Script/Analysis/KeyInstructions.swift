/// What each instruction does to what is known.
extension KeyFlow {
    /// False when it could let KEYS or the calling of commands get away.
    ///
    /// - Parameter open: The values up to the top that the instruction before left.
    mutating func perform(_ i: LuaInstruction, _ open: KeyOpenValues?) -> Bool {
        let a = Int(i.a)
        let b = Int(i.b)
        let c = Int(i.c)
        switch i.op {
        case .move: set(a, fact(b))
        case .loadConstant: set(a, constant(c))
        case .loadBoolean, .newTable, .not: set(a, .plain)
        case .loadNil: for register in stride(from: a, through: b, by: 1) { set(register, .nothing) }
        case .getUpvalue:
            guard function.upvalues.indices.contains(b) else { return false }
            set(a, analysis.fact(function.upvalues[b]))
        case .setUpvalue:
            guard function.upvalues.indices.contains(b) else { return false }
            analysis.add(fact(a), to: function.upvalues[b])
        case .getGlobal: return getGlobal(a, c)
        case .setGlobal: return !fact(a).isDelicate
        case .getTable: return getTable(a, fact(b), operand(c))
        case .setTable: return !fact(a).isDelicate && !operand(b).isDelicate && !operand(c).isDelicate
        case .method: return method(a, fact(b), operand(c))
        case .add, .subtract, .multiply, .divide, .modulo, .power:
            return produce(a, !operand(b).isDelicate && !operand(c).isDelicate)
        case .negate: return produce(a, !fact(b).isDelicate)
        case .length: return produce(a, fact(b) == .keys || !fact(b).isDelicate)
        case .concat: return produce(a, stride(from: b, through: c, by: 1).allSatisfy { !fact($0).isDelicate })
        case .equal, .less, .lessEqual: return !operand(b).isDelicate && !operand(c).isDelicate
        case .forPrepare: return prepare(a)
        case .setList: return setList(a, b, open)
        case .call, .tailCall: return call(i, open)
        case .return: return giveBack(a, b, open)
        case .forEach: return forEach(a, c)
        case .closure: return closure(a, c)
        case .close: close(from: a)
        case .varargs: varargs(a, b)
        case .jump, .test, .testSet, .forLoop: break
        }
        return true
    }

    private mutating func produce(_ register: Int, _ isHarmless: Bool) -> Bool {
        set(register, .plain)
        return isHarmless
    }

    // MARK: Tables

    private mutating func getGlobal(_ a: Int, _ c: Int) -> Bool {
        guard case .name(let name) = constant(c), let global = KeyFact.global(analysis.text(name)) else { return false }
        set(a, global)
        return true
    }

    private mutating func getTable(_ a: Int, _ table: KeyFact, _ key: KeyFact) -> Bool {
        if key.isDelicate { return false }
        switch table {
        case .keys: set(a, .key)
        case .redis:
            // Which function it is must be known.
            guard case .name(let name) = key else { return false }
            let isCommand = ["call", "pcall"].contains { $0.utf8.elementsEqual(analysis.text(name)) }
            set(a, isCommand ? .command : .plain)
        case .library(let library):
            guard case .name(let name) = key else { return produce(a, true) }
            set(a, library.function(analysis.text(name)))
        default: return produce(a, !table.isDelicate)
        }
        return true
    }

    private mutating func method(_ a: Int, _ object: KeyFact, _ key: KeyFact) -> Bool {
        if object.isDelicate || key.isDelicate { return false }
        set(a + 1, object)
        set(a, .plain)
        return true
    }

    private func setList(_ a: Int, _ b: Int, _ open: KeyOpenValues?) -> Bool {
        guard !fact(a).isDelicate, let values = values(from: a + 1, b == 0 ? nil : b, open) else { return false }
        return values.areHarmless
    }

    // MARK: Loops and returns

    private mutating func prepare(_ a: Int) -> Bool {
        guard (a..<(a + 3)).allSatisfy({ !fact($0).isDelicate }) else { return false }
        for register in a..<(a + 3) { set(register, .plain) }
        return true
    }

    private func giveBack(_ a: Int, _ b: Int, _ open: KeyOpenValues?) -> Bool {
        guard let values = values(from: a, b == 0 ? nil : b - 1, open) else { return false }
        return values.areHarmless
    }

    private mutating func forEach(_ a: Int, _ c: Int) -> Bool {
        let (walker, walked, control) = (fact(a), fact(a + 1), fact(a + 2))
        if walker.isDelicate || control.isDelicate { return false }
        var element = KeyFact.plain
        if walked.isDelicate {
            guard walker == .step, walked == .keys else { return false }
            element = .key
        }
        for index in 0..<c { set(a + 3 + index, index == 1 ? element : .plain) }
        forget(from: a + 3 + c)
        return true
    }

    // MARK: Closures and arguments

    private mutating func closure(_ a: Int, _ c: Int) -> Bool {
        guard function.prototype.functions.indices.contains(c) else { return false }
        for wanted in function.prototype.functions[c].upvalues where wanted.isLocal { capture(wanted.index) }
        set(a, .plain)
        return true
    }

    private mutating func varargs(_ a: Int, _ b: Int) {
        if b == 0 {
            forget(from: a)
            state.open = KeyOpenValues(first: a, fact: .plain)
        } else {
            for index in 0..<(b - 1) { set(a + index, .plain) }
        }
    }

    /// Values that stand in registers from `first` on.
    ///
    /// - Parameter count: Nil for all up to the top; then the result is nil where the top is not known.
    func values(from first: Int, _ count: Int?, _ open: KeyOpenValues?) -> KeyValues? {
        if let count { return KeyValues(fixed: (0..<max(0, count)).map { fact(first + $0) }, rest: nil) }
        guard let open, open.first >= first else { return nil }
        return KeyValues(fixed: (first..<open.first).map { fact($0) }, rest: open.fact)
    }
}

/// Arguments or results: some that are counted, then perhaps any number of one kind.
struct KeyValues {
    let fixed: [KeyFact]
    let rest: KeyFact?

    var areHarmless: Bool {
        !fixed.contains { $0.isDelicate } && rest?.isDelicate != true
    }

    subscript(index: Int) -> KeyFact {
        index < fixed.count ? fixed[index] : rest ?? .nothing
    }
}
