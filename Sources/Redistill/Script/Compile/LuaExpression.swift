/// An expression whose value need not stand in a register yet.
struct LuaExpression {
    enum Kind {
        case void, `nil`, `true`, `false`
        /// Constant `info`.
        case constant
        /// `number`.
        case number
        /// Register `info`.
        case local
        /// Upvalue `info`.
        case upvalue
        /// Constant `info` names it.
        case global
        /// Register `info`, indexed by the operand `aux`.
        case indexed
        /// The jump at `info`.
        case jump
        /// The instruction at `info` has no target register yet.
        case relocatable
        /// Register `info`, a temporary.
        case register
        /// The instruction at `info` gives any number of values.
        case call, varargs
    }

    var kind: Kind
    var info = 0
    var aux = 0
    var number = 0.0
    /// Jumps taken when it is true, and when it is false.
    var whenTrue = -1
    var whenFalse = -1

    init(_ kind: Kind, _ info: Int = 0) {
        self.kind = kind
        self.info = info
    }

    init(number: Double) {
        kind = .number
        self.number = number
    }

    var hasJumps: Bool { whenTrue != whenFalse }
    var hasManyValues: Bool { kind == .call || kind == .varargs }
    var isNumeral: Bool { kind == .number && whenTrue == -1 && whenFalse == -1 }
}
