internal import Glibc

/// Operators between two values.
enum LuaBinary {
    case add, subtract, multiply, divide, modulo, power, concat
    case equal, notEqual, less, lessEqual, greater, greaterEqual
    case and, or

    /// How strongly it binds what is left and right of it.
    var priority: (left: Int, right: Int) {
        switch self {
        case .add, .subtract: (6, 6)
        case .multiply, .divide, .modulo: (7, 7)
        case .power: (10, 9)
        case .concat: (5, 4)
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: (3, 3)
        case .and: (2, 2)
        case .or: (1, 1)
        }
    }

    init?(_ lexeme: LuaLexeme) {
        switch lexeme.token {
        case .and: self = .and
        case .or: self = .or
        case .concat: self = .concat
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .lessEqual: self = .lessEqual
        case .greaterEqual: self = .greaterEqual
        case .character: self.init(lexeme.character)
        default: return nil
        }
    }

    private init?(_ c: UInt8) {
        switch c {
        case 43: self = .add
        case 45: self = .subtract
        case 42: self = .multiply
        case 47: self = .divide
        case 37: self = .modulo
        case 94: self = .power
        case 60: self = .less
        case 62: self = .greater
        default: return nil
        }
    }
}

/// Operators on one value.
enum LuaUnary {
    case negate, not, length

    static let priority = 8
}

/// Code for operators.
extension LuaCompiler {
    // MARK: Conditions

    private func conditionalJump(_ op: LuaOpcode, _ a: Int, _ b: Int, _ c: Int) -> Int {
        emit(op, a, b, c)
        return function.jump(line: lexer.lastLine)
    }

    private func jumpIf(_ e: inout LuaExpression, _ condition: Bool) throws(LuaSyntaxError) -> Int {
        if e.kind == .relocatable {
            let test = function.code[e.info]
            if test.op == .not, e.info == function.pc - 1 {
                function.code.removeLast()
                function.lines.removeLast()
                return conditionalJump(.test, Int(test.b), 0, condition ? 0 : 1)
            }
        }
        try dischargeAnywhere(&e)
        release(e)
        return conditionalJump(.testSet, 255, e.info, condition ? 1 : 0)
    }

    private func dischargeAnywhere(_ e: inout LuaExpression) throws(LuaSyntaxError) {
        if e.kind == .register { return }
        try reserve(1)
        discharge(&e, to: function.free - 1)
    }

    private func invert(_ e: LuaExpression) {
        let at = function.control(of: e.info)
        function.code[at].a = function.code[at].a == 0 ? 1 : 0
    }

    /// Goes on where the expression is true and jumps where it is false.
    func goIfTrue(_ e: inout LuaExpression) throws(LuaSyntaxError) {
        discharge(&e)
        let jump: Int
        switch e.kind {
        case .constant, .number, .true: jump = -1
        case .jump:
            invert(e)
            jump = e.info
        default: jump = try jumpIf(&e, false)
        }
        e.whenFalse = function.join(e.whenFalse, jump)
        function.patchToHere(e.whenTrue)
        e.whenTrue = -1
    }

    private func goIfFalse(_ e: inout LuaExpression) throws(LuaSyntaxError) {
        discharge(&e)
        let jump: Int
        switch e.kind {
        case .nil, .false: jump = -1
        case .jump: jump = e.info
        default: jump = try jumpIf(&e, true)
        }
        e.whenTrue = function.join(e.whenTrue, jump)
        function.patchToHere(e.whenFalse)
        e.whenFalse = -1
    }

    private func negateTruth(_ e: inout LuaExpression) throws(LuaSyntaxError) {
        discharge(&e)
        switch e.kind {
        case .nil, .false: e.kind = .true
        case .constant, .number, .true: e.kind = .false
        case .jump: invert(e)
        default:
            try dischargeAnywhere(&e)
            release(e)
            e.info = emit(.not, 0, e.info, 0)
            e.kind = .relocatable
        }
        (e.whenTrue, e.whenFalse) = (e.whenFalse, e.whenTrue)
        function.removeValues(e.whenFalse)
        function.removeValues(e.whenTrue)
    }

    // MARK: Operators

    func prefix(_ op: LuaUnary, _ e: inout LuaExpression) throws(LuaSyntaxError) {
        switch op {
        case .not: try negateTruth(&e)
        case .negate:
            if e.isNumeral, !e.number.isNaN {
                e.number = -e.number
                return
            }
            try toAnyRegister(&e)
            release(e)
            e = LuaExpression(.relocatable, emit(.negate, 0, e.info, 0))
        case .length:
            try toAnyRegister(&e)
            release(e)
            e = LuaExpression(.relocatable, emit(.length, 0, e.info, 0))
        }
    }

    /// After the left side was read.
    func infix(_ op: LuaBinary, _ e: inout LuaExpression) throws(LuaSyntaxError) {
        switch op {
        case .and: try goIfTrue(&e)
        case .or: try goIfFalse(&e)
        case .concat: try toNextRegister(&e)
        case .add, .subtract, .multiply, .divide, .modulo, .power:
            if !e.isNumeral { _ = try toOperand(&e) }
        default: _ = try toOperand(&e)
        }
    }

    /// After the right side was read, too.
    func combine(
        _ op: LuaBinary, _ left: inout LuaExpression, _ right: inout LuaExpression
    ) throws(LuaSyntaxError) {
        switch op {
        case .and:
            discharge(&right)
            right.whenFalse = function.join(right.whenFalse, left.whenFalse)
            left = right
        case .or:
            discharge(&right)
            right.whenTrue = function.join(right.whenTrue, left.whenTrue)
            left = right
        case .concat: try concat(&left, &right)
        case .add: try arithmetic(.add, &left, &right)
        case .subtract: try arithmetic(.subtract, &left, &right)
        case .multiply: try arithmetic(.multiply, &left, &right)
        case .divide: try arithmetic(.divide, &left, &right)
        case .modulo: try arithmetic(.modulo, &left, &right)
        case .power: try arithmetic(.power, &left, &right)
        case .equal: try compare(.equal, true, &left, &right)
        case .notEqual: try compare(.equal, false, &left, &right)
        case .less: try compare(.less, true, &left, &right)
        case .lessEqual: try compare(.lessEqual, true, &left, &right)
        case .greater: try compare(.less, true, &left, &right, isSwapped: true)
        case .greaterEqual: try compare(.lessEqual, true, &left, &right, isSwapped: true)
        }
    }

    private func concat(_ left: inout LuaExpression, _ right: inout LuaExpression) throws(LuaSyntaxError) {
        try toValue(&right)
        if right.kind == .relocatable, function.code[right.info].op == .concat {
            release(left)
            function.code[right.info].b = UInt16(left.info)
            left.kind = .relocatable
            left.info = right.info
        } else {
            try toNextRegister(&right)
            try arithmetic(.concat, &left, &right)
        }
    }

    private func releaseBoth(_ left: LuaExpression, _ right: LuaExpression, _ b: Int, _ c: Int) {
        // The higher one first: registers are a stack.
        if b > c {
            release(left)
            release(right)
        } else {
            release(right)
            release(left)
        }
    }

    private func arithmetic(
        _ op: LuaOpcode, _ left: inout LuaExpression, _ right: inout LuaExpression
    ) throws(LuaSyntaxError) {
        if left.isNumeral, right.isNumeral, let folded = fold(op, left.number, right.number) {
            left.number = folded
            return
        }
        let c = op == .concat ? right.info : try toOperand(&right)
        let b = op == .concat ? left.info : try toOperand(&left)
        releaseBoth(left, right, b, c)
        left = LuaExpression(.relocatable, emit(op, 0, b, c))
    }

    private func fold(_ op: LuaOpcode, _ a: Double, _ b: Double) -> Double? {
        let result: Double
        switch op {
        case .add: result = a + b
        case .subtract: result = a - b
        case .multiply: result = a * b
        case .divide where b != 0: result = a / b
        case .modulo where b != 0: result = LuaNumber.modulo(a, b)
        case .power: result = pow(a, b)
        default: return nil
        }
        return result.isNaN ? nil : result
    }

    private func compare(
        _ op: LuaOpcode, _ condition: Bool, _ left: inout LuaExpression, _ right: inout LuaExpression,
        isSwapped: Bool = false
    ) throws(LuaSyntaxError) {
        var b = try toOperand(&left)
        var c = try toOperand(&right)
        releaseBoth(left, right, b, c)
        if isSwapped { swap(&b, &c) }
        left = LuaExpression(.jump, conditionalJump(op, condition ? 1 : 0, b, c))
    }
}
