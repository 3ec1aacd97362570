/// Looks once through compiled code for what the machine relies on: it does not check operands while it runs.
///
/// Of each instruction: its registers are the function's own, constants, upvalues and inner functions exist, jumps stay
/// within the code, and code does not run off its end. Values "up to the top" are used by the instruction behind the
/// one that left them, and by no other, and begin behind the first register that it takes. So whatever is accepted reads
/// and writes nothing but registers of its own and the values that it was given.
struct LuaVerifier {
    private let prototype: LuaPrototype
    private let registers: Int
    /// Instructions that are reached from elsewhere than the one before.
    private var isTarget: [Bool]

    /// Whether the machine may run the function and those in it.
    static func accepts(_ main: LuaPrototype) -> Bool {
        main.upvalues.isEmpty && acceptsAll(main)
    }

    private static func acceptsAll(_ prototype: LuaPrototype) -> Bool {
        var verifier = LuaVerifier(prototype)
        return verifier.isSound && prototype.functions.allSatisfy { acceptsAll($0) }
    }

    private init(_ prototype: LuaPrototype) {
        self.prototype = prototype
        registers = prototype.registers
        isTarget = Array(repeating: false, count: prototype.code.count)
    }

    private var isSound: Bool {
        mutating get {
            let code = prototype.code
            guard let last = code.last, last.op == .return, prototype.lines.count == code.count,
                registers <= LuaCompiler.registerLimit, prototype.parameters >= 0,
                prototype.parameters + (prototype.hasVarargs ? 1 : 0) <= registers
            else { return false }
            for (pc, i) in code.enumerated() {
                guard isSound(i) else { return false }
                for target in LuaPrototype.jumps(of: i, at: pc) {
                    guard code.indices.contains(target) else { return false }
                    isTarget[target] = true
                }
            }
            return code.indices.allSatisfy { hasItsValues($0) }
        }
    }

    // MARK: Operands

    private func isRegister(_ index: Int) -> Bool { index >= 0 && index < registers }

    /// `count` registers from `first` on. None is as good as any.
    private func areRegisters(_ first: Int, _ count: Int) -> Bool {
        count <= 0 ? first <= registers : first >= 0 && first + count <= registers
    }

    private func isConstant(_ index: Int) -> Bool { prototype.constants.indices.contains(index) }

    private func isName(_ index: Int) -> Bool {
        guard isConstant(index), case .string = prototype.constants[index] else { return false }
        return true
    }

    private func isOperand(_ operand: Int) -> Bool {
        operand < LuaInstruction.firstConstant
            ? isRegister(operand) : isConstant(operand - LuaInstruction.firstConstant)
    }

    private func isSound(_ i: LuaInstruction) -> Bool {
        let a = Int(i.a)
        let b = Int(i.b)
        let c = Int(i.c)
        switch i.op {
        case .move, .testSet, .negate, .not, .length: return isRegister(a) && isRegister(b)
        case .loadConstant: return isRegister(a) && isConstant(c)
        case .loadBoolean, .test: return isRegister(a)
        case .loadNil: return a <= b && isRegister(b)
        case .getUpvalue, .setUpvalue: return isRegister(a) && prototype.upvalues.indices.contains(b)
        case .getGlobal, .setGlobal: return isRegister(a) && isName(c)
        case .getTable: return isRegister(a) && isRegister(b) && isOperand(c)
        case .setTable: return isRegister(a) && isOperand(b) && isOperand(c)
        case .newTable: return isRegister(a) && c >= 0 && c <= 50_000
        case .method: return areRegisters(a, 2) && isRegister(b) && isOperand(c)
        case .add, .subtract, .multiply, .divide, .modulo, .power:
            return isRegister(a) && isOperand(b) && isOperand(c)
        case .concat: return isRegister(a) && b < c && isRegister(c)
        case .equal, .less, .lessEqual: return isOperand(b) && isOperand(c)
        case .jump: return true
        case .call: return areRegisters(a, max(1, b)) && c >= 0 && areRegisters(a, c - 1)
        case .tailCall: return areRegisters(a, max(1, b))
        case .return: return areRegisters(a, b - 1)
        case .forLoop, .forPrepare: return areRegisters(a, 4)
        case .forEach: return c >= 1 && areRegisters(a, max(6, 3 + c))
        case .setList: return areRegisters(a, b + 1) && c >= 0
        case .close: return isRegister(a)
        case .closure: return isRegister(a) && isFunction(c)
        case .varargs: return prototype.hasVarargs && isRegister(a) && areRegisters(a, b - 1)
        }
    }

    private func isFunction(_ index: Int) -> Bool {
        guard prototype.functions.indices.contains(index) else { return false }
        return prototype.functions[index].upvalues.allSatisfy {
            $0.isLocal ? isRegister($0.index) : prototype.upvalues.indices.contains($0.index)
        }
    }

    // MARK: Values up to the top

    /// Whether the values that an instruction takes up to the top were left by the one before it, whichever way it is
    /// reached.
    private func hasItsValues(_ pc: Int) -> Bool {
        let i = prototype.code[pc]
        let first: Int
        switch i.op {
        case .call, .tailCall, .setList: first = Int(i.a) + 1
        case .return: first = Int(i.a)
        default: return true
        }
        guard i.b == 0 else { return true }
        guard pc > 0, !isTarget[pc] else { return false }
        let before = prototype.code[pc - 1]
        switch before.op {
        case .call: return before.c == 0 && Int(before.a) >= first
        case .tailCall: return Int(before.a) >= first
        case .varargs: return before.b == 0 && Int(before.a) >= first
        default: return false
        }
    }
}
