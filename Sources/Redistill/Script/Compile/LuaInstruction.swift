/// What an instruction does. `R` is a register, `K` a constant, `RK` either: from 256 on they are constants.
enum LuaOpcode: UInt8 {
    /// R(a) := R(b)
    case move
    /// R(a) := K(c)
    case loadConstant
    /// R(a) := b != 0, then skips one if c
    case loadBoolean
    /// R(a) ... R(b) := nil
    case loadNil
    /// R(a) := upvalue b
    case getUpvalue
    /// R(a) := globals[K(c)]
    case getGlobal
    /// R(a) := R(b)[RK(c)]
    case getTable
    /// globals[K(c)] := R(a)
    case setGlobal
    /// upvalue b := R(a)
    case setUpvalue
    /// R(a)[RK(b)] := RK(c)
    case setTable
    /// R(a) := a table for b in its array and c in its hash
    case newTable
    /// R(a + 1) := R(b), R(a) := R(b)[RK(c)]
    case method
    case add, subtract, multiply, divide, modulo, power
    case negate, not, length
    /// R(a) := R(b) .. ... .. R(c)
    case concat
    /// Goes on c behind the next.
    case jump
    /// Skips one unless (RK(b) == RK(c)) == a
    case equal, less, lessEqual
    /// Skips one unless R(a) is as true as c
    case test
    /// R(a) := R(b) if R(b) is as true as c, else skips one
    case testSet
    /// R(a) ... := R(a)(R(a + 1) ...): b - 1 arguments, c - 1 results; zero: up to the top
    case call
    case tailCall
    /// Returns R(a) ...: b - 1 values; zero: up to the top
    case `return`
    case forLoop
    case forPrepare
    /// R(a + 3) ... := R(a)(R(a + 1), R(a + 2)): c results; skips one at the end
    case forEach
    /// R(a)[c + i] := R(a + i) for i in 1 ... b; zero: up to the top
    case setList
    /// Moves the variables from R(a) on out of the registers.
    case close
    /// R(a) := a closure of function c
    case closure
    /// R(a) ... := the variable arguments: b - 1 of them; zero: all
    case varargs
}

/// One step of the machine, in eight bytes.
struct LuaInstruction {
    var op: LuaOpcode
    var a: UInt8
    var b: UInt16
    var c: Int32

    init(_ op: LuaOpcode, _ a: Int, _ b: Int, _ c: Int) {
        self.op = op
        self.a = UInt8(truncatingIfNeeded: a)
        self.b = UInt16(truncatingIfNeeded: b)
        self.c = Int32(truncatingIfNeeded: c)
    }

    /// From here on an operand names a constant.
    static let firstConstant = 256
    /// The last constant that fits `b`.
    static let lastShortConstant = 65_535 - firstConstant
}
