/// A function while it is compiled: its code so far, its variables, and which registers are taken.
final class LuaFunctionBuilder {
    let parent: LuaFunctionBuilder?
    /// The line of its first word; 0 for the script itself.
    let line: Int
    var code: [LuaInstruction] = []
    var lines: [Int32] = []
    private(set) var constants: [LuaConstant] = []
    private var constantIndex: [LuaConstant: Int] = [:]
    var functions: [LuaPrototype] = []
    private(set) var upvalues: [LuaCapture] = []
    private var upvalueIndex: [[UInt8]: Int] = [:]
    var locals: [LuaLocal] = []
    /// The locals in scope, as indices into `locals`; their places here are their registers.
    var active: [Int] = []
    var parameters = 0
    var hasVarargs: Bool
    var needsArg = false
    var registers = 2
    /// The first register that is free.
    var free = 0
    var blocks: [LuaBlock] = []
    /// The last instruction that a jump goes behind: nothing may be merged with what is before it.
    var lastTarget = -1
    /// Jumps to the next instruction that is written.
    var pending = -1

    init(parent: LuaFunctionBuilder?, line: Int, hasVarargs: Bool) {
        self.parent = parent
        self.line = line
        self.hasVarargs = hasVarargs
    }

    func constant(_ value: LuaConstant) -> Int {
        // Lua 5.1 takes zero and minus zero for one: whichever came first.
        let key = value == .number((-0.0).bitPattern) ? .number(0) : value
        if let known = constantIndex[key] { return known }
        constants.append(value)
        constantIndex[key] = constants.count - 1
        return constants.count - 1
    }

    func string(_ bytes: [UInt8]) -> Int { constant(.string(bytes)) }

    /// The register of the local in scope with this name.
    func register(named name: [UInt8]) -> Int? {
        active.lastIndex { locals[$0].name == name }
    }

    /// The upvalue of this name, made if need be; nil when there are too many.
    func upvalue(named name: [UInt8], isLocal: Bool, index: Int) -> Int? {
        if let known = upvalueIndex[name], upvalues[known].isLocal == isLocal, upvalues[known].index == index {
            return known
        }
        for (at, upvalue) in upvalues.enumerated() where upvalue.isLocal == isLocal && upvalue.index == index {
            return at
        }
        guard upvalues.count < 60 else { return nil }
        upvalues.append(LuaCapture(isLocal: isLocal, index: index, name: name))
        upvalueIndex[name] = upvalues.count - 1
        return upvalues.count - 1
    }

    /// Says that a closure takes the variable in this register, so that its block has to close it.
    func markCaptured(_ register: Int) {
        guard let block = blocks.lastIndex(where: { $0.firstLocal <= register }) else { return }
        blocks[block].hasCaptured = true
    }
}

/// A block of a function while it is compiled.
struct LuaBlock {
    let isLoop: Bool
    /// How many locals were there before it.
    let firstLocal: Int
    /// Jumps of its `break`s.
    var breaks = -1
    var hasCaptured = false
}
