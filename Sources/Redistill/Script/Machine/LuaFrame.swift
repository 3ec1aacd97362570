/// A function that is running, or waits for one that it called.
struct LuaFrame {
    /// Where the function itself stands among the registers; what it was called with follows.
    var function: Int
    /// Its first register.
    var base: Int
    /// The next instruction; nil for a function of a library.
    var pc: UnsafeMutablePointer<LuaInstruction>?
    /// How many results are wanted; -1 for all.
    var wanted: Int
    /// Functions that called this one as their last act, and are gone.
    var tailCalls = 0
    /// A function of a library called it, and gets control when it returns.
    var isEntry = false

    var isNative: Bool { pc == nil }
}

/// What the running function sees: its next instruction, its registers, its constants.
struct LuaWindow {
    var pc: UnsafeMutablePointer<LuaInstruction>
    var r: UnsafeMutablePointer<LuaValue>
    var k: UnsafeMutablePointer<LuaValue>

    /// A register, or a constant from 256 on.
    @inline(__always)
    func operand(_ x: Int) -> UnsafeMutablePointer<LuaValue> {
        x < LuaInstruction.firstConstant ? r + x : k + (x - LuaInstruction.firstConstant)
    }

    @inline(__always)
    func b(_ i: LuaInstruction) -> UnsafeMutablePointer<LuaValue> { operand(Int(i.b)) }

    @inline(__always)
    func c(_ i: LuaInstruction) -> UnsafeMutablePointer<LuaValue> { operand(Int(i.c)) }

    /// Writes a number, without a look at what was there if that was one, too.
    @inline(__always)
    func setNumber(_ a: UInt8, _ value: Double) {
        let target = r + Int(a)
        if case .number = target.pointee {
            target.initialize(to: .number(value))
        } else {
            target.pointee = .number(value)
        }
    }
}
