/// Goes through one function in all ways that it could take, and says whether all that it does is known.
struct KeyFlow {
    let analysis: KeyAnalysis
    let own: Int
    let function: KeyFunction
    private let code: [LuaInstruction]
    /// What is known at the beginning of each straight piece of code.
    private var entries: [KeyState?]
    private var isEntry: [Bool]
    private var waiting: [Int] = []
    var state: KeyState

    init(_ analysis: KeyAnalysis, _ own: Int) {
        self.analysis = analysis
        self.own = own
        function = analysis.functions[own]
        code = function.prototype.code
        entries = Array(repeating: nil, count: code.count)
        isEntry = Array(repeating: false, count: code.count)
        // Registers hold what others left in them, until they are written.
        state = KeyState(facts: Array(repeating: .mixed, count: function.prototype.registers))
        let given = function.prototype.parameters + (function.prototype.hasVarargs ? 1 : 0)
        for register in 0..<min(given, state.facts.count) { state.facts[register] = .plain }
    }

    /// False when it does something that is not known to be harmless.
    mutating func run() -> Bool {
        guard findEntries(), arrive(0) else { return false }
        while let start = waiting.popLast() {
            guard let entry = entries[start] else { continue }
            state = entry
            var pc = start
            while true {
                analysis.budget -= 1
                guard analysis.budget > 0, pc < code.count else { return false }
                let i = code[pc]
                let open = state.open
                state.open = nil
                guard perform(i, open), let goesOn = follow(i, pc) else { return false }
                guard goesOn else { break }
                pc += 1
                guard pc < code.count else { return false }
                if isEntry[pc] {
                    guard arrive(pc) else { return false }
                    break
                }
            }
        }
        return true
    }

    /// Marks the instructions that can be reached from elsewhere than the one before.
    private mutating func findEntries() -> Bool {
        guard !code.isEmpty else { return false }
        isEntry[0] = true
        for (pc, i) in code.enumerated() {
            for target in LuaPrototype.jumps(of: i, at: pc) {
                guard code.indices.contains(target) else { return false }
                isEntry[target] = true
            }
        }
        return true
    }

    /// What is known now is so at `pc`, too.
    private mutating func arrive(_ pc: Int) -> Bool {
        guard code.indices.contains(pc) else { return false }
        guard var known = entries[pc] else {
            analysis.budget -= state.facts.count >> 3
            entries[pc] = state
            waiting.append(pc)
            return true
        }
        analysis.budget -= state.facts.count >> 3
        if known.join(state) {
            entries[pc] = known
            waiting.append(pc)
        }
        return true
    }

    /// Goes on behind an instruction: whether it goes on with the next; nil when that leads nowhere.
    private mutating func follow(_ i: LuaInstruction, _ pc: Int) -> Bool? {
        switch i.op {
        case .return: return false
        case .jump, .forPrepare: return arrive(pc + 1 + Int(i.c)) ? false : nil
        case .forLoop:
            let before = state
            set(Int(i.a) + 3, .plain)
            guard arrive(pc + 1 + Int(i.c)) else { return nil }
            state = before
            return true
        case .loadBoolean where i.c != 0: return arrive(pc + 2) ? false : nil
        case .equal, .less, .lessEqual, .test: return arrive(pc + 2) ? true : nil
        case .testSet:
            guard arrive(pc + 2) else { return nil }
            set(Int(i.a), fact(Int(i.b)))
            return true
        case .forEach:
            guard arrive(pc + 2) else { return nil }
            set(Int(i.a) + 2, fact(Int(i.a) + 3))
            return true
        default: return true
        }
    }

    // MARK: Registers

    func fact(_ register: Int) -> KeyFact {
        guard register < state.facts.count else { return .mixed }
        let fact = state.facts[register]
        return state.captured[register] ? fact.joined(analysis.fact(cell(register))) : fact
    }

    mutating func set(_ register: Int, _ fact: KeyFact) {
        guard register < state.facts.count else { return }
        state.facts[register] = fact
        if state.captured[register] { analysis.add(fact, to: cell(register)) }
    }

    /// A register, or a constant.
    func operand(_ operand: Int) -> KeyFact {
        operand < LuaInstruction.firstConstant ? fact(operand) : constant(operand - LuaInstruction.firstConstant)
    }

    func constant(_ index: Int) -> KeyFact {
        guard function.strings.indices.contains(index) else { return .mixed }
        return function.strings[index].map { .name($0) } ?? .plain
    }

    private func cell(_ register: Int) -> KeyCell { KeyCell(function: own, register: register) }

    /// The registers from here on were used by others.
    mutating func forget(from register: Int) {
        for index in stride(from: register, to: state.facts.count, by: 1) { set(index, .mixed) }
    }

    mutating func capture(_ register: Int) {
        guard register < state.facts.count else { return }
        analysis.add(fact(register), to: cell(register))
        state.captured[register] = true
    }

    /// Closures have the variables from here on for themselves.
    mutating func close(from register: Int) {
        if state.captured.isEmpty { return }
        for index in stride(from: register, to: state.facts.count, by: 1) where state.captured[index] {
            state.facts[index] = fact(index)
            state.captured[index] = false
        }
    }
}

extension LuaPrototype {
    /// Where an instruction may go other than to the next.
    static func jumps(of i: LuaInstruction, at pc: Int) -> [Int] {
        switch i.op {
        case .jump, .forLoop, .forPrepare: [pc + 1 + Int(i.c)]
        case .loadBoolean where i.c != 0: [pc + 2]
        case .equal, .less, .lessEqual, .test, .testSet, .forEach: [pc + 2]
        default: []
        }
    }
}
