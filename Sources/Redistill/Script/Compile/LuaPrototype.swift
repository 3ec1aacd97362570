/// A constant of a function.
enum LuaConstant: Hashable, Sendable {
    case `nil`
    case boolean(Bool)
    /// By its bits, so that zero and minus zero are two.
    case number(UInt64)
    case string([UInt8])
}

/// Where a closure finds a variable when it is made.
struct LuaCapture: Sendable {
    /// In a register of the function around it, or among that one's own upvalues.
    let isLocal: Bool
    let index: Int
    let name: [UInt8]
}

/// A local variable with the instructions in which it lives.
struct LuaLocal: Sendable {
    let name: [UInt8]
    var start: Int
    var end: Int
}

/// A compiled function: what all machines share.
final class LuaPrototype: Sendable {
    let code: [LuaInstruction]
    let lines: [Int32]
    let constants: [LuaConstant]
    let functions: [LuaPrototype]
    let upvalues: [LuaCapture]
    let locals: [LuaLocal]
    let parameters: Int
    let hasVarargs: Bool
    /// Old scripts find their variable arguments in a table named `arg`.
    let needsArg: Bool
    let registers: Int
    let chunk: String

    init(_ builder: LuaFunctionBuilder, chunk: String) {
        code = builder.code
        lines = builder.lines
        constants = builder.constants
        functions = builder.functions
        upvalues = builder.upvalues
        locals = builder.locals
        parameters = builder.parameters
        hasVarargs = builder.hasVarargs
        needsArg = builder.needsArg
        registers = builder.registers
        self.chunk = chunk
    }

    /// The local variable that register holds at an instruction.
    func localName(register: Int, at pc: Int) -> [UInt8]? {
        var left = register
        for local in locals {
            if local.start > pc { return nil }
            guard pc < local.end else { continue }
            if left == 0 { return local.name }
            left -= 1
        }
        return nil
    }
}

/// A prototype as one machine has it: with constants that are its own.
///
/// What each call asks for is copied: to hold the prototype itself would count references in memory that all threads
/// write.
final class LuaCode {
    let prototype: LuaPrototype
    let parameters: Int
    let hasVarargs: Bool
    let needsArg: Bool
    let registers: Int
    let upvalues: [LuaCapture]
    let instructions: UnsafeMutablePointer<LuaInstruction>
    let constants: UnsafeMutablePointer<LuaValue>
    let functions: [LuaCode]

    init(_ prototype: LuaPrototype, heap: LuaHeap) {
        self.prototype = prototype
        parameters = prototype.parameters
        hasVarargs = prototype.hasVarargs
        needsArg = prototype.needsArg
        registers = prototype.registers
        upvalues = prototype.upvalues.map { $0 }
        instructions = .allocate(capacity: prototype.code.count)
        instructions.initialize(from: prototype.code, count: prototype.code.count)
        constants = .allocate(capacity: max(1, prototype.constants.count))
        for (index, constant) in prototype.constants.enumerated() {
            (constants + index).initialize(to: LuaCode.value(constant, heap))
        }
        functions = prototype.functions.map { LuaCode($0, heap: heap) }
    }

    deinit {
        instructions.deallocate()
        constants.deinitialize(count: prototype.constants.count)
        constants.deallocate()
    }

    private static func value(_ constant: LuaConstant, _ heap: LuaHeap) -> LuaValue {
        switch constant {
        case .nil: .nilValue
        case .boolean(let value): .boolean(value)
        case .number(let bits): .number(Double(bitPattern: bits))
        case .string(let bytes): .string(heap.name(bytes))
        }
    }
}
